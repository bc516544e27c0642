#!/usr/bin/env bash
# The contract job of a pipeline: check, generate --check, review.
#
#   ci/contract.sh [REF]            compares with REF (default: the remote's default branch)
#
# BANYAN   the command (default: banyan, else go run of this module)
# OUT      folder for the reports (default: banyan-review)
#
# Writes OUT/comment.md, exactly what a pipeline posts, OUT/review.html,
# OUT/review.json, and OUT/review.sarif. Its exit code is the review's: 0 fine, 100
# something breaks without approval, 1 could not run.
set -uo pipefail

ref=${1:-}
case $ref in -*) echo "usage: ci/contract.sh [REF]" >&2; exit 1 ;; esac
out=${OUT:-banyan-review}
if [ -z "${BANYAN:-}" ]; then
  if command -v banyan >/dev/null; then BANYAN=banyan; else BANYAN="go run github.com/banyan-go/banyan/cmd/banyan"; fi
fi
mkdir -p "$out"

$BANYAN check || exit $?
if grep -q '^targets:' banyan.yaml; then $BANYAN generate --check || exit $?; fi

review() { $BANYAN review ${ref:+--against "$ref"} "$@"; }
review --format markdown >"$out/comment.md"
code=$?
if [ $code -ne 0 ] && [ $code -ne 100 ]; then exit $code; fi
for format in html json sarif; do
  review --format $format >"$out/review.$format" 2>/dev/null
done
cat "$out/comment.md"
exit $code
