# How not to do it: the token stands in the plan file, and is the same when the plan is applied hours later.

terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "access_token" {
  type      = string
  sensitive = true
}

provider "wechat" {
  access_token = var.access_token
}

resource "terraform_data" "release" {}

data "wechat_open_account" "shop_afterwards" {
  appid      = "wx1000000000000002"
  depends_on = [terraform_data.release]
}
