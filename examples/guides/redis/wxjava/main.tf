terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "redis" {
  description = "Where WxJava keeps its tokens. The password is not here: redis-cli takes it from REDISCLI_AUTH."
  type = object({
    host      = string
    port      = number
    database  = optional(number, 0)
    prefix    = optional(string, "wx:open:") # with a colon at its end, or ""
    component = string                       # the platform's appid
  })
}

provider "wechat" {
  exec = {
    command = "redis-cli"
    args = [
      "-h", var.redis.host, "-p", var.redis.port, "-n", var.redis.database, "-e", # -e: errors end it with exit code 1
      "GET", "${var.redis.prefix}wechat_authorizer_access_token:${var.redis.component}:{appid}",
    ]
  }
}

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

output "shop" {
  value = data.wechat_open_account.shop.open_appid
}
