#!/bin/sh
# Builds the provider and puts it into the local plugin folder, where Terraform and OpenTofu find it by its source
# address with no CLI configuration.
set -eu
cd "$(dirname "$0")/.."

address=terraform.local/wechat/wechat
name=terraform-provider-wechat
platform=$(go env GOHOSTOS)_$(go env GOHOSTARCH)
suffix=
case $platform in
windows_*)
	folder=$APPDATA/terraform.d
	suffix=.exe
	;;
*) folder=$HOME/.terraform.d ;;
esac
plugins=$folder/plugins
versions=$plugins/$address

# OpenTofu follows the XDG variables only while this folder is not there; its plugins are found either way.
if [ ! -d "$folder" ] && [ -n "${XDG_CONFIG_HOME:-}${XDG_DATA_HOME:-}" ]; then
	echo "Note: with $folder there, OpenTofu keeps its own files in it, no longer under XDG_CONFIG_HOME and XDG_DATA_HOME."
fi

binary() { echo "$versions/$1/$platform/${name}_v$1$suffix"; }

mkdir -p .cache
scratch=$(mktemp -d "$PWD/.cache/install.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The same source gives the same bytes, so that bytes tell whether this build is installed already.
build() {
	env -u GOOS -u GOARCH CGO_ENABLED=0 go build -trimpath -buildvcs=false \
		-ldflags "-s -w -X main.version=$1" -o "$scratch/$name" . && return
	if go list -m >/dev/null 2>&1 && ! GOPROXY=off go list -deps . >/dev/null 2>&1; then
		echo "install: Go could not download the modules that the provider is built from." >&2
		echo "Set GOPROXY to a module proxy that answers here, or build where one does: docs/guides/slow-networks.md" >&2
	fi
	exit 1
}

# Plain x.y.z only: an engine never selects a pre-release by itself.
newest=
for version in $(ls "$versions" 2>/dev/null | grep -E '^[0-9]+\.[0-9]+\.[0-9]+$' | sort -t . -k 1,1n -k 2,2n -k 3,3n); do
	if [ -f "$(binary "$version")" ]; then newest=$version; fi
done

version=${newest:-0.1.0}
build "$version"
if [ -n "$newest" ] && cmp -s "$scratch/$name" "$(binary "$newest")"; then
	echo "Already installed: version $version of $address"
else
	# A different build is a different version: lock files hold each version's checksum.
	if [ -n "$newest" ]; then
		version=${newest%.*}.$((${newest##*.} + 1))
		build "$version"
	fi
	target=$(binary "$version")
	mkdir -p "$(dirname "$target")"
	mv "$scratch/$name" "$target"
	# A mirror's archive has it, too, and lock files hold the checksum of all files.
	cp LICENSE "$(dirname "$target")"
	echo "Installed: version $version of $address"
fi

cat <<EOF
  $(binary "$version")

terraform init and tofu init find it with
  terraform {
    required_providers {
      wechat = {
        source = "$address"
      }
    }
  }
Where a .terraform.lock.hcl holds an earlier version: terraform init -upgrade.
Where it holds other checksums of the same version: delete its block for $address first.
A provider_installation block in your CLI configuration switches this folder off; add to that block
  filesystem_mirror {
    path    = "$plugins"
    include = ["$address"]
  }
and to its direct block, if it has one: exclude = ["$address"]
EOF
