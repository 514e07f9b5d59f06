mock_provider "wechat" {
  alias  = "platform"
  source = "./mocks"
}

variables {
  appid      = "wx1000000000000002"
  open_appid = "wx2000000000000001"
}

run "bound" {
  command = plan

  assert {
    condition     = output.open_appid == "wx2000000000000001"
    error_message = "The module does not hand on the account's open account."
  }
}

run "unbound" {
  command = plan

  # Every attribute that the module looks at: what values leaves out is invented again.
  override_data {
    target = data.wechat_open_account.this
    values = {
      bound      = false
      open_appid = null
    }
  }

  expect_failures = [data.wechat_open_account.this]
}

run "elsewhere" {
  command = plan

  override_data {
    target = data.wechat_open_account.this
    values = {
      bound      = true
      open_appid = "wx2000000000000002"
    }
  }

  expect_failures = [data.wechat_open_account.this]
}

run "gate_off" {
  command = plan

  variables {
    gate = false
  }

  override_data {
    target = data.wechat_open_account.this
    values = {
      bound      = true
      open_appid = "wx2000000000000002"
    }
  }

  expect_failures = [check.bound_where_it_belongs]
}
