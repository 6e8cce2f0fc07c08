# SPDX-License-Identifier: Apache-2.0
#
# KTAP for shell tests; read with ". tools/testing/ktap.sh".
#
#   ktap_plan COUNT          start, with the number of cases
#   ktap_case NAME COMMAND   run the command; its output is shown if it fails
#   ktap_skip NAME REASON
#   ktap_error NAME REASON   the case could not run, which says nothing of the code
#   ktap_group NAME COMMAND  a case of cases: the command calls the ones above
#   ktap_exit                the exit status for run.sh

ktap_indent=
ktap_group=
ktap_number=0
ktap_failed=0
ktap_errors=0

ktap_print() {
	printf '%s%s\n' "$ktap_indent" "$*"
}

ktap_note() {
	ktap_print "# $*"
}

ktap_plan() {
	ktap_print "KTAP version 1"
	[ -z "$ktap_group" ] || ktap_note "Subtest: $ktap_group"
	ktap_print "1..$1"
}

# ktap_result STATUS NAME: 0 passed, 2 could not run, anything else failed.
ktap_result() {
	ktap_number=$((ktap_number + 1))
	case $1 in
	0) ktap_print "ok $ktap_number $2" ;;
	2) ktap_errors=1; ktap_print "not ok $ktap_number $2 # ERROR ${3:-a case could not run}" ;;
	*) ktap_failed=1; ktap_print "not ok $ktap_number $2" ;;
	esac
}

ktap_case() {
	ktap_name=$1
	shift
	if ktap_output=$("$@" 2>&1); then
		ktap_result 0 "$ktap_name"
		return
	fi
	ktap_note "$ktap_name: FAILED: $*"
	printf '%s\n' "$ktap_output" | while IFS= read -r ktap_text; do
		ktap_note "$ktap_text"
	done
	ktap_result 1 "$ktap_name"
}

ktap_skip() {
	ktap_number=$((ktap_number + 1))
	ktap_print "ok $ktap_number $1 # SKIP $2"
}

ktap_error() {
	ktap_result 2 "$1" "$2"
}

# In a subshell, so that the group counts for itself.
ktap_group() {
	(
		ktap_group=$1
		ktap_indent="$ktap_indent  "
		ktap_number=0 ktap_failed=0 ktap_errors=0
		"$2"
		ktap_exit
	)
	ktap_result $? "$1"
}

ktap_exit() {
	[ $ktap_failed = 0 ] || exit 1
	[ $ktap_errors = 0 ] || exit 2
	exit 0
}
