terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

# No provider block: WECHAT_ACCESS_TOKEN or WECHAT_ACCESS_TOKEN_FILE says where tokens come from.

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"

  lifecycle {
    postcondition {
      condition     = self.open_appid == "wx2000000000000001"
      error_message = "The shop is bound to ${coalesce(self.open_appid, "no open account")}."
    }
  }
}

output "shop" {
  value = data.wechat_open_account.shop.open_appid
}
