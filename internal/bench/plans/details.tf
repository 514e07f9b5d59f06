terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "url" { type = string }
variable "accounts" { type = list(string) }
variable "concurrent" { type = number }

provider "wechat" {
  base_url                = var.url
  ca_certificate_file     = "../authority.pem"
  component               = { appid = "wx3000000000000001", access_token = "component" }
  max_concurrent_requests = var.concurrent
}

data "wechat_authorizers" "all" {
  details = true
}
