terraform {
  required_version = ">= 1.5.0" # check blocks

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

locals {
  # Each merchant's accounts.
  merchants = {
    tea   = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000003"]
    books = ["wx1000000000000004", "wx1000000000000005", "wx1000000000000006"]
  }
}

data "wechat_open_accounts" "all" {
  appids        = flatten(values(local.merchants))
  fail_on_error = false # the merchants whose accounts can be read are judged in any case
}

locals {
  # Where each merchant's accounts are. This says nothing of those that could not be read.
  homes = {
    for merchant, appids in local.merchants : merchant => {
      for appid in appids : appid => coalesce(data.wechat_open_accounts.all.accounts[appid].open_appid, "no open account")
      if data.wechat_open_accounts.all.accounts[appid].status != "error"
    }
  }

  astray = {
    for merchant, homes in local.homes : merchant => homes
    if length(distinct(values(homes))) > 1 || contains(values(homes), "no open account")
  }
}

check "one_open_account_for_each_merchant" {
  assert {
    condition = length(local.astray) == 0
    error_message = join("\n", [
      for merchant, homes in local.astray :
      "${merchant}: ${join(", ", [for appid, home in homes : "${appid} is bound to ${home}"])}."
    ])
  }

  assert {
    condition     = length(data.wechat_open_accounts.all.failed) == 0
    error_message = "Not read, and so perhaps astray too: ${join(", ", data.wechat_open_accounts.all.failed)}."
  }
}

output "astray" {
  description = "The merchants whose accounts are not together, and where each of these accounts is."
  value       = local.astray
}
