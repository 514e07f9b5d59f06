terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "token_service" {
  description = "Where the service answers with all tokens."
  type        = string
}

# It answers {"data": {"tokens": {"wx1000000000000001": "…", "wx1000000000000004": "…"}, "ttl": 3000}}.
provider "wechat" {
  token_endpoint = {
    url             = var.token_service
    token_path      = "data.tokens"
    expires_in_path = "data.ttl" # seconds, of the token that ends first
    batch           = true
  }
}

data "wechat_open_accounts" "all" {
  appids = ["wx1000000000000001", "wx1000000000000004"]
}

output "by_open_appid" {
  value = data.wechat_open_accounts.all.by_open_appid
}
