terraform {
  required_version = ">= 1.10.0" # ephemeral variables; OpenTofu has them from 1.11

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "platforms" {
  description = "What is secret about each third-party platform."
  type = map(object({
    proxy_url              = string # the way out whose address is on that platform's allow-list
    component_access_token = string
  }))
  ephemeral = true
}

variable "tokens" {
  description = "The folder with a folder of token files for each platform."
  type        = string
}

provider "wechat" {
  alias             = "tea"
  access_token_file = "${var.tokens}/tea/{appid}"
  proxy_url         = var.platforms["tea"].proxy_url
  component = {
    appid        = "wx3000000000000001"
    access_token = var.platforms["tea"].component_access_token
  }
}

provider "wechat" {
  alias             = "books"
  access_token_file = "${var.tokens}/books/{appid}"
  proxy_url         = var.platforms["books"].proxy_url
  component = {
    appid        = "wx3000000000000002"
    access_token = var.platforms["books"].component_access_token
  }
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
