locals {
  shops = ["wx1000000000000002", "wx1000000000000004"]
}

data "wechat_open_accounts" "shops" {
  appids        = local.shops
  fail_on_error = false
}

# Stands for something of your own. One for each account that was asked about, and not for each that was answered.
resource "terraform_data" "shop" {
  for_each = toset(local.shops)
  input    = data.wechat_open_accounts.shops.accounts[each.key].open_appid

  lifecycle {
    precondition {
      condition     = data.wechat_open_accounts.shops.accounts[each.key].status != "error"
      error_message = "${each.key} could not be read, and what stands for it stays as it is."
    }
  }
}
