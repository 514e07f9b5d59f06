terraform {
  required_version = ">= 1.5.0" # plantimestamp

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}

# WECHAT_ACCESS_TOKEN_FILE says where the authorizers' tokens are.
provider "wechat" {
  # Its appid and access token come from WECHAT_COMPONENT_APPID and WECHAT_COMPONENT_ACCESS_TOKEN.
  component = {}
}

data "wechat_authorizers" "all" {
  details       = true
  fail_on_error = false
}

data "wechat_open_accounts" "all" {
  appids        = data.wechat_authorizers.all.appids
  fail_on_error = false
}

locals {
  # jsonencode writes < and & of a name so that neither ends the script that holds them.
  facts = jsonencode({
    read_at         = plantimestamp()
    authorizers     = data.wechat_authorizers.all.authorizers
    without_details = data.wechat_authorizers.all.failed
    accounts        = data.wechat_open_accounts.all.accounts
  })
}

output "report" {
  sensitive = true # who reads a job's log needs no page in it; `terraform output -raw report` prints it
  value = templatefile("${path.module}/report.html.tftpl", {
    facts = local.facts
    nonce = sha256(local.facts) # which no name can know
  })
}
