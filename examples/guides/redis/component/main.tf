terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "redis" {
  description = "Where Redis is, and the platform whose token is read. redis-cli takes the password from REDISCLI_AUTH."
  type = object({
    host      = string
    port      = number
    database  = optional(number, 0)
    prefix    = optional(string, "wx:open:") # WxJava's, with a colon at its end, or ""
    component = string                       # the platform's appid
  })
}

provider "wechat" {
  component = {
    appid = var.redis.component
    exec = {
      command = "redis-cli"
      args = [
        "-h", var.redis.host, "-p", var.redis.port, "-n", var.redis.database, "-e",
        "GET", "${var.redis.prefix}wechat_component_access_token:${var.redis.component}",
      ]
    }
  }
}

data "wechat_authorizers" "all" {}

output "appids" {
  value = data.wechat_authorizers.all.appids
}
