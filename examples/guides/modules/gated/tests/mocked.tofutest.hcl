mock_provider "wechat" {
  alias  = "platform"
  # One merchant whose three accounts are bound to one open account: what each data source then answers, whatever it is asked.
  # Terraform 1.11 takes no mock for a map of objects: there accounts and authorizers are empty.

  mock_data "wechat_open_account" {
    defaults = {
      bound      = true
      open_appid = "wx2000000000000001"
    }
  }

  mock_data "wechat_open_accounts" {
    defaults = {
      by_open_appid = { wx2000000000000001 = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000003"] }
      failed        = []
      unbound       = []
      accounts = {
        wx1000000000000001 = { errcode = null, errmsg = null, open_appid = "wx2000000000000001", status = "bound" }
        wx1000000000000002 = { errcode = null, errmsg = null, open_appid = "wx2000000000000001", status = "bound" }
        wx1000000000000003 = { errcode = null, errmsg = null, open_appid = "wx2000000000000001", status = "bound" }
      }
    }
  }

  mock_data "wechat_open_account_status" {
    defaults = {
      bound       = true
      same_entity = true
    }
  }

  mock_data "wechat_authorizer" {
    defaults = {
      account_status          = 1
      account_status_text     = "normal"
      kind                    = "mini_program"
      nick_name               = "Example Tea Shop"
      open_account_permission = true
      permission_sets         = [17, 18, 25, 30]
      principal_name          = "Example Tea Trading Co., Ltd."
      user_name               = "gh_000000000002"
      verify_type             = 0
      verify_type_text        = "verified by WeChat"
    }
  }

  mock_data "wechat_authorizers" {
    defaults = {
      appids = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000003"]
      failed = []
      authorizers = {
        wx1000000000000001 = { account_status = null, account_status_text = null, auth_time = "2026-01-05T02:00:00Z", kind = null, nick_name = null, open_account_permission = null, permission_sets = null, principal_name = null, user_name = null, verify_type = null, verify_type_text = null }
        wx1000000000000002 = { account_status = null, account_status_text = null, auth_time = "2026-01-05T02:00:00Z", kind = null, nick_name = null, open_account_permission = null, permission_sets = null, principal_name = null, user_name = null, verify_type = null, verify_type_text = null }
        wx1000000000000003 = { account_status = null, account_status_text = null, auth_time = "2026-01-05T02:00:00Z", kind = null, nick_name = null, open_account_permission = null, permission_sets = null, principal_name = null, user_name = null, verify_type = null, verify_type_text = null }
      }
    }
  }
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
