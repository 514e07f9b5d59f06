terraform {
  required_providers {
    empty = { source = "terraform.local/bench/empty" }
  }
}

variable "accounts" { type = map(string) }

data "empty_account" "each" {
  for_each = var.accounts

  appid = each.key
}
