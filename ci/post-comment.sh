#!/usr/bin/env bash
# Posts a comment on a pull request or merge request, or updates the one that was
# posted before: the first line of the file is the mark by which it is found.
#
#   ci/post-comment.sh FILE         posts FILE
#   ci/post-comment.sh --show FILE  prints the calls it would make, and makes none;
#                                   outside a pipeline, those of GitHub
#
# GitHub: GITHUB_TOKEN, GITHUB_REPOSITORY, PR (number); GITHUB_API_URL as set by Actions.
# GitLab: GITLAB_TOKEN (or CI_JOB_TOKEN where it may write notes), CI_API_V4_URL,
#         CI_PROJECT_ID, CI_MERGE_REQUEST_IID.
# Needs curl and jq.
set -euo pipefail

show=
if [ "${1:-}" = --show ]; then show=1; shift; fi
file=${1:-}
if [ ! -f "$file" ]; then
  echo "usage: ci/post-comment.sh [--show] FILE; ${file:+there is no file $file: }ci/contract.sh writes banyan-review/comment.md" >&2
  exit 1
fi
mark=$(head -n 1 "$file")
if [ -n "$show" ] && [ -z "${GITHUB_REPOSITORY:-}${CI_PROJECT_ID:-}" ]; then GITHUB_REPOSITORY=OWNER/REPOSITORY PR=NUMBER; fi

if [ -n "${GITHUB_REPOSITORY:-}" ]; then
  api=${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY
  list="$api/issues/${PR:?the number of the pull request}/comments"
  auth="Authorization: Bearer ${GITHUB_TOKEN:-}"
  one="$api/issues/comments" update=PATCH
elif [ -n "${CI_PROJECT_ID:-}" ]; then
  list="${CI_API_V4_URL:?}/projects/$CI_PROJECT_ID/merge_requests/${CI_MERGE_REQUEST_IID:?}/notes"
  auth="PRIVATE-TOKEN: ${GITLAB_TOKEN:-}"
  if [ -z "${GITLAB_TOKEN:-}" ]; then auth="JOB-TOKEN: ${CI_JOB_TOKEN:-}"; fi
  one=$list update=PUT
else
  echo "neither GITHUB_REPOSITORY nor CI_PROJECT_ID is set: not in a pipeline" >&2
  exit 1
fi

# The token goes through a file descriptor, so that no list of processes shows it.
call() { curl --silent --show-error --fail-with-body --max-time 30 -H @<(printf '%s\n' "$auth") -H 'Content-Type: application/json' "$@"; }

body=$(jq -n --rawfile text "$file" '{body: $text}')
if [ -n "$show" ]; then
  echo "GET $list?per_page=100&page=N   (looking for a comment that starts with $mark)"
  echo "POST $list, or $update $one/ID"
  echo "$body"
  exit 0
fi

id=
for page in $(seq 1 50); do
  found=$(call "$list?per_page=100&page=$page")
  id=$(jq -r --arg mark "$mark" '[.[] | select(.body | startswith($mark)) | .id] | first // empty' <<<"$found")
  if [ -n "$id" ] || [ "$(jq length <<<"$found")" -lt 100 ]; then break; fi
done
if [ -n "$id" ]; then
  call -X "$update" "$one/$id" --data-binary @- <<<"$body" >/dev/null
  echo "updated comment $id"
else
  call -X POST "$list" --data-binary @- <<<"$body" >/dev/null
  echo "posted a comment"
fi
