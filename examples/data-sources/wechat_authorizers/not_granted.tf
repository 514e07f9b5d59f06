# Which merchants have not granted the permission set that wechat_open_account needs? By owner; it stands beside the configuration above.
data "wechat_authorizers" "detailed" {
  details       = true
  fail_on_error = false
}

locals {
  # Null is neither: WeChat does not tell it, or the account could not be read.
  not_granted = {
    for appid, a in data.wechat_authorizers.detailed.authorizers :
    appid => a if a.open_account_permission == false
  }
  by_owner = {
    for appid, a in local.not_granted :
    coalesce(a.principal_name, "unknown owner") => "${coalesce(a.nick_name, "nameless")} (${appid})"...
  }
}

output "not_granted" {
  description = "The accounts to ask for the permission set, by owner, and owners in alphabetical order."
  value       = { for owner, accounts in local.by_owner : owner => sort(accounts) }
}

output "not_read" {
  description = "The accounts of which nothing is known, to be looked at first."
  value       = data.wechat_authorizers.detailed.failed
}
