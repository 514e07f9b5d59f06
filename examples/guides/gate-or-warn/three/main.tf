terraform {
  required_version = ">= 1.5.0" # check blocks

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

locals {
  # The open account that all accounts of this brand belong to.
  open_appid = "wx2000000000000001"
}

# A postcondition: nobody may go by this account's answer while it is another.
data "wechat_open_account" "official" {
  appid = "wx1000000000000001"

  lifecycle {
    postcondition {
      condition     = self.open_appid == local.open_appid
      error_message = "The official account is bound to ${coalesce(self.open_appid, "no open account")}, not to ${local.open_appid}."
    }
  }
}

# No condition: whatever it is bound to is an answer.
data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

# A precondition: this one resource needs the shop where it belongs.
resource "terraform_data" "release" {
  input = data.wechat_open_account.official.open_appid

  lifecycle {
    precondition {
      condition     = data.wechat_open_account.shop.open_appid == local.open_appid
      error_message = "The shop is bound to ${coalesce(data.wechat_open_account.shop.open_appid, "no open account")}, not to ${local.open_appid}."
    }
  }
}

data "wechat_open_account" "club" {
  appid = "wx1000000000000003"
}

# A check: somebody should look at it, and everything goes on.
check "club" {
  assert {
    condition     = data.wechat_open_account.club.open_appid == local.open_appid
    error_message = "The club is bound to ${coalesce(data.wechat_open_account.club.open_appid, "no open account")}, not to ${local.open_appid}."
  }
}
