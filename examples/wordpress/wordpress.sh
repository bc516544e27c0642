#!/usr/bin/env bash
# Runs Debian's WordPress on loopback, without a browser or a question asked:
# nginx -> php-fpm -> MariaDB, the last two behind sockets in WP_DIR.
#
#   wordpress.sh start     install what is missing (apt, as root), start
#   wordpress.sh seed      the same users, posts and comments every time
#   wordpress.sh env       WP_PHP=... and WP_DSN=..., for the Go server, and
#                          WP_FASTCGI=... and WP_ROOT=... of php-fpm itself
#   wordpress.sh stop      stop what start started
#   wordpress.sh remove    stop, then delete WP_DIR
#
# Every command can be repeated. Exit codes: 0, 1 for a failure, 2 for a wrong
# call, 3 when WordPress cannot be had on this machine. Environment:
#   WP_DIR    where the site lives    (default /var/lib/banyan-wordpress as root)
#   WP_PORT   nginx on 127.0.0.1      (default 8083; 0 takes a free one)
#   WP_CLOCK  a time such as "2026-01-15 12:00:00": PHP's clock starts there and
#             takes a quarter of an hour for a second (needs libfaketime), so
#             that the same request gives the same bytes
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "$(id -u)" = 0 ]; then
	dir=${WP_DIR:-/var/lib/banyan-wordpress}
else
	dir=${WP_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/banyan-wordpress}
fi
www=$dir/www run=$dir/run sock=$dir/run/db/mysql.sock
export DEBIAN_FRONTEND=noninteractive TZ=UTC

fail() {
	echo "wordpress.sh: $*" >&2
	exit 1
}

unavailable() {
	echo "wordpress.sh: $*" >&2
	exit 3
}

