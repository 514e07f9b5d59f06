terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

provider "wechat" {
  # One file per account, which whatever refreshes the tokens keeps up to date.
  access_token_file = "${path.module}/tokens/{appid}"
}

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

output "shop" {
  value = data.wechat_open_account.shop.open_appid
}
