terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "release" {
  type    = string
  default = "1"
}

# Changes with each release, and comes before it.
resource "terraform_data" "moment" {
  triggers_replace = var.release
}

# Waits for that change, and so is read and judged during the apply.
data "wechat_open_account" "club" {
  appid      = "wx1000000000000003"
  depends_on = [terraform_data.moment]

  lifecycle {
    postcondition {
      condition     = self.open_appid == "wx2000000000000001"
      error_message = "The club is bound to ${coalesce(self.open_appid, "no open account")}, not to wx2000000000000001."
    }
  }
}

resource "terraform_data" "release" {
  input      = var.release
  depends_on = [data.wechat_open_account.club]
}
