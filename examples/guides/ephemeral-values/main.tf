terraform {
  required_version = ">= 1.10.0" # ephemeral variables; OpenTofu has them from 1.11

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "access_tokens" {
  description = "From appid to authorizer access token. A saved plan does not keep it: give it to apply as well."
  type        = map(string)
  ephemeral   = true
}

provider "wechat" {
  access_tokens = var.access_tokens
}

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

data "wechat_open_account" "books" {
  appid = "wx1000000000000004"
}

output "same_users" {
  value = data.wechat_open_account.shop.bound && data.wechat_open_account.shop.open_appid == data.wechat_open_account.books.open_appid
}
