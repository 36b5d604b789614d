#!/usr/bin/env bash
# A real Kafka cluster on this machine, of one node or of three, for tests and for trying Lenne with Kafka. It listens on
# 127.0.0.1 only.
#
#   kafka.sh install     fetch the broker with Maven (once; some 45 MB)
#   kafka.sh start       install, make the data directories, start what does not run, wait until it is ready
#   kafka.sh stop        end it and wait for that
#   kafka.sh kill9 [N]   end it, or only node N, as a crash would
#   kafka.sh status      exit code 0 when all of it runs
#   kafka.sh bootstrap [LISTENER]  print host:port for clients, of several nodes with commas; LISTENER: plain (the default),
#                        and of a secure cluster sasl (TLS and a password or token) or mutual (TLS with a client's certificate)
#   kafka.sh acls ARGUMENT…  Kafka's own kafka-acls.sh, on this cluster
#   kafka.sh wipe        stop, and delete its data (the fetched broker stays)
#
# Settings (environment):
#   LENNE_KAFKA_DIR      where brokers, data and logs lie (default: build/kafka of this source tree)
#   LENNE_KAFKA_NODES    1 or 3; topics of a cluster of three want log.replication 3 (default: 1)
#   LENNE_KAFKA_PORT     port for clients; the next one is the controller's, the next pair the second node's; "auto": the
#                        first free ones (default: 19192)
#   LENNE_KAFKA_HEAP     memory of each broker (default: 384m)
#   LENNE_KAFKA_VERSION  another one than pom.xml names; with data of its own: wipe before
#   LENNE_KAFKA_SECURE   1: one node that also has the listeners sasl and mutual, and gives rights by ACLs: see secure.sh
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${LENNE_KAFKA_DIR:-$here/../../build/kafka}
heap=${LENNE_KAFKA_HEAP:-384m}
nodes=${LENNE_KAFKA_NODES:-1}
secure=${LENNE_KAFKA_SECURE:-}
ports=$([[ $secure ]] && echo 4 || echo 2) # of a node
version=$(sed -n 's|.*<kafka.version>\(.*\)</kafka.version>.*|\1|p' "$here/pom.xml")
libs=$dir/libs
if [[ -n ${LENNE_KAFKA_VERSION:-} && $LENNE_KAFKA_VERSION != "$version" ]]; then
  version=$LENNE_KAFKA_VERSION
  libs=$dir/libs-$version
fi
cluster=TGVubmVLYWZrYUNsdXN0ZQ # any 22 characters of base64; fixed, so that data and broker match after a restart

fail() { echo "kafka.sh: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"; }
source "$here/secure.sh"

install_broker() {
  need java openjdk-17-jre-headless
  if [[ -e $libs/kafka-tools-$version.jar && -e $libs/.complete ]]; then return; fi
  need mvn maven
  echo "kafka.sh: fetching Kafka $version with Maven into $libs" >&2
  rm -rf "$libs"
  mkdir -p "$libs"
  mvn --quiet --batch-mode -f "$here/pom.xml" -Dkafka.version="$version" dependency:copy-dependencies -DoutputDirectory="$(cd "$libs" && pwd)" >&2
  touch "$libs/.complete"
}

# Of node N: its files. The first node's have the names of the only one.
of_node() { # N
  suffix=$([[ $1 == 1 ]] || echo "-$1")
  pid_file=$dir/pid$suffix
  log=$dir/broker$suffix.log
  data=$dir/data$suffix
  properties=$dir/server$suffix.properties
}

# The process that the pid file names, if it is (still) our broker: pids are used again after a restart of the machine.
running() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  [[ -n $pid ]] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q "kafka\.Kafka .*server$suffix\.properties"
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_from() { # port: are this one and those after it free?
  local port
  for port in $(seq "$1" $(($1 + ports * nodes - 1))); do
    if taken "$port"; then return 1; fi
  done
}

choose_port() {
  local port=${LENNE_KAFKA_PORT:-19192}
  if [[ $port == auto ]]; then
    for port in $(seq 19192 $((ports * nodes)) 19392); do
      if free_from "$port"; then break; fi
    done
  fi
  free_from "$port" || fail "ports from $port to $((port + ports * nodes - 1)) are not free; set LENNE_KAFKA_PORT"
  echo "$port" >"$dir/port"
}

port_of() { echo $(($(cat "$dir/port") + ports * ($1 - 1))); }

