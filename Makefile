# Make is the only interface: people and pipelines call the same targets.
SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO          ?= go
BIN         := .bin
STATICCHECK := $(BIN)/staticcheck-0.7.0
UNIT        := $$($(GO) list ./... | grep -v /e2e/)
FUZZTIME    ?= 60s

.PHONY: help run test check setup services lint generate generate-check unit e2e wordpress bench corpus suite soak fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Built and not "go run", which would not pass on the signal of "kill" or "timeout".
run: setup ## start the example PHP shop and Banyan in front of it (Ctrl-C stops both)
	@$(GO) build -o $(BIN)/shop ./examples/shop && exec $(BIN)/shop $(ARGS)

test: setup services check e2e ## everything, with the end-to-end tests against real PHP and real WordPress

check: lint generate-check unit ## fast: lint, import arrows, stale generated code, unit tests

setup: ## install what is missing (Debian packages when root), or say what to install
	@ci/setup.sh php

services: ## install what only tests need: Redis, nginx, php-fpm
	@ci/setup.sh services

lint: $(STATICCHECK) ## gofmt, go vet, staticcheck
	@out=$$(gofmt -l $$(git ls-files '*.go' | grep -v /testdata/)); \
	  if [ -n "$$out" ]; then echo "not gofmt'ed:"; echo "$$out"; exit 1; fi
	@$(GO) vet ./...
	@$(STATICCHECK) ./...

$(STATICCHECK):
	@mkdir -p $(BIN)
	@GOBIN=$(CURDIR)/$(BIN) $(GO) install honnef.co/go/tools/cmd/staticcheck@v0.7.0
	@mv $(BIN)/staticcheck $@

generate: ## write gen from the contracts
	@$(GO) run ./cmd/banyan generate
	@$(GO) run ./cmd/banyan -C examples/wordpress generate

generate-check: ## fail when gen is stale
	@$(GO) run ./cmd/banyan generate --check
	@$(GO) run ./cmd/banyan -C examples/wordpress generate --check

unit: ## unit tests
	@$(GO) test $(UNIT)

e2e: setup ## end-to-end tests: the shop and WordPress (as root it installs WordPress)
	@$(GO) test -count=1 -timeout 20m ./e2e/...

wordpress: ## start Debian's WordPress and Banyan in front of it (root)
	@$(GO) build -o $(BIN)/wordpress ./examples/wordpress && exec $(BIN)/wordpress $(ARGS)

bench: ## one line per speed goal, measured in this run
	@$(GO) run ./e2e/bench $(ARGS)

# BANYAN_CORPUS names a folder of documents; without it they are e2e/corpus/testdata.
corpus: ## real contracts: load, generate twice, build; a line per document
	@$(GO) run ./e2e/corpus $(ARGS)

suite: ## how many cases of the JSON Schema Test Suite the schema engine reads as the suite does
	@$(GO) test ./schema -count=1 -run '^TestSuite$$' -v | grep -v '^[=-]'

soak: setup ## 64 clients against the shop and a hostile PHP for SOAK (5m), with faults: no growth, no answer lost, no standstill; then 10 GB to the last byte
	@SOAK=$${SOAK:-5m} $(GO) test ./e2e/legacy -count=1 -run '^(TestSoak|TestWholeStream)$$' -v -timeout 24h

fuzz: ## every fuzz target for FUZZTIME (60s)
	@ci/fuzz.sh $(FUZZTIME)

clean: ## remove what the build left
	@rm -rf $(BIN) .cache