case $dir in
/*[!A-Za-z0-9._/-]* | [!/]*) fail "WP_DIR must be an absolute path of letters, digits, dots, dashes and underscores" ;;
esac
# A socket's path has at most 107 bytes (unix(7)).
[ ${#sock} -le 107 ] || fail "WP_DIR is too long for the path of a socket"

# packages: nginx and php-fpm go first. They are the "httpd" and the "php" that
# the wordpress package asks for; without them apt would bring in Apache.
packages() {
	local web=(nginx-light php-fpm php php-cli)
	local app=(php-mysql php-xml php-mbstring php-curl php-gd php-intl mariadb-server wordpress wordpress-theme-twentytwentythree)
	[ -z "${WP_CLOCK:-}" ] || app+=(libfaketime)
	command -v dpkg-query >/dev/null || unavailable "this needs Debian's packages: ${web[*]} ${app[*]}"
	local missing=() p
	for p in "${web[@]}" "${app[@]}"; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || unavailable "missing packages; as root: apt-get install --no-install-recommends ${web[*]} && apt-get install --no-install-recommends ${app[*]}"
	echo "installing ${missing[*]}" >&2
	local log
	log=$(mktemp)
	if ! {
		apt-get -o DPkg::Lock::Timeout=300 update -q &&
			apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "${web[@]}" &&
			apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "${app[@]}"
	} >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		unavailable "apt-get cannot install ${missing[*]}"
	fi
	rm -f "$log"
}

# fpm prints the newest php-fpm there is: Debian puts the version in its name.
fpm() {
	local found
	found=$(find /usr/sbin /usr/bin -maxdepth 1 -name 'php-fpm*' | sort -V | tail -n 1)
	[ -n "$found" ] || fail "no php-fpm in /usr/sbin"
	echo "$found"
}

# slow_clock makes "${clock[@]}" the words that start a command at WP_CLOCK. The
# time must go on, if only slowly: PHP's uniqid() waits for the next microsecond.
# Timeouts use the monotonic clock, which is left alone.
clock=()
slow_clock() {
	[ -n "${WP_CLOCK:-}" ] || return 0
	local lib
	lib=$(find /usr/lib -name libfaketime.so.1 -print -quit)
	[ -n "$lib" ] || fail "WP_CLOCK needs the package libfaketime"
	clock=(env "LD_PRELOAD=$lib" "FAKETIME=@$WP_CLOCK x0.001" FAKETIME_DONT_FAKE_MONOTONIC=1)
}

# running NAME: is the process in NAME.pid alive, and ours? A pid may have been
# given to somebody else since, so its command line has to name our folder.
running() {
	local pid
	pid=$(cat "$run/$1.pid" 2>/dev/null) || return 1
	tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$dir/"
}

# background NAME COMMAND...: starts it in a session of its own, so that Ctrl-C
# in the terminal reaches this script alone.
background() {
	local name=$1
	shift
	running "$name" && return
	setsid "$@" >"$run/$name.log" 2>&1 </dev/null 9>&- &
	echo $! >"$run/$name.pid"
}

# until_true NAME COMMAND...: waits until COMMAND succeeds, as long as NAME lives.
until_true() {
	local name=$1 i
	shift
	for i in $(seq 300); do
		"$@" >/dev/null 2>&1 && return
		[ "$i" -lt 20 ] || running "$name" || break
		sleep 0.1
	done
	tail -n 20 "$run/$name.log" >&2
	fail "$name did not start"
}

open_port() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# port prints the port of this run: the one we already have, the one asked for,
# or one that is free now.
port() {
	if running nginx; then
		cat "$run/port"
	elif [ "${WP_PORT:-8083}" = 0 ]; then
		# shellcheck disable=SC2016 # the dollar signs are PHP's
		php -r '$s = stream_socket_server("tcp://127.0.0.1:0"); echo explode(":", stream_socket_get_name($s, false))[1];'
	else
		! open_port "${WP_PORT:-8083}" || fail "port ${WP_PORT:-8083} is taken; choose another with WP_PORT, or 0 for a free one"
		echo "${WP_PORT:-8083}"
	fi
}

database() {
	local as=()
	[ "$(id -u)" != 0 ] || as=(--user=mysql)
	if [ ! -d "$dir/data/mysql" ]; then
		mkdir -p "$dir/data"
		[ "$(id -u)" != 0 ] || chown mysql "$dir/data" "$run/db"
		mariadb-install-db --no-defaults "${as[@]}" --datadir="$dir/data" \
			--auth-root-authentication-method=normal --skip-test-db >"$run/install-db.log" 2>&1 ||
			{ tail -n 20 "$run/install-db.log" >&2; fail "mariadb-install-db failed"; }
	fi
	# No network, no binary log, and no wait for the disk: nothing here outlives
	# the machine.
	background mariadbd "$(command -v mariadbd || echo /usr/sbin/mariadbd)" --no-defaults "${as[@]}" \
		--datadir="$dir/data" --socket="$sock" --pid-file="$run/db/mariadbd.pid" --skip-networking \
		--skip-log-bin --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M
	until_true mariadbd mariadb-admin --no-defaults -uroot -S "$sock" ping
	# wp_saved is for tests: they keep a copy of the tables there.
	mariadb --no-defaults -uroot -S "$sock" -e "
		CREATE DATABASE IF NOT EXISTS wp CHARACTER SET utf8mb4;
		CREATE DATABASE IF NOT EXISTS wp_saved CHARACTER SET utf8mb4;
		CREATE USER IF NOT EXISTS wp@localhost IDENTIFIED BY 'wp';
		GRANT ALL ON wp.* TO wp@localhost;
		GRANT ALL ON wp_saved.* TO wp@localhost;"
}

site() {
	if [ ! -e "$www/wp-load.php" ]; then
		# A copy, links followed: Debian's own files stay as they are. Its
		# wp-config.php looks into /etc/wordpress, ours replaces it.
		rm -rf "$www.new"
		cp -rL /usr/share/wordpress "$www.new" 2>/dev/null || [ -e "$www.new/wp-load.php" ] || fail "cannot copy /usr/share/wordpress"
		mkdir -p "$www.new/wp-content/uploads"
		mv "$www.new" "$www"
	fi
	install -m 644 "$here/php/wp-config.php" "$www/wp-config.php"
	[ "$(id -u)" != 0 ] || chown -R www-data "$www/wp-content"
	"${clock[@]}" php -d memory_limit=256M "$here/php/install.php" "$www" >"$run/install.log" 2>&1 || { cat "$run/install.log" >&2; fail "the installation of WordPress failed"; }
}

servers() {
	local user="" owner="" port=$1
	if [ "$(id -u)" = 0 ]; then
		user="user www-data;"
		owner=$'user = www-data\ngroup = www-data'
	fi
	cat >"$run/fpm.conf" <<-CONF
		[global]
		daemonize = no
		error_log = $run/php-errors.log
		[www]
		$owner
		listen = $run/fpm.sock
		listen.mode = 0666
		pm = static
		pm.max_children = 4
		; the workers need WP_CLOCK's settings
		clear_env = no
	CONF
	cat >"$run/nginx.conf" <<-CONF
		daemon off;
		$user
		pid $run/nginx-master.pid;
		error_log $run/nginx-errors.log;
		worker_processes 1;
		events { worker_connections 512; }
		http {
		    access_log off;
		    include /etc/nginx/mime.types;
		    client_max_body_size 16m;
		    client_body_temp_path $run/tmp/body;
		    fastcgi_temp_path $run/tmp/fastcgi;
		    proxy_temp_path $run/tmp/proxy;
		    uwsgi_temp_path $run/tmp/uwsgi;
		    scgi_temp_path $run/tmp/scgi;
		    server {
		        listen 127.0.0.1:$port;
		        root $www;
		        index index.php;
		        location / { try_files \$uri \$uri/ /index.php\$is_args\$args; }
		        location ~ \.php\$ {
		            include /etc/nginx/fastcgi_params;
		            # Debian's file sends the host without its port.
		            fastcgi_param HTTP_HOST \$http_host;
		            fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;
		            fastcgi_pass unix:$run/fpm.sock;
		        }
		    }
		}
	CONF
	mkdir -p "$run/tmp"
	echo "$port" >"$run/port"
	running fpm || rm -f "$run/fpm.sock" # a crash leaves it behind
	background fpm "${clock[@]}" "$(fpm)" -F -y "$run/fpm.conf"
	until_true fpm test -S "$run/fpm.sock"
	background nginx "$(command -v nginx || echo /usr/sbin/nginx)" -e "$run/nginx.log" -c "$run/nginx.conf"
	until_true nginx open_port "$port"
}

start() {
	packages
	slow_clock
	mkdir -p "$run/db"
	chmod 755 "$dir" "$run"
	exec 9>"$dir/lock"
	flock 9 # two starts at once would install twice
	local at
	at=$(port)
	database
	site
	servers "$at"
	exec 9>&-
	echo "WordPress answers on http://127.0.0.1:$at/wp-json/" >&2
}

seed() {
	running mariadbd || fail "not running; wordpress.sh start comes first"
	slow_clock
	"${clock[@]}" php -d memory_limit=256M "$here/php/seed.php" "$www" >&2
}

environment() {
	running nginx || fail "not running; wordpress.sh start comes first"
	echo "WP_PHP=http://127.0.0.1:$(cat "$run/port")"
	echo "WP_DSN=wp:wp@unix($sock)/wp"
	echo "WP_FASTCGI=fastcgi+unix://$run/fpm.sock"
	echo "WP_ROOT=$www"
}

stop() {
	local name i
	for name in nginx fpm mariadbd; do
		if running "$name"; then
			kill "$(cat "$run/$name.pid")"
			for i in $(seq 200); do
				running "$name" || break
				sleep 0.05
			done
			! running "$name" || fail "$name does not stop"
		fi
		rm -f "$run/$name.pid"
	done
}

case ${1:-} in
start) start ;;
seed) seed ;;
env) environment ;;
stop) stop ;;
remove)
	stop
	# only a folder that start made
	[ ! -e "$dir/lock" ] || rm -rf "$dir"
	;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
	exit 2
	;;
esac
