#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other.
# Usage: ci/fuzz.sh [time per target, 60s]
set -euo pipefail
time=${1:-60s}
found=0
while read -r pkg; do
  listed=$(go test -list '^Fuzz' "$pkg") # fails where the package does not compile
  for target in $(grep '^Fuzz' <<<"$listed" || true); do
    found=$((found + 1))
    echo "== $pkg $target ($time)"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$pkg"
  done
done < <(grep -rl --include='*_test.go' 'func Fuzz' . | xargs -n1 dirname | sort -u)
echo "$found fuzz targets ran"
[ "$found" -gt 0 ]
