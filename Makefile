# The front door. `make run` and `make test` need nothing but a Debian 12.
SHELL := /bin/bash
BUILD_JOBS ?= $(shell nproc)
SEEDS ?= 1000
FROM ?= 1
.DEFAULT_GOAL := help

.PHONY: help run demo-kafka build test soak bench bench-kafka fuzz fmt clean
help: ## Show what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## Install, build and start the demo region: page on http://127.0.0.1:8080
	@build/release/lenne demo

demo-kafka: build ## Install, build and start the demo region on a real Kafka cluster: three brokers, six processes of Lenne
	@deploy/install-dependencies.sh kafka
	@deploy/kafka/demo.sh

build: ## Install what is missing and build build/release/lenne
	@deploy/install-dependencies.sh run
	@echo "build: release"
	@cmake --preset release >build-configure.log 2>&1 || { cat build-configure.log; exit 1; }; rm -f build-configure.log
	@cmake --build --preset release -j $(BUILD_JOBS)

test: ## Install, build and run all tests, with a real broker and a real browser
	@deploy/install-dependencies.sh test
	@tests/run.sh

soak: ## Live through SEEDS universes (1000) of the simulator, from seed FROM (1) on
	@deploy/install-dependencies.sh test
	@cmake --preset release -DLENNE_TESTS=ON >soak-configure.log 2>&1 || { cat soak-configure.log; exit 1; }; rm -f soak-configure.log
	@cmake --build --preset release -j $(BUILD_JOBS) --target lenne_sim
	@build/release/sim_universe --seed $(FROM) --seeds $(SEEDS)

bench: ## Measure what a server does on this machine, generator included
	@deploy/install-dependencies.sh bench
	@cmake --preset release -DLENNE_TESTS=ON -DLENNE_BENCH=ON >bench-configure.log 2>&1 || { cat bench-configure.log; exit 1; }; rm -f bench-configure.log
	@cmake --build --preset release -j $(BUILD_JOBS) --target lenne bench_uplinks
	@tests/bench/bench.py

bench-kafka: ## Measure what a server does on a real broker of this machine
	@deploy/install-dependencies.sh test
	@cmake --preset release -DLENNE_TESTS=ON -DLENNE_BENCH=ON >bench-configure.log 2>&1 || { cat bench-configure.log; exit 1; }; rm -f bench-configure.log
	@cmake --build --preset release -j $(BUILD_JOBS) --target lenne bench_uplinks bench_kstreams
	@/usr/bin/python3 tests/bench/kafka.py

fuzz: ## Install clang and run each fuzz program FUZZ_RUNS times (200000)
	@deploy/install-dependencies.sh fuzz
	@tests/fuzz/run.sh

fmt: ## Format the C++ sources (needs clang-format-19)
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

clean: ## Remove what was built
	@rm -rf build api/web/dist api/web/node_modules
