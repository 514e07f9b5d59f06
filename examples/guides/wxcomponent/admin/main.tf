terraform {
  required_version = ">= 1.10.0" # ephemeral variables; OpenTofu has them from 1.11

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "wxcomponent" {
  description = "Where wxcomponent's console is, without a slash at the end."
  type        = string
}

variable "wxcomponent_jwt" {
  description = "What wxcomponent's console gives to an administrator who has logged in."
  type        = string
  ephemeral   = true
}

provider "wechat" {
  token_endpoint = {
    url        = "${var.wxcomponent}/wxcomponent/admin/authorizer-access-token?appid={appid}"
    headers    = { Authorization = "Bearer ${var.wxcomponent_jwt}" }
    token_path = "data.token"
  }
}

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

output "shop" {
  value = data.wechat_open_account.shop.open_appid
}
