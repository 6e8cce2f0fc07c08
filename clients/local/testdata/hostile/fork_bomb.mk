# Starts processes as long as the machine allows, up to a bound that keeps this test harmless.
all:
	perl -e '$$| = 1; my $$born = 0; for (1 .. $(COUNT)) { my $$pid = fork; last unless defined $$pid; if (!$$pid) { sleep 1000; exit } $$born++ } print "born $$born\n"; kill 9, -getpgrp if $$ENV{CLEAN}'
	@echo attacked
