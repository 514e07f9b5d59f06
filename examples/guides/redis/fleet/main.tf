terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "redis" {
  description = "Where Redis is, and what its keys begin with. redis-cli takes the password from REDISCLI_AUTH."
  type = object({
    host     = string
    port     = number
    database = optional(number, 0)
    key      = string # of WxJava's starter: wx:open:wechat_authorizer_access_token:<component>:
  })
}

variable "appids" {
  type = list(string)
}

provider "wechat" {
  exec = {
    command = "sh"
    args    = concat(["${path.module}/tokens.sh"], var.appids)
    env = {
      REDIS_HOST     = var.redis.host
      REDIS_PORT     = var.redis.port
      REDIS_DATABASE = var.redis.database
      KEY            = var.redis.key
    }
    batch = true
  }
}

data "wechat_open_accounts" "all" {
  appids        = var.appids
  fail_on_error = false # a merchant who was quiet may have no key
}

output "by_open_appid" {
  value = data.wechat_open_accounts.all.by_open_appid
}

output "failed" {
  value = data.wechat_open_accounts.all.failed
}
