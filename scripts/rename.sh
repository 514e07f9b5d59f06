#!/bin/sh
# Changes the provider's source address wherever a tracked file says it. Run it again to change it again.
set -eu
cd "$(dirname "$0")/.."

new=${1:-}
if ! printf '%s\n' "$new" | grep -Eqx '[a-z0-9.-]+\.[a-z0-9-]+(:[0-9]+)?/[a-z0-9][a-z0-9_-]*/wechat'; then
	echo "usage: make rename ADDRESS=registry.terraform.io/acme/wechat (host/namespace/wechat, in lower case)" >&2
	exit 1
fi
old=$(sed -n 's/^const Address = "\(.*\)"$/\1/p' internal/engine/engine.go)
if [ "$old" = "$new" ]; then
	echo "The source address is $new already."
	exit
fi

# Not a part of something longer: the module's path begins like the address and stays.
pattern=$(printf '%s' "$old" | sed 's/\./\\./g')
mkdir -p .cache
scratch=$(mktemp .cache/rename.XXXXXX)
trap 'rm -f "$scratch"' EXIT
git grep -IlF -e "$old" | while IFS= read -r file; do
	sed -e "s|^$pattern\$|$new|" \
		-e "s|^$pattern\([^a-z0-9_-]\)|$new\1|" \
		-e "s|\([^a-z0-9_.-]\)$pattern\([^a-z0-9_-]\)|\1$new\2|g" \
		-e "s|\([^a-z0-9_.-]\)$pattern\$|\1$new|" "$file" >"$scratch"
	cmp -s "$scratch" "$file" && continue
	cat "$scratch" >"$file" # keeps the file's mode
	echo "$file"
done
echo "The source address was $old and is $new. Now: make generate test"
