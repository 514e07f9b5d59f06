terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "token_service" {
  description = "Answers GET /<appid> with the account's present access token, in JSON."
  type        = string
}

provider "wechat" {
  token_endpoint = {
    url = "${var.token_service}/{appid}"
  }
}

# Read in the plan. Applying the saved plan uses that answer.
data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

resource "terraform_data" "release" {
  input = data.wechat_open_account.shop.open_appid
}

# Read during apply, after the release.
data "wechat_open_account" "shop_afterwards" {
  appid      = "wx1000000000000002"
  depends_on = [terraform_data.release]
}

output "shop_afterwards" {
  value = data.wechat_open_account.shop_afterwards.open_appid
}
