#!/usr/bin/env bash
# The demo region on a real Kafka cluster of this machine: three brokers, two workers with roles ingest and network, two for
# windows, two that serve the page: one has its address, the other stands by. Kill any one of them and look: the others take over.
#
#   demo.sh [DIRECTORY]     everything lies in it (default: build/demo-kafka); Ctrl-C ends it all
#
# Settings (environment): LENNE_DEMO_PAGE (127.0.0.1:8080), LENNE_DEMO_UDP (first of two ports: 1700), LENNE_DEMO_SECONDS (for
# ever), LENNE_DEMO_ARGUMENTS (of lenne simulate), and those of kafka.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lenne=${LENNE_BIN:-$here/../../build/release/lenne}
dir=${1:-$here/../../build/demo-kafka}
page=${LENNE_DEMO_PAGE:-127.0.0.1:8080}
udp=${LENNE_DEMO_UDP:-1700}
export LENNE_KAFKA_DIR=$dir/kafka LENNE_KAFKA_NODES=3 LENNE_KAFKA_HEAP=${LENNE_KAFKA_HEAP:-256m} LENNE_KAFKA_PORT=${LENNE_KAFKA_PORT:-auto}

mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
declare -A pids
end() {
  trap - EXIT
  trap '' INT TERM # a second Ctrl-C must not leave the brokers behind
  echo
  echo "demo: ending"
  for name in "${!pids[@]}"; do kill "${pids[$name]}" 2>/dev/null || true; done
  for name in "${!pids[@]}"; do wait "${pids[$name]}" 2>/dev/null || true; done
  "$here/kafka.sh" stop
}
trap end EXIT
trap 'exit 130' INT TERM

echo "demo: three brokers (fetched by Maven at the first time)"
"$here/kafka.sh" start
brokers=$("$here/kafka.sh" bootstrap)

process() { # name, roles, settings…
  local name=$1 roles=$2
  shift 2
  "$lenne" serve --roles "$roles" --set "data=$dir/$name" --set log.type=kafka --set "log.brokers=[$brokers]" --set log.replication=3 \
    --set "keys.file=$dir/kek" --set "auth.operator_token_file=$dir/operator.token" --set auth.anonymous=read --set simulated=true \
    "$@" >"$dir/$name.out" 2>"$dir/$name.log" &
  pids[$name]=$!
}
ready() { # names…: waits for their first lines
  local name
  for name in "$@"; do
    for _ in $(seq 600); do
      if grep -q '^ready' "$dir/$name.out"; then break; fi
      kill -0 "${pids[$name]}" 2>/dev/null || { cat "$dir/$name.log" >&2; echo "demo: $name has ended" >&2; exit 1; }
      sleep 0.1
    done
  done
}

process serve-1 serve --set http.listen=127.0.0.1:0 --set "http.shared=$page"
ready serve-1 # the first one makes the key that all of them share
process serve-2 serve --set http.listen=127.0.0.1:0 --set "http.shared=$page"
process ingest-1 ingest,network --set "gateways.udp=127.0.0.1:$udp" --set http.listen=127.0.0.1:0
process ingest-2 ingest,network --set "gateways.udp=127.0.0.1:$((udp + 1))" --set http.listen=127.0.0.1:0
process windows-1 windows --set http.listen=127.0.0.1:0
process windows-2 windows --set http.listen=127.0.0.1:0
ready serve-2 ingest-1 ingest-2 windows-1 windows-2

echo "demo: the page is on http://$page  (topics: kcat -b ${brokers%%,*} -L | grep lenne.t.)"
for name in serve-1 serve-2 ingest-1 ingest-2 windows-1 windows-2; do printf '  %-10s pid %-7s %s\n' "$name" "${pids[$name]}" "$(paste -sd' ' "$dir/$name.out")"; done
for node in 1 2 3; do printf '  %-10s pid %s\n' "broker-$node" "$(cat "$LENNE_KAFKA_DIR/pid$([[ $node == 1 ]] || echo -$node)")"; done
echo "demo: next: open it; kill -9 one of these; Ctrl-C ends it"
# shellcheck disable=SC2086  # several arguments
LENNE_SERVER="http://$page" LENNE_TOKEN=$(cat "$dir/operator.token") "$lenne" simulate --udp "127.0.0.1:$udp,127.0.0.1:$((udp + 1))" --declare \
  --duration "${LENNE_DEMO_SECONDS:-0}s" ${LENNE_DEMO_ARGUMENTS:-} &
pids[simulate]=$!
wait "${pids[simulate]}"
