terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "url" { type = string }
variable "accounts" { type = list(string) }
variable "concurrent" { type = number }

provider "wechat" {
  base_url                = var.url
  ca_certificate_file     = "../authority.pem"
  exec                    = { command = "cat", args = ["../tokens.json"], batch = true }
  max_concurrent_requests = var.concurrent
}

data "wechat_open_accounts" "all" {
  appids = var.accounts
}
