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

variable "component" {
  description = "The platform's appid."
  type        = string
}

provider "wechat" {
  token_endpoint = {
    url        = "${var.wxcomponent}/inner/authorizer-access-token?appid={appid}"
    token_path = "data.token"
  }
  component = {
    appid = var.component
    token_endpoint = {
      url        = "${var.wxcomponent}/inner/component-access-token"
      token_path = "data.token"
    }
  }
}

data "wechat_authorizers" "all" {}

data "wechat_open_accounts" "all" {
  appids        = data.wechat_authorizers.all.appids
  fail_on_error = false
}

output "by_open_appid" {
  value = data.wechat_open_accounts.all.by_open_appid
}
