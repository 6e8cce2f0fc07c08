#!/usr/bin/env bash
# Drover's main job on a real Linux kernel, as any user would do it: serve, add a tree, wait for
# the verdict, look at the page and the mail; then push a commit that breaks one KUnit test and see
# exactly that one reported as new.
#
#   deploy/kernel.sh                    the source of Debian's linux-source package
#   TREE=/path/to/linux deploy/kernel.sh    a repository or an unpacked source; it is not changed
#   TREE=https://… deploy/kernel.sh     a remote; without the second commit, it is not ours
#
#   BRANCH           the branch to test; default: the one that HEAD names
#   DROVER_DATA      where everything goes, below its folder kernel/; default ./data
#   KERNEL_MINUTES   how long each of the two verdicts may take; default 30
#   KERNEL_KEEP=1    go on serving at the end; default: only when a person started it
#
# Nothing here knows Drover from the inside: it uses the command line and the pages.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
data=${DROVER_DATA:-./data}/kernel
minutes=${KERNEL_MINUTES:-30}
name=linux
server=

say() { printf 'kernel: %s\n' "$*"; }
die() {
    printf 'kernel: %s\n' "$*" >&2
    exit 1
}

# ---- What of Drover is used, all in one place -------------------------------------------------

# settings PORT: of the server and of the commands that follow, which must see the same installation.
settings() {
    export DROVER_DATA=$data/site DROVER_LISTEN=127.0.0.1:$1 DROVER_ALLOW_LOCAL_REMOTES=true DROVER_POLL=5s
}

add_tree() { # url branch
    bin/drover tree add --name "$name" --url "$1" --branch "$2" --builds kunit --mail developer@example.org
}

# wait_for COMMIT FILE: prints progress, returns when that commit has its final verdict, and leaves
# what there is to know in FILE as lines name=value: checkout, url, verdict, pass, fail, skip, new,
# new_test, build_seconds, mail.
wait_for() {
    bin/drover wait --tree "$name" --commit "$1" --timeout "${minutes}m" >"$2" ||
        die "no verdict for $1 after at most $minutes minutes; the server's log is $data/serve.log"
}

# ---- The source ---------------------------------------------------------------------------------

# repository_of FOLDER VERSION: $data/linux.git becomes a repository with that folder as its one
# commit, always the same for the same source. Does nothing if it is there already.
repository_of() {
    local source=$1 version=$2 repository=$data/linux.git new=$data/linux.git.new
    rm -rf "$new"
    git init -q --bare -b main "$new"
    say "making a git repository of $version, which takes a minute or two"
    git -C "$source" --git-dir="$new" --work-tree="$source" -c gc.auto=0 -c core.compression=1 \
        -c core.autocrlf=false add -A -f .
    fixed_commit "$new" "$(git --git-dir="$new" write-tree)" "Linux $(kernel_version "$source")" >/dev/null
    as_drover git --git-dir="$new" tag -a -m "as packaged" "v$(kernel_version "$source")" "$branch"
    # One pack instead of 80 000 loose objects; looking for differences would take longer than it saves.
    git --git-dir="$new" -c pack.window=0 repack -adq
    # What any git server that hosts kernels allows: clones without all file contents.
    git --git-dir="$new" config uploadpack.allowFilter true
    git --git-dir="$new" config uploadpack.allowAnySHA1InWant true
    git --git-dir="$new" config drover.source "$version"
    rm -rf "$repository"
    mv "$new" "$repository"
}

# kernel_version FOLDER: as its Makefile says, for instance 6.1.192.
kernel_version() {
    awk -F ' *= *' '/^(VERSION|PATCHLEVEL|SUBLEVEL) *=/ { printf "%s%s", dot, $2; dot = "." }
        /^EXTRAVERSION *=/ { print $2; exit }' "$1/Makefile"
}

# as_drover COMMAND...: with an author and a time that are always the same.
as_drover() {
    GIT_AUTHOR_NAME=Drover GIT_AUTHOR_EMAIL=drover@localhost GIT_AUTHOR_DATE='2025-01-01T00:00:00Z' \
        GIT_COMMITTER_NAME=Drover GIT_COMMITTER_EMAIL=drover@localhost \
        GIT_COMMITTER_DATE='2025-01-01T00:00:00Z' "$@"
}

