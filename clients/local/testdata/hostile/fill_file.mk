# Fills the disk with one file.
all:
	@echo attacked
	dd if=/dev/zero of=junk bs=1M count=$(COUNT)
	@echo FILLED
