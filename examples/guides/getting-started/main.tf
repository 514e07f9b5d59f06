terraform {
  required_version = ">= 1.5.0"

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

provider "wechat" {} # where tokens come from is said in the environment

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

output "shop" {
  value = {
    bound      = data.wechat_open_account.shop.bound
    open_appid = data.wechat_open_account.shop.open_appid
  }
}
