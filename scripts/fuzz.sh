#!/bin/sh
# Runs each fuzz target of the module for a time, one after the other, and stops at the first input that fails.
set -eu
cd "$(dirname "$0")/.."

time=${1:?usage: make fuzz [FUZZTIME=30s] [FUZZ=pattern]}
pattern=${2:-^Fuzz}
# Only what declares a target is compiled.
folders=$(find . -name '*_test.go' -not -path './.cache/*' -not -path './tools/*' -exec grep -l '^func Fuzz' {} + | xargs -n 1 dirname | sort -u)

ran=0
for folder in $folders; do
	listed=$(go test -list "$pattern" "$folder") || { echo "$listed" >&2; exit 1; }
	for target in $(printf '%s\n' "$listed" | grep '^Fuzz' || true); do
		echo "=== $target in $folder, for $time"
		# Minimizing has a bound of its own, so that a failure is told soon.
		if ! go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10s "$folder"; then
			cat >&2 <<-END

				$target failed. Where an input made it fail, that was put into $folder/testdata/fuzz/$target.
				Run it again:    go test -run '^$target\$' $folder
				Mend the fault and commit the input with it: from then on every test run tries it.
			END
			exit 1
		fi
		ran=$((ran + 1))
	done
done
if [ "$ran" = 0 ]; then
	echo "No fuzz target matches $pattern" >&2
	exit 1
fi
echo "$ran fuzz targets ran for $time each, and no input failed."
