terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

provider "wechat" {
  # Its appid and access token come from WECHAT_COMPONENT_APPID and WECHAT_COMPONENT_ACCESS_TOKEN.
  component = {}
}

data "wechat_authorizer" "shop" {
  appid = "wx1000000000000002"
}

output "shop" {
  value = "${data.wechat_authorizer.shop.nick_name} (${data.wechat_authorizer.shop.kind}) of ${data.wechat_authorizer.shop.principal_name}"
}

output "shop_can_be_read" {
  description = "Whether the shop granted what wechat_open_account needs; null where WeChat does not tell."
  value       = data.wechat_authorizer.shop.open_account_permission
}
