terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

provider "wechat" {
  # Its appid, appsecret and verify ticket come from WECHAT_COMPONENT_APPID, WECHAT_COMPONENT_APPSECRET and
  # WECHAT_COMPONENT_VERIFY_TICKET.
  component = {
    mint_tokens = true
  }
}

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

output "shop" {
  value = data.wechat_open_account.shop.open_appid
}
