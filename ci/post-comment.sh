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
# Needs curl and jq. A token that may not write comments is no error: the script says
# where else the report is, and exits with 0.
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
  api=${CI_API_V4_URL:?}
  list="$api/projects/$CI_PROJECT_ID/merge_requests/${CI_MERGE_REQUEST_IID:?}/notes"
  auth="PRIVATE-TOKEN: ${GITLAB_TOKEN:-}"
  if [ -z "${GITLAB_TOKEN:-}" ]; then auth="JOB-TOKEN: ${CI_JOB_TOKEN:-}"; fi
  one=$list update=PUT
else
  echo "neither GITHUB_REPOSITORY nor CI_PROJECT_ID is set: not in a pipeline" >&2
  exit 1
fi

# call METHOD URL [JSON] leaves the answer in $answer and its status in $status,
# 000 when there was none. The token goes through a file descriptor, so that no list
# of processes shows it.
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
call() {
  local again=0
  if [ "$1" = GET ]; then again=2; fi # a comment that was posted twice is worse than none
  status=$(curl --silent --show-error --max-time 30 --retry $again --output "$answer" --write-out '%{http_code}' \
    -X "$1" -H @<(printf '%s\n' "$auth") -H 'Content-Type: application/json' ${3+--data-binary @-} "$2" <<<"${3-}") || status=000
  case $status in 2*) return 0 ;; *) return 1 ;; esac
}

# refused ends the script: a token that may not write, as in pull requests of forks,
# is no fault of the change, and the report is elsewhere too.
refused() {
  case $status in
  401 | 403 | 404)
    echo "the token may not write comments here (status $status): the report is in the job's summary and artifacts" >&2
    if [ -n "${GITHUB_ACTIONS:-}" ]; then echo "::warning title=banyan review::the token may not write comments here; the report is in the summary and the artifacts of this job"; fi
    exit 0 ;;
  000) echo "cannot reach $api" >&2 ;;
  *) echo "$1 was answered with status $status: $(head -c 500 "$answer" | tr -d '\000-\010\013-\037')" >&2 ;;
  esac
  exit 1
}

body=$(jq -n --rawfile text "$file" '{body: $text}')
if [ -n "$show" ]; then
  echo "GET $list?per_page=100&page=N   (looking for a comment that starts with $mark)"
  echo "POST $list, or $update $one/ID"
  echo "$body"
  exit 0
fi

ids=
for page in $(seq 1 50); do
  call GET "$list?per_page=100&page=$page" || refused "the list of comments"
  ids="$ids $(jq -r --arg mark "$mark" '.[] | select(.body // "" | startswith($mark)) | .id' "$answer")"
  if [ "$(jq length "$answer")" -lt 100 ]; then break; fi
done
# Somebody else may have begun a comment with the mark: that one cannot be updated.
for id in $ids; do
  if call "$update" "$one/$id" "$body"; then
    echo "updated comment $id"
    exit 0
  fi
  case $status in 401 | 403 | 404) ;; *) refused "the update of comment $id" ;; esac
done
call POST "$list" "$body" || refused "the comment"
echo "posted a comment"
