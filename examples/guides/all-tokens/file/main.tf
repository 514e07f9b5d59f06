terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

provider "wechat" {
  access_tokens_file = "${path.module}/tokens.json" # {"wx1000000000000001": "…", "wx1000000000000004": "…"}
}

data "wechat_open_accounts" "all" {
  appids = ["wx1000000000000001", "wx1000000000000004"]
}

output "by_open_appid" { value = data.wechat_open_accounts.all.by_open_appid }
