# Fills the disk with many files, in the tree, in the output and in the home.
all:
	@echo attacked
	for number in $$(seq $(COUNT)); do \
	  dd if=/dev/zero of=junk.$$number bs=1M count=4 2>/dev/null && cp junk.$$number $(OUT)/ && cp junk.$$number $(HOME_FOLDER)/ || exit 1; \
	done
	@echo FILLED
