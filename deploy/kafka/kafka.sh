#!/usr/bin/env bash
# One real Kafka broker on this machine, for tests and for trying Lenne with Kafka. It listens on 127.0.0.1 only.
#
#   kafka.sh install     fetch the broker with Maven (once; some 45 MB)
#   kafka.sh start       install, make the data directory, start, wait until it is ready
#   kafka.sh stop        end it and wait for that
#   kafka.sh kill9       end it as a crash would
#   kafka.sh status      exit code 0 when it runs
#   kafka.sh bootstrap   print host:port for clients
#   kafka.sh wipe        stop, and delete its data (the fetched broker stays)
#
# Settings (environment):
#   LENNE_KAFKA_DIR      where broker, data and log lie (default: build/kafka of this source tree)
#   LENNE_KAFKA_PORT     port for clients; the next one is the controller's; "auto": the first free pair (default: 19192)
#   LENNE_KAFKA_HEAP     memory of the broker (default: 384m)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${LENNE_KAFKA_DIR:-$here/../../build/kafka}
heap=${LENNE_KAFKA_HEAP:-384m}
libs=$dir/libs
pid_file=$dir/pid
log=$dir/broker.log
cluster=TGVubmVLYWZrYUNsdXN0ZQ # any 22 characters of base64; fixed, so that data and broker match after a restart

fail() { echo "kafka.sh: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"; }

install_broker() {
  need java openjdk-17-jre-headless
  local version
  version=$(sed -n 's|.*<kafka.version>\(.*\)</kafka.version>.*|\1|p' "$here/pom.xml")
  if [[ -e $libs/kafka_2.13-$version.jar && -e $libs/.complete ]]; then return; fi
  need mvn maven
  echo "kafka.sh: fetching Kafka $version with Maven into $libs" >&2
  rm -rf "$libs"
  mkdir -p "$libs"
  mvn --quiet --batch-mode -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$(cd "$libs" && pwd)" >&2
  touch "$libs/.complete"
}

# The process that the pid file names, if it is (still) our broker: pids are used again after a restart of the machine.
running() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  [[ -n $pid ]] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q 'kafka\.Kafka .*server\.properties'
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

choose_port() {
  local port=${LENNE_KAFKA_PORT:-19192}
  if [[ $port == auto ]]; then
    for port in $(seq 19192 2 19392); do
      if ! taken "$port" && ! taken $((port + 1)); then break; fi
    done
  fi
  if taken "$port" || taken $((port + 1)); then fail "port $port or $((port + 1)) is in use; set LENNE_KAFKA_PORT"; fi
  echo "$port" >"$dir/port"
}

write_settings() {
  local port
  port=$(cat "$dir/port")
  cat >"$dir/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=CLIENTS://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=CLIENTS://127.0.0.1:$port
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
log.dirs=$dir/data
auto.create.topics.enable=false
# One node: nothing is replicated.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
# Few internal partitions: a faster start and less memory.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
num.network.threads=2
num.io.threads=2
group.initial.rebalance.delay.ms=0
# A worker that is killed inside a transaction holds readers up no longer than this after its timeout.
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
END
}

run_java() {
  exec java -Xms"$heap" -Xmx"$heap" -XX:+UseSerialGC -Xshare:auto -Djava.awt.headless=true \
    -Dlog4j2.configurationFile="$here/log4j2.yaml" -cp "$libs/*" "$@"
}

start() {
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  install_broker
  if running; then return; fi
  choose_port
  write_settings
  : >"$log"
  if [[ ! -e $dir/data/meta.properties ]]; then
    (run_java kafka.tools.StorageTool format -t "$cluster" -c "$dir/server.properties") >>"$log" 2>&1 ||
      { tail -n 20 "$log" >&2; fail "the data directory could not be made"; }
  fi
  (run_java kafka.Kafka "$dir/server.properties") >>"$log" 2>&1 </dev/null &
  echo $! >"$pid_file"
  disown
  for _ in $(seq 600); do
    if grep -q 'Kafka Server started' "$log"; then return; fi
    kill -0 "$(cat "$pid_file")" 2>/dev/null || { tail -n 20 "$log" >&2; fail "the broker ended; see $log"; }
    sleep 0.1
  done
  tail -n 20 "$log" >&2
  fail "the broker is not ready after 60 s; see $log"
}

end_with() {
  if running; then
    local pid
    pid=$(cat "$pid_file")
    kill "-$1" "$pid"
    for _ in $(seq 200); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    if kill -0 "$pid" 2>/dev/null; then kill -KILL "$pid"; fi
  fi
  rm -f "$pid_file"
}

case "${1:-}" in
  install) install_broker ;;
  start) start ;;
  stop) end_with TERM ;;
  kill9) end_with KILL ;;
  status) running ;;
  bootstrap) running || fail "no broker runs"; echo "127.0.0.1:$(cat "$dir/port")" ;;
  wipe) end_with TERM; rm -rf "$dir/data" ;;
  *) sed -n '2,16s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
