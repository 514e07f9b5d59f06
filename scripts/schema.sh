#!/bin/sh
# Prints the provider's schema as an engine describes it: what tfplugindocs makes the documentation from. Asked itself,
# tfplugindocs would know no OpenTofu and download a Terraform.
set -eu
cd "$(dirname "$0")/.."

address=terraform.local/wechat/wechat
engine=${ENGINE:-$(command -v terraform || command -v tofu)}
mkdir -p .cache
scratch=$(mktemp -d "$PWD/.cache/schema.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

CGO_ENABLED=0 go build -trimpath -buildvcs=false \
	-o "$scratch/mirror/$address/0.1.0/$(go env GOHOSTOS)_$(go env GOHOSTARCH)/terraform-provider-wechat_v0.1.0" .
cat >"$scratch/main.tf" <<END
terraform {
  required_providers {
    wechat = { source = "$address" }
  }
}
END
export TF_CLI_CONFIG_FILE="$scratch/cli.tfrc"
cat >"$TF_CLI_CONFIG_FILE" <<END
provider_installation {
  filesystem_mirror {
    path = "$scratch/mirror"
  }
}
END
"$engine" -chdir="$scratch" init -no-color >/dev/null
"$engine" -chdir="$scratch" providers schema -json >"$scratch/schema.json"
# tfplugindocs looks a provider up by its bare name.
sed "s|\"$address\":|\"wechat\":|" "$scratch/schema.json"
