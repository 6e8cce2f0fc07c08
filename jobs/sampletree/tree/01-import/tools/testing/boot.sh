# SPDX-License-Identifier: Apache-2.0
#
# Boots the sample kernel and reads its log.

. tools/testing/ktap.sh

log=$DROVER_OUT/boot.log

# logged PATTERN: the log has a line like it.
logged() {
	grep -q -e "$1" "$log" || { echo "no line like \"$1\" in the log"; return 1; }
}

not_logged() {
	! grep -E -e "$1" "$log"
}

all_initcalls_ran() {
	logged ' timers: ' && logged ' slab: ' && logged ' exfs: registered' &&
		logged ' exring0: link up' && not_logged 'initcall .* returned'
}

timed() {
	! grep -v -E '^\[ *[0-9]+\.[0-9]{6}\] ' "$log"
}

ktap_plan 6
./vmlinux console=ttyS0 quiet mem=64M panic=1 > "$log" 2>&1
status=$?
cat "$log"

ktap_case boot_status [ $status = 0 ]
ktap_case boot_banner logged "Linux version $(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' include/generated/utsrelease.h) "
ktap_case boot_initcalls all_initcalls_ran
ktap_case boot_no_warnings not_logged 'WARNING:|BUG:|Oops'
if grep -q '^CONFIG_PRINTK_TIME=y' include/config/auto.conf; then
	ktap_case boot_times timed
else
	ktap_skip boot_times "CONFIG_PRINTK_TIME is not set"
fi
ktap_case boot_power_down logged 'reboot: Power down'
ktap_exit
