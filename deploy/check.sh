#!/bin/sh
# Looks at the code without running Drover: format, vet, staticcheck, known vulnerabilities, fresh
# generated files, a build without cgo, and the tests under the race detector (in short mode: what
# takes minutes on purpose is left to deploy/test.sh). Says everything it finds before it fails.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
failed=

# report NAME STATUS: one line for each check.
report() {
    if [ "$2" = 0 ]; then
        printf 'check: %-12s ok\n' "$1"
    else
        printf 'check: %-12s FAILED\n' "$1"
        failed="$failed $1"
    fi
}

# check NAME COMMAND...: run it, print what it says when it fails or found something.
check() {
    name=$1
    shift
    status=0
    "$@" >"$work/out" 2>&1 || status=$?
    [ "$status" = 0 ] || cat "$work/out"
    report "$name" "$status"
}

unformatted() {
    files=$(git ls-files -co --exclude-standard -- '*.go' ':!*_templ.go')
    # A file may be in the index and no longer on disk.
    found=$(for file in $files; do [ ! -f "$file" ] || gofmt -l "$file"; done)
    [ -z "$found" ] || { printf 'not formatted, run gofmt -w:\n%s\n' "$found"; return 1; }
}

# generated: the list of generated files with their sums, those not in git too.
generated() {
    find . -name '*_templ.go' -not -path './data/*' -exec cksum {} + | sort
}

# stale: does generating again change, add or orphan a file?
stale() {
    generated >"$work/before"
    go tool templ generate >"$work/templ" 2>&1 || { cat "$work/templ"; return 1; }
    generated >"$work/after"
    if ! diff "$work/before" "$work/after" >"$work/stale"; then
        echo 'not what make generate makes of their sources (from the top: paths are written into them):'
        sed -n 's/^[<>] .* \(\.\/.*\)/\1/p' "$work/stale" | sort -u
        return 1
    fi
    orphans=$(find . -name '*_templ.go' -not -path './data/*' | while read -r file; do
        [ -f "${file%_templ.go}.templ" ] || echo "$file"
    done)
    [ -z "$orphans" ] || { printf 'no source for:\n%s\n' "$orphans"; return 1; }
    if git rev-parse -q --verify HEAD >/dev/null; then
        missing=$(git ls-files -o -- '*_templ.go' ':!data')
        [ -z "$missing" ] || { printf 'generated, but not in git:\n%s\n' "$missing"; return 1; }
    fi
}

scripts() {
    for file in deploy/*.sh; do
        case $(head -n 1 "$file") in *bash) bash -n "$file" ;; *) sh -n "$file" ;; esac
    done
    bash -n .ci/run
}

# vulnerable: fails on a finding. Where the database of vulnerabilities cannot be reached that
# is said, and is no finding: a build must not depend on somebody else's server.
vulnerable() {
    status=0
    go tool govulncheck ./... >"$work/vulnerabilities" 2>&1 || status=$?
    case $status in
    0) report govulncheck 0 ;;
    3)
        cat "$work/vulnerabilities"
        report govulncheck 1
        ;;
    *)
        if grep -qiE 'dial tcp|no such host|lookup |timeout|Forbidden|connection refused|HTTP GET|proxyconnect' "$work/vulnerabilities"; then
            printf 'check: %-12s NOT ASKED, the database of vulnerabilities does not answer: %s\n' \
                govulncheck "$(tail -n 1 "$work/vulnerabilities")"
        else
            cat "$work/vulnerabilities"
            report govulncheck 1
        fi
        ;;
    esac
}

check scripts scripts
check gofmt unformatted
check templ stale
check vet go vet ./...
check build env CGO_ENABLED=0 go build -trimpath -o "$work/drover" .
check staticcheck go tool staticcheck ./...
vulnerable
# The race detector needs cgo; its output is worth seeing as it comes.
if CGO_ENABLED=1 deploy/test.sh -race -short ./...; then report race 0; else report race 1; fi

[ -z "$failed" ] || { printf 'check: failed:%s\n' "$failed"; exit 1; }
