#!/bin/sh
# Installs, from Debian packages, what Drover needs and this machine lacks.
#
#   deploy/setup.sh [run|test|bench|lighthouse|kernel] ...     (default: run)
#
#   run     what building and running needs: git, make, a C compiler, bubblewrap, ccache
#   test    and what the tests need: PostgreSQL, Redis, Chromium, fonts, axe-core, html-validate,
#           oidc-provider
#   bench   and the peers that are measured beside it: Django, PyYAML, and a kernel's source
#   lighthouse  what make lighthouse needs: Chromium, fonts, Lighthouse
#   kernel  and what building a Linux kernel for User Mode Linux needs, with its source
#
# Looks for the thing itself, not for the package, so it is quiet where everything is there,
# however it came there. May be run as often as wanted. Go itself is not installed: Debian's is
# too old for go.mod.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
axe_version=4.14.1
# All need a newer node than Debian 12 has, so each brings its own.
html_validate_version=11.18.0
oidc_provider_version=9.13.3
lighthouse_version=13.5.0
node_version=22.23.3
missing=

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# there NAME...: is one of these there? A name with a slash is a path and may hold wildcards.
there() {
    for name in "$@"; do
        case $name in
        */*) [ -e "$name" ] && return 0 ;;
        *) command -v "$name" >/dev/null 2>&1 && return 0 ;;
        esac
    done
    return 1
}

# need PACKAGE NAME...: put the package on the list unless one of the names is there.
need() {
    package=$1
    shift
    there "$@" || missing="$missing $package"
}

need_run() {
    need git git
    need make make
    need gcc gcc
    need libc6-dev /usr/include/stdio.h
    need bubblewrap bwrap
    need ccache ccache
    need ca-certificates /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt
}

need_test() {
    need_run
    need postgresql /usr/lib/postgresql/*/bin/initdb initdb
    need redis-server redis-server
    need chromium chromium chromium-browser google-chrome
    need fonts-dejavu-core /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf /usr/share/fonts/dejavu-sans-fonts
    need xz-utils xz
    need curl curl
    if ! [ -s "$(axe_file)" ] || ! [ -x "$(node_program html-validate)" ] || ! [ -x "$(node_program oidc-provider)" ]; then
        need npm npm
    fi
}

need_bench() {
    need_test
    need python3-django /usr/lib/python3/dist-packages/django
    need python3-yaml /usr/lib/python3/dist-packages/yaml
    # What targeting is measured on: the paths of a kernel, and its MAINTAINERS.
    need linux-source /usr/src/linux-source-*.tar.xz
    need xz-utils xz
    need perl perl
}

need_lighthouse() {
    need_run
    need chromium chromium chromium-browser google-chrome
    need fonts-dejavu-core /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf /usr/share/fonts/dejavu-sans-fonts
    [ -x "$(node_program lighthouse)" ] || need npm npm
}

need_kernel() {
    need_run
    need flex flex
    need bison bison
    need bc bc
    need xz-utils xz
    need curl curl
    # The source itself, unless make kernel was given a tree of its own.
    [ -n "${TREE:-}" ] || need linux-source /usr/src/linux-source-*.tar.xz
}

# axe_file: where the accessibility checker that the browser tests load is kept.
axe_file() {
    printf '%s/drover/axe-core-%s/axe.min.js\n' "${XDG_CACHE_HOME:-$HOME/.cache}" "$axe_version"
}

# version_of NAME: of a program from npm.
version_of() {
    case $1 in
    html-validate) echo "$html_validate_version" ;;
    lighthouse) echo "$lighthouse_version" ;;
    oidc-provider) echo "$oidc_provider_version" ;;
    esac
}

# node_program NAME: where a program from npm is kept, which runs with the node beside it.
node_program() {
    printf '%s/drover/%s-%s-node-%s/%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}" "$1" "$(version_of "$1")" "$node_version" "$1"
}

# as_root COMMAND...: as root, through sudo where we are somebody else.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_missing() {
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null 2>&1 ||
        die "these are missing:$missing. They are Debian package names, and there is no apt-get here: install their like by hand, then try again."
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1 ||
        die "these packages are missing:$missing. Neither root nor sudo here. As root: apt-get install$missing"
    say "installing$missing"
    log=$(mktemp)
    # shellcheck disable=SC2086 # a list of package names
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -q install -y --no-install-recommends $missing >>"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get could not install$missing: its last lines are above."
}

