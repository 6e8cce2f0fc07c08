# Writes for ever.
all:
	@echo attacked
	@yes '##drover section-end build 0.1 ok' | head -c $(BYTES)
	@echo; echo WROTE
