terraform {
  required_providers {
    empty = { source = "terraform.local/bench/empty" }
  }
}

variable "accounts" { type = list(string) }

data "empty_authorizers" "all" {
  appids = var.accounts
}
