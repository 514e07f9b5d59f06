data "wechat_open_accounts" "all" {
  appids = [
    "wx1000000000000001",
    "wx1000000000000004",
    "wx1000000000000005",
    "wx1000000000000006",
  ]
}

output "by_open_appid" {
  description = "The accounts that share an open account, and with it their users."
  value       = data.wechat_open_accounts.all.by_open_appid
}

output "unbound" {
  description = "The accounts that are bound to none."
  value       = data.wechat_open_accounts.all.unbound
}
