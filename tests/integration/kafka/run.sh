#!/usr/bin/env bash
# A test of the whole program, with a real Kafka broker as its log instead of the embedded one.
#
#   run.sh TEST [ARGUMENT…]    TEST: a program below tests/integration that starts its servers with support/lenne.py
#
# LENNE_KAFKA_DIR says where the broker lies (see deploy/kafka/kafka.sh). No Java, no Maven or no broker: the test fails.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
broker=$here/../../../deploy/kafka/kafka.sh
export LENNE_KAFKA_PORT=auto

# The output goes to a file: a broker that held our pipe open would keep whoever reads it waiting.
mkdir -p "$LENNE_KAFKA_DIR"
"$broker" wipe >"$LENNE_KAFKA_DIR/start.log" 2>&1
"$broker" start >"$LENNE_KAFKA_DIR/start.log" 2>&1 || { cat "$LENNE_KAFKA_DIR/start.log"; exit 1; }
trap '"$broker" stop' EXIT
LENNE_TEST_SETTINGS="log.type=kafka log.brokers=$("$broker" bootstrap) network.partitions=4" /usr/bin/python3 "$here/../$1" "${@:2}"
