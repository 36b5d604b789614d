#!/usr/bin/env bash
# Builds the program as it is shipped, then the tests, runs all of them, and ends with "N passed, N failed".
# The tests of the folders that meet untrusted bytes run once more with address and undefined-behaviour sanitizers.
set -uo pipefail
cd "$(dirname "$0")/.."
jobs="${BUILD_JOBS:-$(nproc)}"
sanitized=(base network_lorawan ingest network decode)
mkdir -p build
passed=0
failed=0

say() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }
quietly() { # name, command…: shows the output only when it fails
  local log="build/$1.log"
  shift
  "$@" >"$log" 2>&1 || { tail -n 80 "$log"; echo "failed: $*"; echo "$passed passed, $((failed + 1)) failed"; exit 1; }
}
run_tests() { # preset, ctest arguments…: runs them and adds to the counts
  local preset="$1" total bad
  shift
  ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure --no-tests=error --output-junit junit.xml "$@" >"build/tests-$preset.log" 2>&1 ||
    tail -n 300 "build/tests-$preset.log"
  read -r total bad < <(/usr/bin/python3 - "build/$preset/junit.xml" <<'P'
import sys
import xml.etree.ElementTree as tree
try:
    suite = tree.parse(sys.argv[1]).getroot()
    print(suite.get("tests"), sum(int(suite.get(kind, 0)) for kind in ("failures", "skipped", "disabled")))
except (OSError, tree.ParseError):
    print(1, 1)
P
)
  passed=$((passed + total - bad))
  failed=$((failed + bad))
  echo "$preset: $total tests, $bad not passed"
}

say "build: the program"
quietly configure-release cmake --preset release
quietly build-release cmake --build --preset release -j "$jobs"
say "build: the tests"
quietly configure-dev cmake --preset dev
quietly build-dev cmake --build --preset dev -j "$jobs"
say "tests"
# RocksDbCrash.Child is no test: it is what the crash tests start and kill.
run_tests dev -E '\.RocksDbCrash\.Child$'
say "build: the tests with sanitizers"
quietly configure-asan cmake --preset asan
quietly build-asan cmake --build --preset asan -j "$jobs" --target "${sanitized[@]/#/tests_}"
say "tests with sanitizers"
run_tests asan -R "^($(IFS='|'; echo "${sanitized[*]}"))\."
say "done"
echo "next: make run (the demo region); build/dev/junit.xml has every test by name"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
