#!/usr/bin/env bash
# Installs what the example and the end-to-end tests need, or says exactly
# what to install. Usage: ci/setup.sh php|services
set -euo pipefail

command -v go >/dev/null || {
  echo "Go 1.26 or newer is needed: https://go.dev/doc/install" >&2
  exit 1
}

missing=()
case "${1:-php}" in
php)
  if ! command -v php >/dev/null; then
    missing=(php-cli php-sqlite3)
  elif ! php -r 'exit(extension_loaded("pdo_sqlite") ? 0 : 1);'; then
    missing=(php-sqlite3)
  fi
  ;;
services)
  for tool in redis-server jq curl; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  # Programs of the administrator need not be on everybody's path.
  PATH=$PATH:/usr/sbin:/sbin
  command -v nginx >/dev/null || missing+=(nginx-light)
  compgen -c php-fpm >/dev/null || missing+=(php-fpm)
  ;;
*)
  echo "usage: ci/setup.sh php|services" >&2
  exit 1
  ;;
esac
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]} ..." >&2
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  { apt-get update -q && apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
  }
  exit 0
fi
if [ "${1:-php}" = services ]; then
  echo "missing: ${missing[*]}. On Debian and Ubuntu: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
cat >&2 <<EOF
PHP with SQLite is missing. Install it and try again:
  Debian, Ubuntu:  sudo apt-get install --no-install-recommends php-cli php-sqlite3
  macOS:           brew install php
EOF
exit 1
