terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

locals {
  production = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000003"]
  staging    = ["wx1000000000000004"]
}

data "wechat_open_accounts" "production" {
  appids = local.production
}

data "wechat_open_accounts" "staging" {
  appids = local.staging
}

# An account that cannot be read fails the plan before this: fail_on_error is true unless set.
locals {
  # The open accounts that have accounts of both. can() asks the map; setintersection() would take seconds for thousands.
  shared = {
    for open_appid, appids in data.wechat_open_accounts.staging.by_open_appid : open_appid => appids
    if can(data.wechat_open_accounts.production.by_open_appid[open_appid])
  }
}

# Goes ahead only where there are none.
resource "terraform_data" "release" {
  input = data.wechat_open_accounts.staging.by_open_appid

  lifecycle {
    precondition {
      condition = length(local.shared) == 0
      error_message = join("\n", [
        for open_appid, appids in local.shared :
        "${join(", ", appids)} of staging shares its users with production, on ${open_appid}."
      ])
    }
  }
}
