#!/bin/sh
# Rehearses a release: builds all that one is made of twice, in different surroundings, compares the two byte by byte,
# and publishes nothing. `make snapshot` runs it, with GoReleaser built from tools/release.
set -eu
cd "$(dirname "$0")/.."

for program in zipinfo unzip; do
	command -v "$program" >/dev/null ||
		{ echo "snapshot: $program is not on the PATH: it shows what is in an archive" >&2; exit 1; }
done

name=terraform-provider-wechat
scratch=$PWD/.cache/snapshot
elsewhere="$scratch/another folder"
rm -rf "$scratch"
mkdir -p "$scratch"

TZ=UTC
export TZ
# The time that everything in a release bears, as zipinfo shows it.
committed=$(git log -1 --date=format-local:%Y%m%d.%H%M%S --format=%cd) || {
	echo "snapshot: a release is built from a commit, and here is none: clone the repository, or commit" >&2
	exit 1
}
if ! git ls-remote --get-url >/dev/null 2>&1; then
	# GoReleaser forgets the commit and its time where no remote tells whose release it is.
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.url GIT_CONFIG_VALUE_0=https://git.example/nobody/$name
	export GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0
fi

# build FOLDER UMASK. Signing is left out: it takes the owner's key.
build() {
	(cd "$1" && umask "$2" && goreleaser check && goreleaser release --snapshot --clean --skip=sign) \
		>"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
}

echo "Building here, into dist/"
build . 022
echo "Building again, from a clone in another folder, with another umask"
git clone --quiet --no-checkout . "$elsewhere"
# What is not committed yet belongs to it as well.
export GIT_INDEX_FILE="$scratch/index"
git add --all
git checkout-index --all --prefix="$elsewhere/"
unset GIT_INDEX_FILE
build "$elsewhere" 077

problems=$scratch/problems
problem() { echo "  $*" >>"$problems"; }
sum() { sha256sum <"$1" | cut -d ' ' -f 1; }
# same FILE WHAT compares a file of both builds.
same() { cmp -s "dist/$1" "$elsewhere/dist/$1" || problem "$1: the second build gave another $2"; }

version=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' dist/metadata.json)
printf '\nversion %s\n' "$version"
found=0
for archive in dist/*.zip; do
	file=${archive#dist/}
	platform=${file#"${name}_${version}_"}
	platform=${platform%.zip}
	if [ "$file" != "${name}_${version}_$platform.zip" ]; then
		problem "$file: the registries look for ${name}_${version}_OS_ARCH.zip"
		continue
	fi
	found=$((found + 1))
	printf '%-14s %9s bytes  %s\n' "$platform" "$(wc -c <"$archive" | tr -d ' ')" "$(sum "$archive")"

	# The license and the binary, with names, modes and times that depend on nothing but the commit.
	binary=${name}_v$version
	case $platform in windows_*) binary=$binary.exe ;; esac
	printf '%s\n' "-rw-r--r-- $committed LICENSE" "-rwxr-xr-x $committed $binary" >"$scratch/wanted"
	zipinfo -T "$archive" | awk '/^[-dl?]/ { print $1, $(NF - 1), $NF }' | LC_ALL=C sort >"$scratch/inside"
	cmp -s "$scratch/wanted" "$scratch/inside" ||
		problem "$file holds $(paste -s -d ';' "$scratch/inside"), not $(paste -s -d ';' "$scratch/wanted")"
	same "$file" archive
	same "${file%.zip}.cdx.json" "bill of materials, or there is none"
done
[ "$found" -gt 0 ] || problem "there are no archives"

# What makes a mirror of them.
mirror=mirror/terraform.local/wechat/wechat
for file in lock.hcl "$mirror/index.json" "$mirror/$version.json"; do
	same "$file" "file of a mirror, or there is none"
done

# The checksums name each file that is released, and nothing else.
sums=${name}_${version}_SHA256SUMS
{
	(cd dist && sha256sum -- *.zip *.cdx.json lock.hcl)
	(cd "dist/$mirror" && sha256sum -- index.json "$version.json")
	echo "$(sum terraform-registry-manifest.json)  ${name}_${version}_manifest.json"
} | LC_ALL=C sort -k 2 >"$scratch/wanted"
LC_ALL=C sort -k 2 "dist/$sums" >"$scratch/inside"
if ! difference=$(diff "$scratch/inside" "$scratch/wanted"); then
	problem "$sums does not match the files:"
	problem "$difference"
fi
same "$sums" "file of checksums"

# The recipe for those who verify a release: go build, without GoReleaser, gives the released binary.
host=$(go env GOHOSTOS)_$(go env GOHOSTARCH)
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$version" -o "$scratch/alone" .
case $host in windows_*) suffix=.exe ;; *) suffix= ;; esac
unzip -p "dist/${name}_${version}_$host.zip" "${name}_v$version$suffix" | cmp -s - "$scratch/alone" ||
	problem "$host: go build alone gives another binary"

if [ -s "$problems" ]; then
	echo "snapshot: this would be no release:" >&2
	cat "$problems" >&2
	exit 1
fi
cat <<END

Both builds gave the same bytes: $found archives, the binary in each, a bill of materials for each, what makes a mirror of
them, and the checksums.
go build alone gives the binary for $host as well. All is in dist/.
Not signed, not attested, not published: only the release workflow does that, with the owner's key. See PUBLISHING.md.
END
rm -rf "$scratch"
