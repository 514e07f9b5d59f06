terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "wxcomponent" {
  description = "wxcomponent's inner service. It answers callers on its own machine only."
  type        = string
  default     = "http://127.0.0.1:8081"
}

provider "wechat" {
  token_endpoint = {
    url        = "${var.wxcomponent}/inner/authorizer-access-token?appid={appid}"
    token_path = "data.token"
  }
}

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

output "shop" {
  value = data.wechat_open_account.shop.open_appid
}
