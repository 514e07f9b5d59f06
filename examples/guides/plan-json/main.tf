terraform {
  required_version = ">= 1.5.0" # check blocks

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

data "wechat_open_accounts" "all" {
  appids        = ["wx1000000000000001", "wx1000000000000004", "wx1000000000000005"]
  fail_on_error = false

  # On the data source itself: whether it was judged says whether this very plan read the accounts.
  lifecycle {
    postcondition {
      condition     = length(self.failed) == 0
      error_message = "Not read: ${join(", ", self.failed)}."
    }
  }
}

check "nobody_is_unbound" {
  assert {
    condition     = length(data.wechat_open_accounts.all.unbound) == 0
    error_message = "Bound to none: ${join(", ", data.wechat_open_accounts.all.unbound)}."
  }
}

module "club" {
  source = "./club"
}
