terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

locals {
  appids = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000004", "wx1000000000000006"]
}

# At the top level, and not in a check block. fail_on_error is true unless set.
data "wechat_open_accounts" "all" {
  appids = local.appids
}

# Applying records the bindings. From then on, a plan compares.
output "bindings" {
  value = {
    for appid, account in data.wechat_open_accounts.all.accounts :
    appid => coalesce(account.open_appid, "no open account")
  }
}
