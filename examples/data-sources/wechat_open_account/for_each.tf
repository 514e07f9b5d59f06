locals {
  # A map in a local: a set written into for_each is evaluated again for each of its accounts.
  accounts = {
    official_account = "wx1000000000000001"
    astray           = "wx1000000000000005"
    unbound          = "wx1000000000000006"
  }
}

data "wechat_open_account" "all" {
  for_each = local.accounts

  appid = each.value
}

output "open_appids" {
  description = "From account to open account."
  value       = { for name, account in data.wechat_open_account.all : name => account.open_appid }
}

output "unbound" {
  description = "The accounts that are bound to none."
  value       = [for name, account in data.wechat_open_account.all : name if !account.bound]
}
