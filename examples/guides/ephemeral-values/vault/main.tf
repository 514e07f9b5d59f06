terraform {
  required_version = ">= 1.11.0" # as the Vault provider needs for them; so does OpenTofu

  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
    vault  = { source = "hashicorp/vault", version = ">= 5.0" }
  }
}

# Where Vault is and who asks it stands in VAULT_ADDR and VAULT_TOKEN, or here.
provider "vault" {}

# A secret of the KV engine, version 2: one key for each account, its appid, with the access token as a text.
ephemeral "vault_kv_secret_v2" "tokens" {
  mount = "secret"
  name  = "wechat/access-tokens"
}

provider "wechat" {
  access_tokens = ephemeral.vault_kv_secret_v2.tokens.data
}

data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"
}

output "shop" {
  value = data.wechat_open_account.shop.open_appid
}
