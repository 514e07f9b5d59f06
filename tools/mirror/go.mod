module terraform.local/wechat/terraform-provider-wechat/tools/mirror

go 1.26.0

require golang.org/x/mod v0.42.0
