# SPDX-License-Identifier: Apache-2.0
#
# Whether MAINTAINERS fits the tree.

. tools/testing/ktap.sh

patterns=$(sed -n 's/^F:[[:space:]]*//p' MAINTAINERS)

patterns_match() {
	stale=0
	for pattern in $patterns; do
		[ -e "$pattern" ] || { echo "MAINTAINERS: nothing is called $pattern"; stale=1; }
	done
	return $stale
}

# owned FILE: a pattern covers it that is not one of THE REST.
owned() {
	for pattern in $patterns; do
		case $pattern in '*' | '*/') continue ;; esac
		case $1 in $pattern | ${pattern%/}/*) return 0 ;; esac
	done
	return 1
}

sources_owned() {
	orphans=0
	set -- */*.[ch] */*/*.[ch] */*/*/*.[ch]
	set -f # from here on a pattern is to stay one
	for file in "$@"; do
		case $file in include/generated/*) continue ;; esac
		owned "$file" || { echo "MAINTAINERS: nobody owns $file"; orphans=1; }
	done
	return $orphans
}

# Every address is at example.org: nobody gets mail from a sample.
addresses() {
	! grep -E '^[MRL]:' MAINTAINERS | grep -v -E '@([a-z]+\.)?example\.org>?( \(.*\))?$'
}

ktap_plan 3
ktap_case patterns_match patterns_match
ktap_case sources_owned sources_owned
ktap_case addresses addresses
ktap_exit
