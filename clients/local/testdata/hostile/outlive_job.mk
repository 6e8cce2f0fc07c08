# Leaves daemons behind that nothing of the job is the parent of.
all:
	(setsid nohup sh -c 'setsid sleep 1000.$(WORD) & exec sleep 1000.$(WORD)' > /dev/null 2>&1 < /dev/null &)
	perl -e 'use POSIX; fork and exit; setsid(); fork and exit; $$SIG{TERM} = $$SIG{HUP} = "IGNORE"; close STDIN; close STDOUT; close STDERR; exec "sleep", "1000.$(WORD)"'
	while test $$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -c '^1000.$(WORD)$$') -lt 3; do sleep 0.05; done
	@echo attacked
