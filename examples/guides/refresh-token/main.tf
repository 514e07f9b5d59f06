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

provider "wechat" {
  exec = {
    command = "sh"
    args    = ["${path.module}/refresh.sh"]
    env = {
      COMPONENT_APPID      = var.platform.appid
      COMPONENT_TOKEN_FILE = var.platform.token_file
      REFRESH_TOKENS       = var.platform.refresh_tokens
    }
  }
}

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

output "shop" {
  value = data.wechat_open_account.shop.open_appid
}
