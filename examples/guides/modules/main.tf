terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

# Two third-party platforms, each with a folder of token files.
provider "wechat" {
  alias             = "tea"
  access_token_file = "tokens/tea/{appid}"
}

provider "wechat" {
  alias             = "books"
  access_token_file = "tokens/books/{appid}"
}

module "tea_shop" {
  source     = "./gated"
  providers  = { wechat.platform = wechat.tea }
  appid      = "wx1000000000000002"
  open_appid = "wx2000000000000001"
}

module "books" {
  source     = "./gated"
  providers  = { wechat.platform = wechat.books }
  appid      = "wx1000000000000004"
  open_appid = "wx2000000000000002"
  gate       = false
}

output "open_appids" {
  value = { tea_shop = module.tea_shop.open_appid, books = module.books.open_appid }
}
