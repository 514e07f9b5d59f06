# What `make demo` runs against a simulated WeChat.

terraform {
  required_version = ">= 1.5.0" # check blocks

  required_providers {
    wechat = {
      source = "terraform.local/wechat/wechat"
    }
  }
}

variable "base_url" {
  description = "Where WeChat answers. Null is WeChat itself; the demo names its simulator here."
  type        = string
  default     = null
}

provider "wechat" {
  base_url = var.base_url

  # One file per account, kept fresh by whatever refreshes the tokens. No token enters the configuration or the state.
  access_token_file = "${path.module}/tokens/{appid}"
}

locals {
  # The open account that each merchant's accounts belong to.
  tea_open_appid   = "wx2000000000000001"
  books_open_appid = "wx2000000000000002"

  # Maps in a local, not sets written in place: the engine evaluates a for_each again for each of its instances.
  tea_accounts = {
    official_account = "wx1000000000000001"
    shop             = "wx1000000000000002"
    club             = "wx1000000000000003"
  }
  books_mini_programs = {
    reader = "wx1000000000000005"
    cart   = "wx1000000000000006"
  }
}

data "wechat_open_account" "tea" {
  for_each = local.tea_accounts

  appid = each.value
}

# Warns: the plan says what is wrong and goes on.
check "tea_is_together" {
  assert {
    condition = alltrue([for account in data.wechat_open_account.tea : account.open_appid == local.tea_open_appid])
    error_message = format("Not bound to %s: %s.", local.tea_open_appid, join(", ", [
      for name, account in data.wechat_open_account.tea :
      "${name}, which is bound to ${coalesce(account.open_appid, "nothing")}"
      if account.open_appid != local.tea_open_appid
    ]))
  }
}

# Gates: the plan fails, and so does everything that refers to this account.
data "wechat_open_account" "books" {
  appid = "wx1000000000000004"

  lifecycle {
    postcondition {
      condition = self.open_appid == local.books_open_appid
      # open_appid is null while the account is unbound, and null cannot stand in a text.
      error_message = "${self.appid} is bound to ${coalesce(self.open_appid, "no open account")}, not to ${local.books_open_appid}."
    }
  }
}

# Neither: an unbound account and one that is bound elsewhere are answers like any other.
data "wechat_open_account" "books_mini_program" {
  for_each = local.books_mini_programs

  appid = each.value
}

output "tea" {
  description = "The open account of each of Example Tea's accounts."
  value       = { for name, account in data.wechat_open_account.tea : name => account.open_appid }
}

output "books" {
  description = "The open account of Example Books' official account, safe to rely on: the plan fails where it is another."
  value       = data.wechat_open_account.books.open_appid
}

output "books_to_do" {
  description = "Example Books' mini programs that are not where they belong, and what is to be done about each."
  value = {
    for name, account in data.wechat_open_account.books_mini_program :
    name => account.bound ? "move it here from ${account.open_appid}" : "bind it"
    if account.open_appid != local.books_open_appid
  }
}
