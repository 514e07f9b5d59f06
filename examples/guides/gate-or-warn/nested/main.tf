terraform {
  required_version = ">= 1.5.0" # check blocks

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

# Not like this: plan -detailed-exitcode returns 2 for ever, and an account that cannot be read is only a warning.
check "club" {
  data "wechat_open_account" "club" {
    appid = "wx1000000000000003"
  }

  assert {
    condition     = data.wechat_open_account.club.open_appid == "wx2000000000000001"
    error_message = "The club is not bound to wx2000000000000001."
  }
}
