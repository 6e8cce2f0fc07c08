#!/bin/sh
# Runs the tests with everything they need, and says what was measured.
#
#   deploy/test.sh [go test arguments]        (default: ./...)
#   deploy/test.sh bench                      measures beside the peers, see bench/
#
# Installs what is missing (setup.sh test), starts a PostgreSQL and a Redis of its own in a
# folder under /tmp, runs go vet and go test, and stops both again. The system's own servers are
# never touched. A server that does not start is a failure: no test is left out because of it.
#
# What the tests are told, each variable for one thing:
#   DROVER_TEST_POSTGRES  URL of an empty database whose user may create more
#   DROVER_TEST_REDIS     URL of a Redis that nobody else uses, with 256 numbered databases
#   DROVER_TEST_CHROMIUM  path of the browser
#   DROVER_TEST_AXE       path of axe.min.js
#   DROVER_TEST_HTML_VALIDATE  path of html-validate
#   DROVER_TEST_OIDC_PROVIDER  path of what runs an identity provider
# You may set:
#   DROVER_TEST_CHECKOUTS  how many checkouts the seeded site of the browser tests has (12; a month has 300)
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
started=$(date +%s)

say() { printf 'test: %s\n' "$*"; }
die() { printf 'test: %s\n' "$*" >&2; exit 1; }

if [ "${1:-}" = bench ]; then deploy/setup.sh bench; else deploy/setup.sh test; fi

home=$(mktemp -d /tmp/drover-test.XXXXXX)
# PostgreSQL runs as another user than root, and has to get through to its own folder.
chmod 711 "$home"
postgres_started=no
redis_process=

# as_postgres COMMAND...: PostgreSQL refuses to run as root; the package brings a user for it.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# shellcheck disable=SC2329 # called by the trap
stop() {
    status=$?
    trap '' INT TERM HUP
    trap - EXIT
    [ -z "$redis_process" ] || kill "$redis_process" 2>/dev/null || true
    if [ "$postgres_started" = yes ]; then
        (cd "$home" && as_postgres "$postgres/pg_ctl" -D "$home/postgres" -m immediate -w -t 20 stop >/dev/null 2>&1) || true
    fi
    [ -z "$redis_process" ] || wait "$redis_process" 2>/dev/null || true
    rm -rf "$home"
    exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# postgres_folder: where the newest PostgreSQL keeps its programs; they are not in the PATH.
postgres_folder() {
    newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
    if [ -x "$newest" ]; then dirname "$newest"; else dirname "$(command -v initdb)"; fi
}

start_postgres() {
    postgres=$(postgres_folder)
    mkdir "$home/postgres" "$home/socket"
    [ "$(id -u)" != 0 ] || chown postgres "$home/postgres" "$home/socket"
    # From a folder that the other user may enter, else it complains.
    cd "$home"
    as_postgres "$postgres/initdb" -D "$home/postgres" -U drover -A trust -E UTF8 --locale=C.UTF-8 \
        --no-sync >"$home/initdb.log" 2>&1 || { cat "$home/initdb.log" >&2; die "initdb failed"; }
    # No TCP, so no port that could be taken; nothing here outlives the run, so nothing is synced.
    postgres_started=yes
    as_postgres "$postgres/pg_ctl" -D "$home/postgres" -l "$home/postgres/log" -w -t 60 -o "\
-c listen_addresses='' -c unix_socket_directories=$home/socket -c max_connections=300 \
-c fsync=off -c synchronous_commit=off -c full_page_writes=off" start >"$home/pg_ctl.log" 2>&1 ||
        { cat "$home/pg_ctl.log" "$home/postgres/log" >&2; die "PostgreSQL did not start"; }
    as_postgres "$postgres/createdb" -h "$home/socket" -U drover drover
    cd "$root"
    DROVER_TEST_POSTGRES="postgres://drover@/drover?host=$home/socket&sslmode=disable"
    export DROVER_TEST_POSTGRES
}

# start_redis_on PORT: fails when the port is taken, which the caller answers with another.
start_redis_on() {
    redis-server --bind 127.0.0.1 --port "$1" --databases 256 --save '' --appendonly no \
        --maxmemory-policy noeviction --dir "$home" --daemonize no >"$home/redis.log" 2>&1 &
    redis_process=$!
    # Ten seconds, and no longer than the process lives.
    for _ in $(seq 100); do
        kill -0 "$redis_process" 2>/dev/null || break
        if redis-cli -h 127.0.0.1 -p "$1" info server 2>/dev/null | grep -q "process_id:$redis_process"; then
            return 0
        fi
        sleep 0.1
    done
    kill "$redis_process" 2>/dev/null || true
    wait "$redis_process" 2>/dev/null || true
    redis_process=
    return 1
}

start_redis() {
    for _ in 1 2 3 4 5; do
        # Below the ports that the system hands out by itself.
        port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 10000))
        if start_redis_on "$port"; then
            DROVER_TEST_REDIS="redis://127.0.0.1:$port/0"
            export DROVER_TEST_REDIS
            return 0
        fi
    done
    cat "$home/redis.log" >&2
    die "Redis did not start on any of five ports"
}

start_postgres
start_redis
DROVER_TEST_CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
DROVER_TEST_AXE=$(deploy/setup.sh axe-file)
DROVER_TEST_HTML_VALIDATE=$(deploy/setup.sh html-validate-file)
DROVER_TEST_OIDC_PROVIDER=$(deploy/setup.sh oidc-provider-file)
export DROVER_TEST_CHROMIUM DROVER_TEST_AXE DROVER_TEST_HTML_VALIDATE DROVER_TEST_OIDC_PROVIDER
say "$("$postgres/postgres" --version), $(redis-server --version | cut -d' ' -f1-3), $(basename "$DROVER_TEST_CHROMIUM"), $(go env GOVERSION)"

if [ "${1:-}" = bench ]; then
    # The same servers, for measuring instead of testing.
    make --no-print-directory build
    go run ./bench
    exit
fi
[ $# -gt 0 ] || set -- ./...
go vet ./... || die "go vet found something, see above"

# One stream for people and one for counting: summary.awk holds a package's lines back and prints
# them only if it failed; of the others it prints the closing line, what was measured, what was skipped.
rm -f "$home/status"
# Packages one after another: some measure, some kill processes and wait for others to take over.
{ go test -p 1 -v -timeout 25m "$@" 2>&1 || echo $? >"$home/status"; } | awk -f deploy/summary.awk
seconds=$(($(date +%s) - started))
say "took $((seconds / 60)) min $((seconds % 60)) s"
[ ! -e "$home/status" ] || die "failed"
