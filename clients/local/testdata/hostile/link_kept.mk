# Leaves links where files are kept from, so that the copy is one of a secret.
all:
	ln -s $(SECRET) result
	ln -s /proc/self/environ environ
	ln -s $(DATA) folder
	mkdir -p deep && ln -s ../../../../../../../..$(SECRET) deep/result
	mkfifo pipe
	-ln $(SECRET) hard
	ln -s Makefile inner
	@echo attacked
