terraform {
  required_version = ">= 1.5.0" # check blocks

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "open_appid" {
  description = "The open account that all of the merchant's accounts belong to."
  type        = string
}

variable "shop" {
  description = "The appid of the account that takes orders. The plan stops where it is bound elsewhere."
  type        = string
}

variable "accounts" {
  description = "The appids of all of the merchant's accounts. The plan warns where one is bound elsewhere, or could not be read."
  type        = list(string)
}

data "wechat_open_account" "shop" {
  appid = var.shop

  lifecycle {
    postcondition {
      condition     = self.open_appid == var.open_appid
      error_message = "The shop is bound to ${coalesce(self.open_appid, "no open account")}, not to ${var.open_appid}."
    }
  }
}

data "wechat_open_accounts" "all" {
  appids        = var.accounts
  fail_on_error = false # check.all_read names what could not be read
}

locals {
  # Not made from accounts, which mocks leave empty.
  elsewhere = sort(concat(data.wechat_open_accounts.all.unbound, flatten([
    for open_appid, appids in data.wechat_open_accounts.all.by_open_appid : appids if open_appid != var.open_appid
  ])))
}

check "together" {
  assert {
    condition     = length(local.elsewhere) == 0
    error_message = "Not bound to ${var.open_appid}: ${join(", ", local.elsewhere)}."
  }
}

check "all_read" {
  assert {
    condition     = length(data.wechat_open_accounts.all.failed) == 0
    error_message = "Not read, and so perhaps bound elsewhere: ${join(", ", data.wechat_open_accounts.all.failed)}."
  }
}

output "shop" {
  description = "The open account of the shop, safe to rely on: the plan fails where it is another."
  value       = data.wechat_open_account.shop.open_appid
}

output "elsewhere" {
  description = "The accounts that are not where they belong."
  value       = local.elsewhere
}
