#!/usr/bin/env bash
# Builds the program (release) and the tests (with sanitizers), runs all of them, and ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
jobs="${BUILD_JOBS:-$(nproc)}"
mkdir -p build
say() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }
quietly() { # name, command…: shows the output only when it fails
  local log="build/$1.log"
  shift
  "$@" >"$log" 2>&1 || { tail -n 80 "$log"; echo "failed: $*"; echo "0 passed, 1 failed"; exit 1; }
}

say "build: the program"
quietly configure-release cmake --preset release
quietly build-release cmake --build --preset release -j "$jobs"
say "build: the tests, with address and undefined-behaviour sanitizers"
quietly configure-asan cmake --preset asan
quietly build-asan cmake --build --preset asan -j "$jobs"

say "tests"
ctest --test-dir build/asan -j "$jobs" --output-on-failure --no-tests=error --output-junit junit.xml \
  --progress ${LENNE_TEST_FILTER:+-R "$LENNE_TEST_FILTER"} >build/tests.log 2>&1
status=$?
if [ $status -ne 0 ]; then tail -n 400 build/tests.log; fi
say "done"
read -r total failed < <(/usr/bin/python3 - <<'P'
import xml.etree.ElementTree as tree
suite = tree.parse("build/asan/junit.xml").getroot()
print(suite.get("tests"), int(suite.get("failures")) + int(suite.get("skipped", 0)) + int(suite.get("disabled", 0)))
P
)
echo "next: make run (the demo region), build/asan/junit.xml (every test by name)"
echo "$((total - failed)) passed, $failed failed"
[ "$failed" -eq 0 ] && [ $status -eq 0 ]
