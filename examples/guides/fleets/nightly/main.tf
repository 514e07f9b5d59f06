terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

locals {
  appids = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000004", "wx1000000000000006"]

  # Merchants who left (61003): a line here takes an account off the list for good, wherever the list comes from.
  left = [
    # "wx1000000000000004",
  ]
}

# At the top level, and not in a check block.
data "wechat_open_accounts" "all" {
  appids        = [for appid in local.appids : appid if !contains(local.left, appid)]
  fail_on_error = false # an account that cannot be read hides no other
}

# Applying records this. From then on, a plan compares. "not read" is recorded without its reason: reasons come and go.
output "bindings" {
  value = {
    for appid, account in data.wechat_open_accounts.all.accounts : appid => {
      bound   = account.open_appid
      unbound = "no open account"
      error   = "not read"
    }[account.status]
  }
}
