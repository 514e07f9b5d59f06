data "wechat_open_account" "official_account" {
  appid         = "wx1000000000000001"
  require_bound = true
}

output "official_account_open_appid" {
  description = "Never null: an unbound account is an error."
  value       = data.wechat_open_account.official_account.open_appid
}
