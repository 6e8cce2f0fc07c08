# Reads the files of another job.
all:
	-cat $(OTHER_JOB)/out/secret $(OTHER_JOB)/log
	-cat /work/../work/out/secret /work/src/../../out/secret
	-find $(SEARCH) -name secret -exec cat {} +
	@echo attacked
