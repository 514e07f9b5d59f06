terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "platform" {
  description = "The third-party platform, and where its service keeps its access token and the refresh tokens."
  type = object({
    appid          = string
    token_file     = string
    refresh_tokens = string
  })
}

locals {
  appids = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000004"]
}

provider "wechat" {
  exec = {
    command = "sh"
    args    = concat(["${path.module}/refresh.sh"], local.appids)
    env = {
      COMPONENT_APPID      = var.platform.appid
      COMPONENT_TOKEN_FILE = var.platform.token_file
      REFRESH_TOKENS       = var.platform.refresh_tokens
    }
    batch   = true
    timeout = "5m" # for all accounts, one after the other
  }
}

data "wechat_open_accounts" "all" {
  appids        = local.appids
  fail_on_error = false
}

output "by_open_appid" {
  value = data.wechat_open_accounts.all.by_open_appid
}
