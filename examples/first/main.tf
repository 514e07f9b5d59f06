terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

provider "wechat" {}

data "wechat_open_account" "club" {
  appid = "wx1000000000000003"

  lifecycle {
    postcondition {
      condition     = self.open_appid == "wx2000000000000001"
      error_message = "The club is bound to ${coalesce(self.open_appid, "no open account")}, not to wx2000000000000001."
    }
  }
}

output "club" { value = data.wechat_open_account.club.open_appid }
