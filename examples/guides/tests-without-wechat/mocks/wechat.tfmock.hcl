# One merchant whose three accounts are bound to one open account: what each data source then answers, whatever it is asked.

mock_data "wechat_open_account" {
  defaults = {
    bound      = true
    open_appid = "wx2000000000000001"
  }
}

mock_data "wechat_open_accounts" {
  defaults = {
    by_open_appid = {
      wx2000000000000001 = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000003"]
    }
    unbound = []
    failed  = []
    # Terraform 1.11 takes no mock for a map of objects: there this is empty, whatever stands here.
    accounts = {
      wx1000000000000001 = { status = "bound", open_appid = "wx2000000000000001", errcode = null, errmsg = null }
      wx1000000000000002 = { status = "bound", open_appid = "wx2000000000000001", errcode = null, errmsg = null }
      wx1000000000000003 = { status = "bound", open_appid = "wx2000000000000001", errcode = null, errmsg = null }
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
    nick_name               = "Example Tea Shop"
    principal_name          = "Example Tea Trading Co., Ltd."
    user_name               = "gh_000000000002"
    kind                    = "mini_program"
    verify_type             = 0
    verify_type_text        = "verified by WeChat"
    account_status          = 1
    account_status_text     = "normal"
    permission_sets         = [17, 18, 25, 30]
    open_account_permission = true
  }
}

mock_data "wechat_authorizers" {
  defaults = {
    appids = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000003"]
    # Empty in Terraform 1.11, as accounts above.
    authorizers = {
      wx1000000000000001 = { auth_time = "2026-01-05T02:00:00Z" }
      wx1000000000000002 = { auth_time = "2026-01-05T02:00:00Z" }
      wx1000000000000003 = { auth_time = "2026-01-05T02:00:00Z" }
    }
  }
}
