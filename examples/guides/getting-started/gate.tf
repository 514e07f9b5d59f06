locals {
  # The open account that the shop must be bound to.
  open_appid = "wx2000000000000001"
}

# It stands for whatever must not happen while the shop is astray.
resource "terraform_data" "release" {
  input = data.wechat_open_account.shop.open_appid

  lifecycle {
    precondition {
      condition = data.wechat_open_account.shop.open_appid == local.open_appid
      # open_appid is null while the shop is bound to none, and null cannot stand in a text.
      error_message = "The shop is bound to ${coalesce(data.wechat_open_account.shop.open_appid, "no open account")}, not to ${local.open_appid}."
    }
  }
}
