# Reads secrets from the environment of other processes, and from its own.
all:
	-for process in $(PROCESSES); do tr '\0' '\n' < /proc/$$process/environ; done
	-env
	-ls /proc | grep -c '^[0-9]' | sed 's/^/processes in sight: /'
	@echo attacked
