mock_provider "wechat" {
  source = "./mocks"
}

variables {
  open_appid = "wx2000000000000001"
  shop       = "wx1000000000000002"
  accounts   = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000003"]
}

run "together" {
  command = plan

  assert {
    condition     = output.shop == "wx2000000000000001"
    error_message = "The module does not hand on the shop's open account."
  }

  assert {
    condition     = length(output.elsewhere) == 0
    error_message = "The module misses ${join(", ", output.elsewhere)}, and all are where they belong."
  }
}

run "shop_unbound" {
  command = plan

  # Every attribute that the module looks at: what values leaves out is invented again.
  override_data {
    target = data.wechat_open_account.shop
    values = {
      bound      = false
      open_appid = null
    }
  }

  expect_failures = [data.wechat_open_account.shop]
}

run "shop_elsewhere" {
  command = plan

  override_data {
    target = data.wechat_open_account.shop
    values = {
      bound      = true
      open_appid = "wx2000000000000002"
    }
  }

  expect_failures = [data.wechat_open_account.shop]
}

run "astray" {
  command = plan

  override_data {
    target = data.wechat_open_accounts.all
    values = {
      by_open_appid = {
        wx2000000000000001 = ["wx1000000000000002"]
        wx2000000000000002 = ["wx1000000000000003"]
      }
      unbound = ["wx1000000000000001"]
      failed  = []
    }
  }

  assert {
    condition     = join(" ", output.elsewhere) == "wx1000000000000001 wx1000000000000003"
    error_message = "The module names ${jsonencode(output.elsewhere)}."
  }

  expect_failures = [check.together]
}

run "not_read" {
  command = plan

  override_data {
    target = data.wechat_open_accounts.all
    values = {
      by_open_appid = {
        wx2000000000000001 = ["wx1000000000000001", "wx1000000000000002"]
      }
      unbound = []
      failed  = ["wx1000000000000003"]
    }
  }

  expect_failures = [check.all_read]
}
