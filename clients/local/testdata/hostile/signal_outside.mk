# Kills and traces processes that are not its own.
all:
	-kill -9 $(PROCESS) && echo KILLED
	-perl -e 'kill 9, $(PROCESS) and print "KILLED\n"'
	-perl -e 'syscall(101, 16, $(PROCESS), 0, 0) == 0 and print "TRACED\n"'
	-cat /proc/$(PROCESS)/maps && echo TRACED
	@echo attacked
