terraform {
  required_version = ">= 1.5.0" # check blocks

  required_providers {
    wechat = {
      source                = "terraform.local/wechat/wechat"
      configuration_aliases = [wechat.platform]
    }
  }
}

variable "appid" {
  description = "The account to read."
  type        = string
}

variable "open_appid" {
  description = "The open account that it must be bound to."
  type        = string
}

variable "gate" {
  description = "Whether the plan stops while the account is bound elsewhere. If not, it warns."
  type        = bool
  default     = true
}

data "wechat_open_account" "this" {
  provider = wechat.platform
  appid    = var.appid

  lifecycle {
    postcondition {
      condition     = !var.gate || self.open_appid == var.open_appid
      error_message = "${var.appid} is bound to ${coalesce(self.open_appid, "no open account")}, not to ${var.open_appid}."
    }
  }
}

# It says nothing while the postcondition fails.
check "bound_where_it_belongs" {
  assert {
    condition     = data.wechat_open_account.this.open_appid == var.open_appid
    error_message = "${var.appid} is bound to ${coalesce(data.wechat_open_account.this.open_appid, "no open account")}, not to ${var.open_appid}."
  }
}

output "open_appid" {
  description = "null while the account is bound to none, which only gate = false lets through."
  value       = data.wechat_open_account.this.open_appid
}
