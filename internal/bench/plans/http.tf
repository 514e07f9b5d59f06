terraform {
  required_providers {
    http = { source = "terraform.local/bench/http" }
  }
}

variable "url" { type = string }
variable "accounts" { type = map(string) } # appid: token, so that it is spared reading files

data "http" "each" {
  for_each = var.accounts

  method          = "POST"
  url             = "${var.url}/cgi-bin/open/get?access_token=${each.value}"
  request_headers = { Content-Type = "application/json" }
  request_body    = jsonencode({ appid = each.key })
  ca_cert_pem     = file("../authority.pem")
}