fetch_axe() {
    file=$(axe_file)
    [ -s "$file" ] && return 0
    say "fetching axe-core $axe_version with npm"
    folder=$(mktemp -d)
    if ! (cd "$folder" && npm pack "axe-core@$axe_version" >npm.log 2>&1 && tar -xzf axe-core-*.tgz); then
        tail -n 8 "$folder/npm.log" >&2
        rm -rf "$folder"
        die "npm could not fetch axe-core $axe_version, its last lines are above. Mend that, or put axe.min.js at $file"
    fi
    mkdir -p "$(dirname "$file")"
    cp "$folder/package/axe.min.js" "$file.new" && mv "$file.new" "$file"
    rm -rf "$folder"
}

# fetch_node_program NAME: from npm, with a node of its own.
fetch_node_program() {
    program=$(node_program "$1")
    [ -x "$program" ] && return 0
    case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    *) die "npm has no node for $(uname -m): put a $1 that runs at $program" ;;
    esac
    version=$(version_of "$1")
    say "fetching $1 $version and node $node_version with npm"
    folder=$(dirname "$program")
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    if ! (cd "$folder.new" && npm install --ignore-scripts --no-audit --no-fund --prefix . \
        "$1@$version" "node-linux-$machine@$node_version" >npm.log 2>&1); then
        tail -n 8 "$folder.new/npm.log" >&2
        rm -rf "$folder.new"
        die "npm could not fetch $1 $version, its last lines are above. Mend that, or put a $1 that runs at $program"
    fi
    ln -s "node_modules/node-linux-$machine/bin/node" "$folder.new/node"
    # A library is no program: what runs it is given to it, and gets it as its last argument.
    if [ "$1" = oidc-provider ]; then
        printf '#!/bin/sh\nexec "%s/node" "$@" "%s/node_modules/%s/lib/index.js"\n' "$folder" "$folder" "$1" >"$folder.new/$1"
    else
        printf '#!/bin/sh\nexec "%s/node" "%s/node_modules/.bin/%s" "$@"\n' "$folder" "$folder" "$1" >"$folder.new/$1"
    fi
    chmod +x "$folder.new/$1"
    rm -rf "$folder"
    mv "$folder.new" "$folder"
}

# check_go: Go is there, and either new enough or able to fetch the version that go.mod names.
check_go() {
    wanted=$(sed -n 's/^go //p' "$root/go.mod")
    command -v go >/dev/null 2>&1 ||
        die "Go is missing. Drover needs Go $wanted or newer in the PATH: https://go.dev/dl/"
    if ! found=$(cd "$root" && go env GOVERSION 2>&1); then
        die "Go here is too old, Drover needs $wanted or newer (https://go.dev/dl/). It says: $found"
    fi
    oldest=$(printf '%s\n%s\n' "$wanted" "${found#go}" | sort -V | head -n 1)
    [ "$oldest" = "$wanted" ] ||
        die "Go here is $found, Drover needs $wanted or newer: https://go.dev/dl/"
}

[ $# -gt 0 ] || set -- run
fetch=
for part in "$@"; do
    case $part in
    run) need_run ;;
    test) need_test && fetch="$fetch axe html-validate oidc-provider" ;;
    bench) need_bench && fetch="$fetch axe html-validate" ;;
    kernel) need_kernel ;;
    lighthouse) need_lighthouse && fetch="$fetch lighthouse" ;;
    axe-file) axe_file && exit 0 ;;
    html-validate-file) node_program html-validate && exit 0 ;;
    oidc-provider-file) node_program oidc-provider && exit 0 ;;
    lighthouse-file) node_program lighthouse && exit 0 ;;
    *) die "unknown part '$part': run, test, bench, kernel or lighthouse" ;;
    esac
done
check_go
# Two parts may have asked for the same package.
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
missing=${missing:+ ${missing% }}
[ -n "${missing# }" ] || missing=
install_missing
for thing in $fetch; do
    if [ "$thing" = axe ]; then fetch_axe; else fetch_node_program "$thing"; fi
done
