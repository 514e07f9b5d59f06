terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "token_service" {
  description = "Your central token service. It answers GET /<appid> with the account's present access token, in JSON."
  type        = string
}

# No source is written here, so the environment says where tokens come from.
provider "wechat" {}

# A source is written here, so this one ignores the environment.
provider "wechat" {
  alias = "central"

  token_endpoint = {
    url = "${var.token_service}/{appid}"
  }
}

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

# The same account twice. The service is asked for its token once.
data "wechat_open_account" "books" {
  provider = wechat.central
  appid    = "wx1000000000000004"
}

data "wechat_open_account" "books_again" {
  provider      = wechat.central
  appid         = "wx1000000000000004"
  require_bound = true
}

output "open_appids" {
  value = {
    shop  = data.wechat_open_account.shop.open_appid
    books = data.wechat_open_account.books.open_appid
  }
}
