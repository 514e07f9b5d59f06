data "wechat_open_accounts" "as_far_as_it_goes" {
  appids        = ["wx1000000000000004", "wx1000000000000007"]
  fail_on_error = false
}

output "not_read" {
  description = "What was wrong with each account that could not be read."
  value = {
    for appid in data.wechat_open_accounts.as_far_as_it_goes.failed :
    appid => data.wechat_open_accounts.as_far_as_it_goes.accounts[appid].errmsg
  }
}
