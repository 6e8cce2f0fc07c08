#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# sh tools/testing/run.sh NAME     run one test, for example lib/ring
# sh tools/testing/run.sh --all    run all of them, one after the other
# sh tools/testing/run.sh --list   print their names
#
# Runs from the top of a built tree, and writes nothing there: what a test
# writes goes to the directory $DROVER_OUT. KTAP goes to standard output. The
# exit status is 0 when nothing failed, 1 when a case failed, 2 when a case
# could not run (# ERROR).

tests='lib/bitmap lib/cmdline lib/crc32 lib/list lib/ring lib/stringhash
kernel/boot kernel/timers mm/lru mm/slab mm/slab-debug mm/slab-trace
net/exring fs/exfs tools/maintainers'

# Programs and scripts are named by the last part of the test's name.
run_one() {
	program=$(printf '%s' "${1##*/}" | tr - _)
	if [ -f "tools/testing/$program.sh" ]; then
		sh "tools/testing/$program.sh"
	elif [ -x "tools/testing/bin/${program}_test" ]; then
		"tools/testing/bin/${program}_test"
	else
		echo "Bail out! tools/testing/bin/${program}_test was not built"
		return 1
	fi
}

case "$1" in
--list)
	printf '%s\n' $tests
	exit 0
	;;
--all)
	chosen=$tests
	;;
*)
	chosen=
	for test in $tests; do
		[ "$test" = "$1" ] && chosen=$test
	done
	if [ -z "$chosen" ]; then
		echo "Bail out! no test is called \"$1\"; see sh tools/testing/run.sh --list"
		exit 1
	fi
	;;
esac

scratch=
if [ -z "$DROVER_OUT" ]; then
	scratch=$(mktemp -d) || exit 2
	trap 'rm -rf "$scratch"' EXIT
	DROVER_OUT=$scratch
	export DROVER_OUT
fi

status=0
for test in $chosen; do
	[ "$1" = --all ] && echo "# $test"
	run_one "$test" || status=$?
done
exit $status
