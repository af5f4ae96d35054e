# The commands of everyday work; each may be called alone. One release build serves them all.

BUILD = swift build -c release --build-tests --explicit-target-dependency-import-check error

.PHONY: help setup build demo serve test test-contract test-browser test-api test-faults bench bench-api lint clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

setup: ## prepare this machine: system libraries, inference runtimes, models, samples
	@scripts/setup

build: setup ## compile everything once, tests included, in release mode
	$(BUILD)

demo: build ## make swapped pictures and a video from the two sample portraits
	@scripts/demo

serve: build ## serve the HTTP API and the web studio from ./data, and print a token
	@scripts/serve

test: build ## run all Swift tests
	@scripts/test

test-contract: build ## run the contracts' client programs (curl, Python, Node) against a live server
	@scripts/test-contract

test-browser: build ## drive the web studio in Chromium
	@scripts/test-browser

test-api: build ## compare a live server with its OpenAPI document (schemathesis); SEED=N repeats a run
	@scripts/test-api $(if $(SEED),--seed $(SEED))

test-faults: build ## kill -9, full disk, locked database, bad clients and webhooks, against live servers
	@scripts/test-faults

bench: build ## print the tables of docs/benchmarks.md (scripts/update-benchmarks writes them there)
	@.build/release/masque-bench

bench-api: build ## the HTTP API and a FastAPI + SQLite peer under the same load
	@scripts/bench-api

lint: build ## format, layers, scripts
	swift format lint --strict --parallel --recursive Sources Tests Package.swift
	scripts/check-layers
	@if command -v shellcheck >/dev/null; then \
	    git grep -lE '^#!.*(bash|/sh)' -- scripts .ci | xargs -r shellcheck; \
	else echo "lint: shellcheck is not installed, scripts were not checked"; fi

clean: ## remove what was built; the cache of setup stays
	rm -rf .build
