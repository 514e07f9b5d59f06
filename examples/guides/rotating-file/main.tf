terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "tokens" {
  description = "The folder in which another program keeps one file for each account, named by its appid."
  type        = string
  default     = "/run/wechat-tokens"
}

provider "wechat" {
  access_token_file = "${var.tokens}/{appid}"
}

locals {
  accounts = {
    official_account = "wx1000000000000001"
    shop             = "wx1000000000000002"
  }
}

data "wechat_open_account" "tea" {
  for_each = local.accounts

  appid = each.value
}

output "tea" {
  value = { for name, account in data.wechat_open_account.tea : name => account.open_appid }
}
