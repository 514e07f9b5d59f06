terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

# WECHAT_ACCESS_TOKEN_FILE says where the authorizers' tokens are.
provider "wechat" {
  # Its appid and access token come from WECHAT_COMPONENT_APPID and WECHAT_COMPONENT_ACCESS_TOKEN.
  component = {}
}

data "wechat_authorizers" "all" {}

data "wechat_open_accounts" "all" {
  appids        = data.wechat_authorizers.all.appids
  fail_on_error = false # an inventory with a gap, which it names, is better than none
}

output "inventory" {
  value = join("\n", concat(
    ["# Authorizers by open account"],
    [
      for open_appid, appids in data.wechat_open_accounts.all.by_open_appid :
      join("\n", concat(["", "## ${open_appid}", ""], [
        for appid in appids :
        "- ${appid}, authorized on ${substr(data.wechat_authorizers.all.authorizers[appid].auth_time, 0, 10)}"
      ]))
    ],
    ["", "## Bound to none", ""],
    [for appid in data.wechat_open_accounts.all.unbound : "- ${appid}"],
    ["", "## Not read", ""],
    [
      for appid in data.wechat_open_accounts.all.failed :
      "- ${appid}: ${data.wechat_open_accounts.all.accounts[appid].errmsg}"
    ],
    [""],
  ))
}
