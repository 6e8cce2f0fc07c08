# Drover. `make` alone lists what there is; the work itself is in deploy/*.sh. What
# stands on make's command line (TREE=…) is in the environment of the scripts.

.DEFAULT_GOAL := help
.PHONY: help run test kernel bench lighthouse check generate build clean

help: ## this list
	@echo 'Drover: continuous integration for the Linux kernel. On a new machine: make run'
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 \2/p' $(MAKEFILE_LIST) | \
		awk '{ name = $$1 " " $$2; $$1 = $$2 = ""; printf "  %-14s %s\n", name, substr($$0, 3) }'
	@echo
	@echo 'Everything that is missing comes from Debian packages, as root or through sudo; Go must be there.'
	@echo 'Settings are environment variables: README.md names the usual ones, bin/drover config all.'

run: ## set up what is missing, build, and serve on http://127.0.0.1:8080 (ARGS=--sample adds a tree to look at)
	@deploy/setup.sh run
	@$(MAKE) --no-print-directory build
	@exec bin/drover serve $(ARGS)

test: ## set up what is missing and run all tests (ARGS='-run Checkout ./models' for some)
	@deploy/test.sh $(ARGS)

kernel: ## build and test a real Linux kernel (TREE=git URL or folder, BRANCH=name; default: Debian's linux-source)
	@deploy/setup.sh kernel
	@$(MAKE) --no-print-directory build
	@deploy/kernel.sh

bench: ## measure beside the peers, print ratios and write bench/results.json
	@deploy/test.sh bench

lighthouse: ## measure pages with Lighthouse, as desktop and mobile, and fail below 95 (ARGS='log test' for some)
	@deploy/lighthouse.sh $(ARGS)

check: ## format, vet, staticcheck, vulnerabilities, generated files, race detector
	@deploy/check.sh

generate: ## make the Go files of the templates anew
	go tool templ generate

build: ## build bin/drover
	CGO_ENABLED=0 go build -trimpath -o bin/drover .

clean: ## remove what was built; data/ stays
	rm -rf bin
