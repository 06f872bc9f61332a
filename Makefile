# Thin on purpose: what takes more than a line stands in scripts/.

PREFIX     ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR    ?=
UPSTREAM   ?=

.DEFAULT_GOAL := all
.PHONY: all build test faults hostile asan tsan valgrind soak fuzz bench capacity demo install deb deb-test lint format clean help

all: build  ## The same as build

build:  ## Build fpwd and fpw-relay into .build/release
	@scripts/prepare.sh
	@scripts/build.sh

test:  ## Run all tests: unit tests, then both programs end to end
	@scripts/prepare.sh
	@scripts/test.sh

faults: build  ## Run every fault with its real times (20 minutes, as root); the table goes to .build/faults.txt
	@scripts/faults.sh

hostile: build  ## Let liars on every side try the programs (SEED, DEPTH=20; 10 minutes); the table goes to .build/hostile.txt
	@scripts/hostile.sh

asan:  ## Run all tests under AddressSanitizer, and UndefinedBehaviorSanitizer for the C code
	@scripts/prepare.sh
	@scripts/sanitize.sh address

tsan:  ## Run all tests under ThreadSanitizer
	@scripts/prepare.sh
	@scripts/sanitize.sh thread

valgrind: build  ## Look for memory that the programs lose
	@scripts/valgrind.sh

soak: build  ## Let visitors come for DURATION (20m, 2h) and see that memory and descriptors stay where they are
	@scripts/soak.sh '$(or $(DURATION),20m)'

fuzz:  ## Fuzz what reads foreign bytes, each target for DURATION seconds (60); what is found goes to .build-fuzz
	@scripts/prepare.sh
	@scripts/fuzz.sh '$(or $(DURATION),60)'

bench:  ## Measure what a visit costs, beside other ways (DURATION=3 seconds a load, ROUNDS=3); see docs/performance.md
	@scripts/bench.sh --duration '$(or $(DURATION),3)' --rounds '$(or $(ROUNDS),3)' $(if $(CHART),--chart '$(abspath $(CHART))')

capacity:  ## Measure what both programs need and carry: memory, idle CPU, many slots, large bodies, crowds
	@scripts/bench.sh capacity

demo: build  ## Show a site through a tunnel on this machine (UPSTREAM=http://127.0.0.1:3000 for one of yours)
	@scripts/demo.sh '$(UPSTREAM)'

install:  ## Install what was built (PREFIX, SYSCONFDIR, DESTDIR); configuration files are never overwritten
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' scripts/install.sh

deb: build  ## Make Debian packages of both programs in .build/deb
	@scripts/deb.sh

deb-test: deb  ## Try the packages on Debian 12 and 13, each booted by its own systemd (as root); kept in .build-debians
	@scripts/deb-test.sh

lint:  ## Check the format of the sources, the scripts and the keys in the documents
	@scripts/lint.sh

format:  ## Format the Swift sources
	swift format --in-place --recursive Package.swift Sources Tests

clean:  ## Remove what was built
	rm -rf .build .build-e2e .build-debians .build-address .build-thread .build-fuzz

help:  ## Show this
	@sed -nE 's/^([a-z-]+):.*  ## (.*)/    make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
