data "wechat_open_account_status" "restricted" {
  appid = "wx1000000000000007"
}

output "restricted" {
  description = "Of an account that did not grant the permission set for wechat_open_account."
  value = {
    bound       = data.wechat_open_account_status.restricted.bound
    same_entity = data.wechat_open_account_status.restricted.same_entity
  }
}
