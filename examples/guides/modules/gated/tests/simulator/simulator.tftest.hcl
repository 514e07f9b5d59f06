# WECHAT_BASE_URL and WECHAT_ACCESS_TOKEN_FILE say where the simulator is and where its tokens are.
provider "wechat" {
  alias = "platform"
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

  variables {
    appid = "wx1000000000000006"
  }

  expect_failures = [data.wechat_open_account.this]
}

run "elsewhere" {
  command = plan

  variables {
    appid = "wx1000000000000004"
  }

  expect_failures = [data.wechat_open_account.this]
}

run "gate_off" {
  command = plan

  variables {
    appid = "wx1000000000000004"
    gate  = false
  }

  expect_failures = [check.bound_where_it_belongs]
}
