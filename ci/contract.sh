#!/usr/bin/env bash
# The contract job of a pipeline: check, generate --check, review.
#
#   ci/contract.sh [REF]            compares with REF (default: the remote's default branch)
#
# BANYAN   the command (default: banyan, else go run of this module)
# OUT      folder for the reports (default: banyan-review)
#
# Writes OUT/comment.md, exactly what a pipeline posts, and the whole review as
# OUT/review.html, review.json, review.sarif and codequality.json. All three steps
# run, whatever the ones before found, and the comment says what each found. The
# exit code is 0 when all is well, 100 when something is to be mended or approved,
# 1 when a step could not run.
set -uo pipefail

ref=${1:-}
case $ref in -*) echo "usage: ci/contract.sh [REF]" >&2; exit 1 ;; esac
out=${OUT:-banyan-review}
if [ -z "${BANYAN:-}" ]; then
  if command -v banyan >/dev/null; then BANYAN=banyan; else BANYAN="go run github.com/banyan-go/banyan/cmd/banyan"; fi
fi
read -ra banyan <<<"$BANYAN"
mkdir -p "$out" || exit 1
rm -f "$out"/{comment.md,review.html,review.json,review.sarif,codequality.json,annotations.txt}
parts=$(mktemp -d) || exit 1
trap 'rm -rf "$parts"' EXIT
: >"$parts/faults.md"

worst=0
note() { # CODE: what a step exited with; "could not run" is worse than findings
  if [ "$1" -ne 0 ] && [ "$worst" -ne 1 ]; then worst=$1; fi
  if [ "$worst" -ne 0 ] && [ "$worst" -ne 100 ]; then worst=1; fi
}

# step TITLE COMMAND...: runs a step and keeps what it says if it fails. Go run
# hides exit codes behind its own: what it says tells them apart.
step() {
  local title=$1 code
  shift
  "$@" >"$parts/said" 2>&1
  code=$?
  if [ $code -eq 1 ] && [ "$(tail -n 1 "$parts/said")" = "exit status 100" ]; then code=100; fi
  cat "$parts/said"
  note $code
  if [ $code -ne 0 ]; then
    # Quotes instead of backticks: no line of it ends the block.
    { printf '### %s\n\n```text\n' "$title"; head -c 8000 "$parts/said" | iconv -f utf-8 -t utf-8 -c | tr '`' "'"; printf '\n```\n\n'; } >>"$parts/faults.md"
  fi
}

step "The contracts have errors: \`banyan check\`" "${banyan[@]}" check
if [ -n "${GITHUB_ACTIONS:-}" ]; then "${banyan[@]}" check --format github 2>/dev/null | grep '^::'; fi
if grep -q '^targets:' banyan.yaml 2>/dev/null; then
  step "The generated code is not what the contracts say: run \`banyan generate\` and commit it" "${banyan[@]}" generate --check
fi

"${banyan[@]}" review ${ref:+--against "$ref"} --format markdown --write "html=$out/review.html" --write "json=$out/review.json" \
  --write "sarif=$out/review.sarif" --write "gitlab=$out/codequality.json" --write "github=$out/annotations.txt" >"$parts/review.md" 2>"$parts/said"
code=$?
if [ $code -eq 1 ] && [ "$(tail -n 1 "$parts/said")" = "exit status 100" ]; then code=100; fi
cat "$parts/said" >&2
note $code
if [ -n "${GITHUB_ACTIONS:-}" ] && [ -f "$out/annotations.txt" ]; then cat "$out/annotations.txt"; fi
rm -f "$out/annotations.txt"

mark='<!-- banyan-review -->'
if [ ! -s "$parts/review.md" ]; then
  { echo "$mark"; printf '### The review could not run\n\n```text\n'; head -c 8000 "$parts/said" | iconv -f utf-8 -t utf-8 -c | tr '`' "'"; printf '\n```\n'; } >"$parts/review.md"
fi
# Code hosts take a little more than 65,000 bytes: faults come first, and a review
# that has no room beside them is shown by its headline.
{
  echo "$mark"
  cat "$parts/faults.md"
  if [ $(($(wc -c <"$parts/faults.md") + $(wc -c <"$parts/review.md"))) -le 60000 ]; then
    tail -n +2 "$parts/review.md"
  else
    sed -n '2p' "$parts/review.md"
    printf '\nThere is no room for the rest: look at the full report of the pipeline.\n'
  fi
} >"$out/comment.md"
cat "$out/comment.md"
# For pull requests whose token may not write comments, such as those of forks.
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$out/comment.md" >>"$GITHUB_STEP_SUMMARY"; fi
exit "$worst"