write_settings() { # N
  local port voters="" node least=1
  port=$(port_of "$1")
  for node in $(seq "$nodes"); do voters+="${voters:+,}$node@127.0.0.1:$(($(port_of "$node") + 1))"; done
  if [[ $nodes -gt 1 ]]; then least=2; fi
  cat >"$properties" <<END
process.roles=broker,controller
node.id=$1
controller.quorum.voters=$voters
listeners=CLIENTS://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=CLIENTS://127.0.0.1:$port
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
log.dirs=$data
auto.create.topics.enable=false
offsets.topic.replication.factor=$nodes
transaction.state.log.replication.factor=$nodes
transaction.state.log.min.isr=$least
min.insync.replicas=$least
broker.session.timeout.ms=4000
# Few internal partitions: a faster start and less memory.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
num.network.threads=2
num.io.threads=2
group.initial.rebalance.delay.ms=0
# A worker that is killed inside a transaction holds readers up no longer than this after its timeout.
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
END
  if [[ $secure ]]; then secure_settings "$port" >>"$properties"; fi
}

run_java() {
  exec java -Xms"$heap" -Xmx"$heap" -XX:+UseSerialGC -Xshare:auto -Djava.awt.headless=true \
    -Dlog4j2.configurationFile="$here/log4j2.properties" ${secure:+"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://$dir/secure/jwks.json"} -cp "$libs/*" "$@"
}

launch() { # N
  local users=()
  of_node "$1"
  if running; then return; fi
  write_settings "$1"
  : >"$log"
  if [[ ! -e $data/meta.properties ]]; then
    if [[ $secure ]]; then mapfile -t users < <(secure_users); fi
    (run_java kafka.tools.StorageTool format -t "$cluster" -c "$properties" "${users[@]}") >>"$log" 2>&1 ||
      { tail -n 20 "$log" >&2; fail "the data directory could not be made"; }
  fi
  (run_java kafka.Kafka "$properties") >>"$log" 2>&1 </dev/null &
  echo $! >"$pid_file"
  disown
}

await() { # N
  of_node "$1"
  for _ in $(seq 600); do
    if grep -q 'Kafka Server started' "$log"; then return; fi
    kill -0 "$(cat "$pid_file")" 2>/dev/null || { tail -n 20 "$log" >&2; fail "the broker ended; see $log"; }
    sleep 0.1
  done
  tail -n 20 "$log" >&2
  fail "the broker is not ready after 60 s; see $log"
}

some_run() {
  local node
  for node in $(seq "$nodes"); do
    of_node "$node"
    if running; then return; fi
  done
  return 1
}

start() {
  local node
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  install_broker
  if [[ $secure ]]; then secure_files; fi
  some_run || choose_port
  for node in $(seq "$nodes"); do launch "$node"; done
  for node in $(seq "$nodes"); do await "$node"; done
}

status() {
  local node
  for node in $(seq "$nodes"); do
    of_node "$node"
    running || return 1
  done
}

bootstrap() { # listener
  local node list="" next
  case "${1:-plain}" in
    plain) next=0 ;;
    sasl) next=2 ;;
    mutual) next=3 ;;
    *) fail "$1 is none of plain, sasl, mutual" ;;
  esac
  [[ $next -lt $ports ]] || fail "a cluster without LENNE_KAFKA_SECURE has no listener $1"
  for node in $(seq "$nodes"); do list+="${list:+,}127.0.0.1:$(($(port_of "$node") + next))"; done
  echo "$list"
}

# A node of three that has no majority beside it cannot leave in good order: all are asked first.
end_with() { # signal, nodes
  local signal=$1 node pid pids=()
  shift
  for node in "$@"; do
    of_node "$node"
    if running; then
      pids+=("$(cat "$pid_file")")
      kill "-$signal" "${pids[-1]}"
    fi
    rm -f "$pid_file"
  done
  # Who ends has no command line any more, but still its sockets.
  for pid in "${pids[@]}"; do
    for _ in $(seq 100); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    if kill -0 "$pid" 2>/dev/null; then kill -KILL "$pid"; fi
  done
}

mapfile -t all < <(seq "$nodes")
case "${1:-}" in
  install) install_broker ;;
  start) start ;;
  stop) end_with TERM "${all[@]}" ;;
  kill9) if [[ -n ${2:-} ]]; then end_with KILL "$2"; else end_with KILL "${all[@]}"; fi ;;
  status) status ;;
  bootstrap) some_run || fail "no broker runs"; bootstrap "${2:-}" ;;
  acls) some_run || fail "no broker runs"; run_java "$([[ $version == 3.* ]] && echo kafka.admin || echo org.apache.kafka.tools).AclCommand" --bootstrap-server "$(bootstrap)" "${@:2}" ;;
  wipe) end_with TERM "${all[@]}"; rm -rf "$dir"/data "$dir"/data-* "$dir"/secure ;;
  *) sed -n '2,23s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
