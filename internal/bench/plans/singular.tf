terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "url" { type = string }
variable "accounts" { type = map(string) } # appid: token; never a set, whose cost is the square of its size

provider "wechat" {
  base_url            = var.url
  ca_certificate_file = "../authority.pem"
  access_token_file   = "../tokens/{appid}"
}

data "wechat_open_account" "each" {
  for_each = var.accounts

  appid = each.key
}
