data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

output "shop_open_appid" {
  description = "The open account's appid; null while the shop is bound to none."
  value       = data.wechat_open_account.shop.open_appid
}