# fixed_commit REPOSITORY TREE SUBJECT: commits on top of the branch, so that the same source always
# gives the same commit; prints its name.
fixed_commit() {
    local repository=$1 tree=$2 subject=$3 parent commit
    local -a parents=()
    if parent=$(git --git-dir="$repository" rev-parse -q --verify "refs/heads/$branch"); then
        parents=(-p "$parent")
    fi
    commit=$(printf '%s\n' "$subject" |
        as_drover git --git-dir="$repository" commit-tree "$tree" "${parents[@]}")
    git --git-dir="$repository" update-ref "refs/heads/$branch" "$commit"
    printf '%s\n' "$commit"
}

# from_package: the newest source package of the distribution, unpacked once.
from_package() {
    local archive version
    archive=$(printf '%s\n' /usr/src/linux-source-*.tar.xz | sort -V | tail -n 1)
    [ -f "$archive" ] || die "no /usr/src/linux-source-*.tar.xz: run deploy/setup.sh kernel"
    version="$(basename "$archive" .tar.xz) $(stat -c '%s %Y' "$archive")"
    branch=main
    if [ "$(git --git-dir="$data/linux.git" config drover.source 2>/dev/null || true)" = "$version" ]; then
        # A run before this one has left its second commit.
        git --git-dir="$data/linux.git" update-ref refs/heads/main \
            "$(git --git-dir="$data/linux.git" rev-list --max-parents=0 main)"
        return
    fi
    rm -rf "$data/unpacked"
    mkdir -p "$data/unpacked"
    say "unpacking $archive"
    tar -xf "$archive" -C "$data/unpacked" --strip-components=1
    repository_of "$data/unpacked" "$version"
    rm -rf "$data/unpacked"
}

# from_folder FOLDER: a clone that shares the objects, so that the folder itself stays as it is.
from_folder() {
    local folder
    folder=$(cd "$1" && pwd)
    rm -rf "$data/linux.git"
    if git -C "$folder" rev-parse -q --verify HEAD >/dev/null 2>&1; then
        branch=${BRANCH:-$(git -C "$folder" symbolic-ref -q --short HEAD || true)}
        [ -n "$branch" ] || die "$folder is on no branch: name one with BRANCH="
        git clone -q --bare --shared --single-branch --branch "$branch" "$folder" "$data/linux.git"
        git --git-dir="$data/linux.git" config uploadpack.allowFilter true
        git --git-dir="$data/linux.git" config uploadpack.allowAnySHA1InWant true
        return
    fi
    [ -f "$folder/Kconfig" ] && [ -f "$folder/Makefile" ] || die "$folder is neither a git repository nor a kernel source"
    branch=main
    repository_of "$folder" "$(basename "$folder")"
}

# from_remote URL: nothing is fetched here, that is Drover's work.
from_remote() {
    branch=${BRANCH:-$(git ls-remote --symref "$1" HEAD | sed -n 's,^ref: refs/heads/\(.*\)\tHEAD$,\1,p')}
    [ -n "$branch" ] || die "$1 does not say which branch is its main one: name one with BRANCH="
    commit=$(git ls-remote "$1" "refs/heads/$branch" | cut -f1)
    [ -n "$commit" ] || die "$1 has no branch $branch"
}

# break_one_test: commits, without a work tree, a change that turns one expectation of one KUnit case
# around; prints the commit.
break_one_test() {
    local repository=$data/linux.git file blob index=$data/index
    for file in lib/tests/list-test.c lib/list-test.c; do
        git --git-dir="$repository" cat-file -e "$branch:$file" 2>/dev/null && break
    done
    git --git-dir="$repository" cat-file -e "$branch:$file" 2>/dev/null ||
        die "this kernel has no lib/list-test.c, so there is no test to break"
    blob=$(git --git-dir="$repository" show "$branch:$file" |
        sed 's/KUNIT_EXPECT_TRUE(test, list_is_first(&a, &list))/KUNIT_EXPECT_FALSE(test, list_is_first(\&a, \&list))/' |
        git --git-dir="$repository" hash-object -w --stdin)
    [ "$blob" != "$(git --git-dir="$repository" rev-parse "$branch:$file")" ] ||
        die "list_test_list_is_first in $file is not as expected: nothing was broken"
    rm -f "$index"
    GIT_INDEX_FILE=$index git --git-dir="$repository" read-tree "$branch"
    GIT_INDEX_FILE=$index git --git-dir="$repository" update-index --cacheinfo "100644,$blob,$file"
    fixed_commit "$repository" "$(GIT_INDEX_FILE=$index git --git-dir="$repository" write-tree)" \
        "list: expect the first entry not to be first"
    rm -f "$index"
}

