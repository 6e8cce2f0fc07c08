# Takes memory, in a process and in files that live in memory.
all:
	@echo attacked
	perl -e 'my $$hog = "a" x ($(MEGABYTES) << 20); print "process has memory\n"'
	perl -e 'open my $$file, ">", "$(SHARED)/hog" or die; for (1 .. $(MEGABYTES)) { (syswrite $$file, "a" x (1 << 20)) == 1 << 20 or die "refused: $$!" }; print "file has memory\n"'
	rm $(SHARED)/hog
	@echo ATE
