terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

provider "wechat" {
  alias             = "tea"
  access_token_file = "${path.module}/tea/{appid}"
}

provider "wechat" {
  alias             = "books"
  access_token_file = "${path.module}/books/{appid}"
}

data "wechat_open_account" "tea" {
  provider = wechat.tea
  appid    = "wx1000000000000001"
}

data "wechat_open_account" "books" {
  provider = wechat.books
  appid    = "wx1000000000000004"
}

output "open_appids" {
  value = {
    tea   = data.wechat_open_account.tea.open_appid
    books = data.wechat_open_account.books.open_appid
  }
}
