terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

data "wechat_open_account" "mine" {}

output "mine" {
  value = data.wechat_open_account.mine
}
