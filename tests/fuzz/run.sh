#!/usr/bin/env bash
# Builds the fuzz programs and runs each from its committed corpus; ends with a table. What it finds and what it learns
# stay in build/fuzz; the committed corpora are not touched.
#   tests/fuzz/run.sh                all of them
#   tests/fuzz/run.sh PATTERN…       those whose name matches one of the patterns, e.g. network_sequence 'ingest_*'
#   tests/fuzz/run.sh --merge …      makes the committed corpora small again, after seeds were added
# FUZZ_RUNS (200000) executions and FUZZ_SECONDS (600) at most for each; FUZZ_SEED (0 = by chance).
set -euo pipefail
cd "$(dirname "$0")/../.."
runs="${FUZZ_RUNS:-200000}"
seconds="${FUZZ_SECONDS:-600}"
seed="${FUZZ_SEED:-0}"
merge=false
if [ "${1:-}" = --merge ]; then
  merge=true
  shift
fi
# Bounds: memory; time of one execution.
bounds=(-rss_limit_mb=2048 -malloc_limit_mb=1024 -timeout=10)
# Bytes of an input: what a datagram, a document and a row have at most, give or take. Where each byte is a step of a
# sequence, or a text is read by a slow parser, few bytes find more in the same time.
declare -A longest=([network_sequence]=96 [processing_windows]=96 [network_record]=512 [processing_window_rows]=512
  [app_settings]=256 [app_yaml_documents]=1024 [app_recording]=512 [decode_schema]=1024)
# gcc's C++ library allocates its locale once; protobuf keeps its descriptors.
# Where memory was allocated is told only when a finding is run again with other options: it takes a fifth of the time.
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=0:malloc_context_size=0:quarantine_size_mb=16}"

mkdir -p build
# Laws over sequences, not memory, are what these look for: without sanitizers. Their corpora run with them in `make test`.
laws=(network_sequence processing_windows)
for preset in fuzz fuzz-laws; do
  echo "build: $preset"
  { cmake --preset "$preset" && cmake --build --preset "$preset" -j "${BUILD_JOBS:-$(nproc)}"; } >"build/build-$preset.log" 2>&1 ||
    { tail -n 60 "build/build-$preset.log"; exit 1; }
done

wanted() { # name, pattern…
  local name="$1" pattern
  shift
  [ $# -eq 0 ] && return 0
  # shellcheck disable=SC2053  # a pattern is meant
  for pattern in "$@"; do [[ "$name" == $pattern ]] && return 0; done
  return 1
}
number_of() { sed -n "s/^stat::$1: *//p" "$2" | tail -n 1; }

table=()
findings=0
for source in $(git ls-files 'tests/fuzz/*_fuzz.cpp' | sort); do
  folder="$(dirname "${source#tests/fuzz/}")"
  parser="$(basename "$source" _fuzz.cpp)"
  name="${folder//\//_}_$parser"
  wanted "$name" "$@" || continue
  preset=fuzz
  [[ " ${laws[*]} " == *" $name "* ]] && preset=fuzz-laws
  program="build/$preset/tests/fuzz/fuzz_$name"
  committed="tests/fuzz/$folder/corpus/$parser"
  work="build/fuzz/work/$name"
  mkdir -p "$work/corpus" "$work/findings"
  if $merge; then
    rm -rf "$work/merged" && mkdir "$work/merged"
    "$program" "${bounds[@]}" -max_len=4096 -merge=1 "$work/merged" "$committed" >"$work/merge.log" 2>&1
    rm -f "$committed"/* && cp "$work/merged"/* "$committed"
    echo "$name: $(find "$committed" -type f | wc -l) seeds"
    continue
  fi
  before="$(find "$work/findings" -type f | wc -l)"
  options=("${bounds[@]}" "-max_len=${longest[$name]:-4096}" -runs="$runs" -max_total_time="$seconds" -seed="$seed" -print_final_stats=1
    -artifact_prefix="$work/findings/")
  [ -f "tests/fuzz/$folder/$parser.dict" ] && options+=(-dict="tests/fuzz/$folder/$parser.dict")
  code=0
  "$program" "${options[@]}" "$work/corpus" "$committed" >"$work/log" 2>&1 || code=$?
  found=$(($(find "$work/findings" -type f | wc -l) - before))
  # An end without a finding, such as a killed process, is one too.
  [ "$code" -ne 0 ] && [ "$found" -eq 0 ] && found=1
  [ "$found" -gt 0 ] && { echo "$name: see $work/log"; tail -n 25 "$work/log"; }
  findings=$((findings + found))
  executions="$(number_of number_of_executed_units "$work/log")"
  table+=("$(printf '%-36s %12s %9s' "$name" "${executions:-?}" "$found")")
done
$merge && exit 0
printf '\n%-36s %12s %9s\n' target executions findings
printf '%s\n' "${table[@]}"
[ "$findings" -eq 0 ]
