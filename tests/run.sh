#!/usr/bin/env bash
# Builds the program as it is shipped, and all tests with address and undefined-behaviour sanitizers; runs everything, the integration
# tests on the program as shipped; ends with "N passed, N failed". What cannot be built or run has failed.
set -uo pipefail
cd "$(dirname "$0")/.."
jobs="${BUILD_JOBS:-$(nproc)}"
mkdir -p build
passed=0
failed=0

say() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }
finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}
logged() { # log, command…: the output goes to the log; every 20 seconds one line of it is shown
  local log="build/$1.log" line next=$((SECONDS + 20))
  shift
  "$@" 2>&1 | while IFS= read -r line; do
    printf '%s\n' "$line" >&3
    if ((SECONDS >= next)); then
      printf '   %s\n' "${line:0:110}"
      next=$((SECONDS + 20))
    fi
  done 3>"$log"
}
must() { # log, command…: the end of the log, and of everything, when it fails
  logged "$@" && return
  tail -n 80 "build/$1.log"
  echo "failed: ${*:2} (all of its output: build/$1.log)"
  failed=$((failed + 1))
  finish
}

run_tests() { # preset, log, ctest arguments…: runs them and adds to the counts
  local preset="$1" code
  rm -f "build/$preset/junit.xml"
  logged "$2" ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --output-junit junit.xml "${@:3}"
  code=$?
  read -r good bad < <(/usr/bin/python3 - "build/$preset/junit.xml" "$code" <<'P'
import sys
import xml.etree.ElementTree as tree
try:
    suite = tree.parse(sys.argv[1]).getroot()
    total, bad = int(suite.get("tests")), sum(int(suite.get(kind, 0)) for kind in ("failures", "skipped", "disabled"))
except (OSError, tree.ParseError):
    total, bad = 0, 0
if sys.argv[2] != "0" and bad == 0:
    total, bad = total + 1, 1  # ctest itself failed
print(total - bad, bad)
P
)
  passed=$((passed + good))
  failed=$((failed + bad))
  [ "$bad" -eq 0 ] || grep -v -E '^ *(Start|[0-9]+/[0-9]+ Test .* Passed )' "build/$2.log" | tail -n 300
}

say "build: the program, and the simulator around it"
must configure-release cmake --preset release -DLENNE_TESTS=ON
must build-release cmake --build --preset release -j "$jobs" --target lenne tests_sim
say "build: the tests, with sanitizers"
must configure-asan cmake --preset asan
must build-asan cmake --build --preset asan -j "$jobs"
say "tests"
# RocksDbCrash.Child is no test: it is what the crash tests start and kill.
# Of each property 40 cases, by other seeds each time: the simulator and the fuzz programs, which are optimised, try the rest.
export RC_PARAMS="${RC_PARAMS:-max_success=40}"
# One more than there are cores: the integration tests mostly wait.
run_tests asan tests -j "$((jobs + 1))" -E '\.RocksDbCrash\.Child$'
if [ "$failed" -gt 0 ]; then
  echo "next: build/tests.log has all output; one test again: ctest --test-dir build/asan --output-on-failure -R NAME"
else
  echo "next: make run (the demo region); build/asan/junit.xml has every test by name"
fi
say "done"
finish