# ---- The server ---------------------------------------------------------------------------------

start_server() {
    local tries
    for tries in 1 2 3 4 5; do
        # Below the ports that the system hands out by itself; a taken one ends the server at once.
        port=$((20000 + RANDOM % 10000))
        settings "$port"
        bin/drover serve >"$data/serve.log" 2>&1 &
        server=$!
        if ready; then
            return
        fi
        wait "$server" 2>/dev/null || true
        server=
        grep -qi 'address already in use\|port .* in use' "$data/serve.log" || break
    done
    cat "$data/serve.log" >&2
    die "drover serve did not start (try $tries)"
}

# ready: within half a minute, and while the process lives.
ready() {
    local deadline=$((SECONDS + 30))
    while [ "$SECONDS" -lt "$deadline" ] && kill -0 "$server" 2>/dev/null; do
        if curl -fsS -o /dev/null --max-time 2 "http://127.0.0.1:$port/readyz" 2>/dev/null; then
            return 0
        fi
        sleep 0.2
    done
    return 1
}

# shellcheck disable=SC2329 # called by the trap
stop_server() {
    local status=$? deadline=$((SECONDS + 20))
    trap - EXIT
    trap '' INT TERM HUP
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        while kill -0 "$server" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.2; done
        kill -9 "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    exit "$status"
}

# ---- What is wanted of it -----------------------------------------------------------------------

# fact FILE NAME: a value out of what wait_for left.
fact() { sed -n "s/^$2=//p" "$1" | head -n 1; }

show() { # title facts
    say "$1: verdict $(fact "$2" verdict); $(fact "$2" pass) passed, $(fact "$2" fail) failed," \
        "$(fact "$2" skip) skipped, $(fact "$2" new) new; built in $(fact "$2" build_seconds) s"
    say "  page $(fact "$2" url)"
    say "  mail $(fact "$2" mail)"
}

expect() { # what is want
    [ "$2" = "$3" ] || die "expected $1 $3, got ${2:-nothing}"
}

mkdir -p "$data"
data=$(cd "$data" && pwd)
# A run starts from nothing: no earlier results, and no compiler cache that makes the first build fast.
rm -rf "$data/site"
mkdir -p "$data/site"

url=$data/linux.git
case ${TREE:-} in
'') from_package ;;
*://* | *@*:*)
    url=$TREE
    from_remote "$TREE"
    ;;
*)
    [ -d "$TREE" ] || die "TREE=$TREE is neither a folder nor a URL"
    from_folder "$TREE"
    ;;
esac
[ "$url" != "$data/linux.git" ] || commit=$(git --git-dir="$data/linux.git" rev-parse "refs/heads/$branch")

trap stop_server EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
start_server
say "serving http://127.0.0.1:$port/, log in $data/serve.log"
add_tree "$url" "$branch"
say "waiting for the verdict on $commit; a whole kernel takes some minutes"
wait_for "$commit" "$data/first"
show "first commit" "$data/first"

if [ "$url" = "$data/linux.git" ]; then
    commit=$(break_one_test)
    say "pushed $commit, which breaks one test; waiting for its verdict"
    wait_for "$commit" "$data/second"
    show "second commit" "$data/second"
    expect "the verdict" "$(fact "$data/second" verdict)" new
    expect "the number of new failures" "$(fact "$data/second" new)" 1
    case $(fact "$data/second" new_test) in
    *list_test_list_is_first) ;;
    *) die "the new failure is $(fact "$data/second" new_test), not list_test_list_is_first" ;;
    esac
    ratio=$(awk -v first="$(fact "$data/first" build_seconds)" -v second="$(fact "$data/second" build_seconds)" \
        'BEGIN { printf "%.1f", (second > 0) ? first / second : 0 }')
    say "measured: the second build was $ratio times as fast as the first"
    awk -v ratio="$ratio" 'BEGIN { exit !(ratio >= 2) }' || die "the second build should be at least twice as fast"
else
    say "no second commit: $url is not ours to change"
fi

say "done"
if [ "${KERNEL_KEEP:-}" = 1 ] || { [ -z "${CI:-}" ] && [ -t 1 ]; }; then
    say "still serving http://127.0.0.1:$port/, Ctrl-C ends it"
    wait "$server"
else
    say "look again with: DROVER_DATA=$data/site bin/drover serve"
fi
