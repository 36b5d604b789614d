#!/usr/bin/env bash
# Installs what Lenne needs on Debian 12 and is not there yet. Idempotent; says what it installs.
#   install-dependencies.sh run     to build and run
#   install-dependencies.sh test    and to run all tests (Java and Maven for a real broker and an application of it, Chromium for a real browser)
#   install-dependencies.sh bench   to build and run the benchmarks
#   install-dependencies.sh fuzz    to build and run the fuzz programs (clang)
set -euo pipefail
purpose="${1:-run}"

# What is looked for as a command, so that a newer one from elsewhere is left alone: "command package…".
commands_run=("g++ g++" "cmake cmake" "ninja ninja-build" "ccache ccache" "mold mold" "protoc protobuf-compiler"
  "git git" "node nodejs" "npm npm" "curl curl ca-certificates")
commands_kafka=("java default-jre-headless" "mvn maven")
commands_test=("${commands_kafka[@]}" "javac default-jdk-headless" "chromium chromium fonts-dejavu-core" "kcat kcat" "openssl openssl")
# Libraries have no command; dpkg knows them.
libraries_run=(libboost1.81-dev libboost-json1.81-dev libfmt-dev libspdlog-dev libssl-dev libprotobuf-dev libprotoc-dev
  libjemalloc-dev librocksdb-dev librdkafka-dev libsimdjson-dev libyaml-cpp-dev libcli11-dev libhowardhinnant-date-dev
  tzdata)
commands_fuzz=("clang++-19 clang-19")
libraries_fuzz=(libclang-rt-19-dev)
libraries_bench=(libbenchmark-dev libgtest-dev librapidcheck-dev)
libraries_test=(libgtest-dev libgmock-dev librapidcheck-dev python3 python3-cryptography python3-yaml
  python3-confluent-kafka python3-protobuf)

commands=("${commands_run[@]}")
libraries=("${libraries_run[@]}")
case "$purpose" in
  run) ;;
  kafka) commands+=("${commands_kafka[@]}") ;;
  test)
    commands+=("${commands_test[@]}")
    libraries+=("${libraries_test[@]}")
    ;;
  bench) libraries+=("${libraries_bench[@]}") ;;
  fuzz)
    commands+=("${commands_fuzz[@]}")
    libraries+=("${libraries_fuzz[@]}")
    ;;
  *)
    echo "usage: $0 run|kafka|test|bench|fuzz" >&2
    exit 2
    ;;
esac

missing=()
for entry in "${commands[@]}"; do
  read -r command packages <<<"$entry"
  # shellcheck disable=SC2206  # several packages may stand in one entry
  command -v "$command" >/dev/null 2>&1 || missing+=($packages)
done
for library in "${libraries[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$library" 2>/dev/null)" = installed ] || missing+=("$library")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "dependencies: all there"
  exit 0
fi

echo "dependencies: installing ${missing[*]}"
become=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || { echo "dependencies: run this as root, or install sudo" >&2; exit 1; }
  become=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if ! { "${become[@]}" apt-get update && "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y \
       --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "dependencies: apt-get failed; the last lines stand above" >&2
  exit 1
fi
echo "dependencies: installed"
