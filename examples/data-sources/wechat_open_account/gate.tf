locals {
  # The open account that all of Example Tea's accounts belong to.
  tea_open_appid = "wx2000000000000001"
}

data "wechat_open_account" "club" {
  appid = "wx1000000000000003"

  lifecycle {
    postcondition {
      condition = self.open_appid == local.tea_open_appid
      # open_appid is null while the club is bound to none, and null cannot stand in a text.
      error_message = "The club is bound to ${coalesce(self.open_appid, "no open account")}, not to ${local.tea_open_appid}."
    }
  }
}

# Goes ahead only where the condition holds.
resource "terraform_data" "release" {
  input = data.wechat_open_account.club.open_appid
}
