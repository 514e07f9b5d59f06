terraform {
  required_version = ">= 1.5.0" # check blocks

  required_providers {
    wechat = {
      source = "terraform.local/wechat/wechat"
    }
  }
}

# Where tokens come from is said in the environment: WECHAT_ACCESS_TOKEN_FILE or WECHAT_ACCESS_TOKEN.
provider "wechat" {}
