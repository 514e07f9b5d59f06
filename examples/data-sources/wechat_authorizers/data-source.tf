terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

provider "wechat" {
  # Its appid and access token come from WECHAT_COMPONENT_APPID and WECHAT_COMPONENT_ACCESS_TOKEN.
  component = {}
}

data "wechat_authorizers" "all" {}

output "appids" {
  description = "All accounts that authorized the platform."
  value       = data.wechat_authorizers.all.appids
}

output "authorized_at" {
  value = { for appid, authorizer in data.wechat_authorizers.all.authorizers : appid => authorizer.auth_time }
}
