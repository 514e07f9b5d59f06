terraform {
  required_version = ">= 1.5.0" # check blocks

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

data "wechat_open_accounts" "brand" {
  appids = [
    "wx1000000000000001",
    "wx1000000000000002",
    "wx1000000000000003",
  ]
  fail_on_error = false # the accounts that can be read are judged, whatever happens to the others
}

locals {
  open_appid = "wx2000000000000001"
  astray = [
    for appid, account in data.wechat_open_accounts.brand.accounts : appid
    if account.status != "error" && account.open_appid != local.open_appid
  ]
}

check "nobody_is_astray" {
  assert {
    condition     = length(local.astray) == 0
    error_message = "Not bound to ${local.open_appid}: ${join(", ", local.astray)}."
  }
}

# Without it, an account that could not be read would pass as one that is where it belongs.
check "everybody_was_read" {
  assert {
    condition     = length(data.wechat_open_accounts.brand.failed) == 0
    error_message = "Not read, and so perhaps astray too: ${join(", ", data.wechat_open_accounts.brand.failed)}."
  }
}
