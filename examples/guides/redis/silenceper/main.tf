terraform {
  required_version = ">= 1.10.0" # ephemeral variables; OpenTofu has them from 1.11

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

variable "redis" {
  description = "Where Redis is."
  type = object({
    host     = string
    port     = number
    database = optional(number, 0)
  })
}

variable "redis_password" {
  type      = string
  ephemeral = true
}

provider "wechat" {
  exec = {
    command = "sh"
    args = ["-c", <<-EOT
      # Some versions keep the token as JSON, that is, in quotes.
      redis-cli -h $REDIS_HOST -p $REDIS_PORT -n $REDIS_DATABASE -e GET authorizer_access_token_$WECHAT_APPID | tr -d '"'
      EOT
    ]
    env = {
      REDIS_HOST     = var.redis.host
      REDIS_PORT     = var.redis.port
      REDIS_DATABASE = var.redis.database
      REDISCLI_AUTH  = var.redis_password
    }
  }
}

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

output "shop" {
  value = data.wechat_open_account.shop.open_appid
}
