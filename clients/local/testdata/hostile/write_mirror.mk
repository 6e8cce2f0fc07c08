# Writes into the bare repository from which every job's tree comes.
all:
	-mkdir -p $(MIRROR)/refs/heads
	-echo 1111111111111111111111111111111111111111 > $(MIRROR)/refs/heads/pwned
	-echo 1111111111111111111111111111111111111111 > /work/mirror/refs/heads/pwned
	-printf '#!/bin/sh\n' > $(MIRROR)/hooks/post-checkout
	@echo attacked
