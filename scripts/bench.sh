#!/bin/sh
# Prepares what internal/bench measures, and runs it with the arguments: a folder for each plan, and a mirror of their
# providers, each behind a script that has its cost noted. HTTP_PROVIDER_BIN names a built hashicorp/http provider;
# without it the engine's init fetches one, with its user's own settings.
set -eu
cd "$(dirname "$0")/.."

engine=${ENGINE:-$(command -v terraform || command -v tofu)}
http=${HTTP_PROVIDER_BIN:-}
mkdir -p .cache
lab=$(mktemp -d "$PWD/.cache/bench.XXXXXX")
trap 'rm -rf "$lab"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

build() { CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o "$lab/$1" "$2"; }
build bench ./internal/bench
build wechat .

if [ -z "$http" ]; then
	mkdir "$lab/fetched"
	cat >"$lab/fetched/main.tf" <<-END
		terraform {
		  required_providers {
		    http = { source = "hashicorp/http" }
		  }
		}
	END
	if "$engine" -chdir="$lab/fetched" init -no-color >/dev/null; then
		http=$(ls "$lab"/fetched/.terraform/providers/*/hashicorp/http/*/*/terraform-provider-http*)
	else
		echo "bench: without hashicorp/http, which HTTP_PROVIDER_BIN can name" >&2
	fi
fi

# mirror ADDRESS PROGRAM [ARGUMENT] puts a program where the engine looks for a provider, and checks its sum.
mirror() {
	folder=$lab/mirror/$1/0.1.0/$(go env GOHOSTOS)_$(go env GOHOSTARCH)
	script=$folder/terraform-provider-${1##*/}_v0.1.0
	mkdir -p "$folder"
	cp "$2" "$folder/provider"
	printf '#!/bin/sh\nexec "%s/bench" note "%s/notes" "${0%%/*}/provider" %s\n' "$lab" "$lab" "${3:-}" >"$script"
	chmod +x "$script" "$folder/provider"
}
mirror terraform.local/wechat/wechat "$lab/wechat"
mirror terraform.local/bench/empty "$lab/bench" empty
[ -z "$http" ] || mirror terraform.local/bench/http "$http"

export TF_CLI_CONFIG_FILE="$lab/cli.tfrc"
printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s/mirror"\n  }\n}\n' "$lab" >"$TF_CLI_CONFIG_FILE"
for plan in internal/bench/plans/*.tf; do
	name=$(basename "$plan" .tf)
	if [ "$name" = http ] && [ -z "$http" ]; then continue; fi
	mkdir "$lab/$name"
	cp "$plan" "$lab/$name/main.tf"
	"$engine" -chdir="$lab/$name" init -no-color >/dev/null
done
"$lab/bench" -lab "$lab" "$@"
