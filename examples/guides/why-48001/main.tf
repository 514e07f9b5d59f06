terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "tokens" {
  description = "The folder with one token file for each account."
  type        = string
}

provider "wechat" {
  access_token_file = "${var.tokens}/{appid}"

  # Its appid and access token come from WECHAT_COMPONENT_APPID and WECHAT_COMPONENT_ACCESS_TOKEN.
  component = {}
}

data "wechat_open_account" "merchant" {
  appid = "wx1000000000000007"
}
