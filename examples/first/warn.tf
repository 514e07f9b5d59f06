data "wechat_open_account" "books" { appid = "wx1000000000000004" }

check "books_are_bound" {
  assert {
    condition     = data.wechat_open_account.books.open_appid == "wx2000000000000002"
    error_message = "Example Books is bound to ${coalesce(data.wechat_open_account.books.open_appid, "no open account")}."
  }
}
