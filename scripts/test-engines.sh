#!/bin/sh
# Runs the tests that need an engine, and the demo, on each engine it is given (a path, or a name on the PATH), one
# after another. gotestsum says what failed, and what was skipped and why; a table of all engines follows. It fails
# where anything failed on any of them.
set -eu
cd "$(dirname "$0")/.."

if [ $# = 0 ]; then
	echo "test-engines: there is no engine to run: name some in ENGINES, as paths or as names on the PATH" >&2
	exit 1
fi
for engine in "$@"; do
	command -v "$engine" >/dev/null ||
		{ echo "test-engines: $engine cannot be run: name those that are to run in ENGINES" >&2; exit 1; }
done
# The packages whose tests run an engine.
packages=$(grep -rlE --include='*_test.go' '(engine\.|= )Find\(' internal |
	xargs -n 1 dirname | sort -u | sed 's|^|./|')

mkdir -p .cache
scratch=$(mktemp -d "$PWD/.cache/test-engines.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

row='%-18s %6s %7s %7s %8s %9s  %s\n'
# shellcheck disable=SC2059 # The format is the row above.
printf "$row" engine tests passed failed skipped time demo >"$scratch/table"
for engine in "$@"; do
	path=$(command -v "$engine")
	case $path in /*) ;; *) path=$PWD/$path ;; esac
	name=$("$path" version | sed -nE 's/^(Terraform|OpenTofu) v/\1 /p')
	echo "=== $name at $path"
	export ENGINE="$path"
	# shellcheck disable=SC2086 # Packages are words.
	{ gotestsum --format pkgname -- -race -count=1 -timeout=29m $packages || touch "$scratch/failed"; } 2>&1 |
		tee "$scratch/log"
	demo=passed
	go run ./internal/demo >"$scratch/demo" 2>&1 || { cat "$scratch/demo"; demo=FAILED; touch "$scratch/failed"; }
	# "DONE 812 tests, 9 skipped, 2 failures in 83.215s": a package that fails before its tests is no test.
	awk -v name="$name" -v demo="$demo" -v row="$row" '
		/^=== FAIL: [^ ]+ +\(/ { packages++ }
		/^DONE / { for (i = 2; i < NF; i++) { word = $(i + 1); sub(/s?,?$/, "", word); count[word] = $i }; time = $NF }
		END {
			failed = count["failure"] + 0
			skipped = count["skipped"] + 0
			passed = count["test"] + packages - skipped - failed
			printf row, name, passed + failed + skipped, passed, failed, skipped, time, demo
			exit passed + failed == 0
		}' "$scratch/log" >>"$scratch/table" || touch "$scratch/failed"
done
echo
cat "$scratch/table"
[ ! -e "$scratch/failed" ] || { echo "test-engines: there are failures" >&2; exit 1; }
