#!/usr/bin/env python3
"""Through Kafka on this machine, one broker, all roles in one process, generator included: lines of JSON.

usage: kafka.py [--seconds N] [--rates R ...] [--tenants T ...]
  latency   ms from the receipt of an uplink's first copy to its event at a read_committed consumer of the tenant's topic
  cpu       processor seconds of the server, and of the broker, for 1,000 uplinks
  commit    bench_commits: ms of a commit that has something of each of so many tenants, and of its parts
  lead      downlinks.py: ms before RX1 at 1 s at which an acknowledgement reaches the gateway

  windows   tests/bench/kstreams.cpp and the same windows by Kafka Streams, one after the other: records a second, processor seconds for a million records,
            resident MiB, and whether the results are exact. Only if LENNE_KSTREAMS_PEER names the folder of that benchmark

LENNE_KAFKA_DIR says where the broker lies (see deploy/kafka/kafka.sh); LENNE_BIN, LENNE_BENCH_UPLINKS, LENNE_BENCH_COMMITS and LENNE_BENCH_KSTREAMS name the programs.
With --tenants commits alone are measured.
"""
import argparse
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bench  # noqa: E402
from confluent_kafka import Consumer, TopicPartition  # noqa: E402

sys.path.insert(0, str(bench.ROOT / "deploy" / "kafka" / "examples"))
import uplinks  # noqa: E402

COMMITS = os.environ.get("LENNE_BENCH_COMMITS", str(bench.ROOT / "build" / "release" / "bench_commits"))
BROKER = bench.ROOT / "deploy" / "kafka" / "kafka.sh"


class Subscriber(threading.Thread):
    """An analyst: how late each uplink of the tenant came."""

    def __init__(self, brokers: str, topic: str, server: str):
        super().__init__(daemon=True)
        self.late_ms, self.going = [], True
        self.event_class = uplinks.event_class_of(uplinks.schemas(server))
        self.consumer = Consumer({"bootstrap.servers": brokers, "group.id": "bench", "isolation.level": "read_committed", "auto.offset.reset": "earliest",
                                  "enable.auto.commit": False, "fetch.wait.max.ms": 50})
        self.consumer.assign([TopicPartition(topic, 0, 0)])

    def run(self) -> None:
        while self.going:
            record = self.consumer.poll(0.2)
            if record is None or record.error():
                continue
            now = time.time()
            event = self.event_class.FromString(uplinks.message_of(record.value()))
            if event.WhichOneof("event") == "uplink":
                self.late_ms.append(now * 1e3 - event.received_us / 1e3)


def on_kafka(brokers: str, prefix: str) -> None:
    """For the next server: a network of its own."""
    os.environ["LENNE_TEST_SETTINGS"] = f"log.type=kafka log.brokers={brokers} log.prefix={prefix}"


def quantile(values: list[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))], 1)


def measure(rate: int, seconds: int, brokers: str, broker_pid: int) -> dict:
    with bench.Server() as server:
        generator = bench.Own(1_000)
        bench.declare(server, generator)
        generator.send(server, rate, 2)  # the topics are made, everything is warm
        bench.settle(server)
        subscriber = Subscriber(brokers, f"bench-{rate}.t.bench.event.v1", f"http://{server.http}")
        subscriber.start()
        time.sleep(2)
        subscriber.late_ms.clear()
        before = bench.processor_seconds(server.process.pid), bench.processor_seconds(broker_pid)
        sent = generator.send(server, rate, seconds)
        bench.settle(server)
        time.sleep(1)
        after = bench.processor_seconds(server.process.pid), bench.processor_seconds(broker_pid)
        subscriber.going = False
        late = subscriber.late_ms
        return {"what": "latency", "rate": rate, "uplinks": sent["uplinks"], "received": len(late), "p50_ms": quantile(late, 0.5), "p99_ms": quantile(late, 0.99),
                "server_cpu_s_per_1000": round((after[0] - before[0]) / sent["uplinks"] * 1000, 3),
                "broker_cpu_s_per_1000": round((after[1] - before[1]) / sent["uplinks"] * 1000, 3), "rss_mib": round(bench.resident_mib(server.process.pid))}


def windows(brokers: str, peer: str, records: int) -> list[dict]:
    """One run of each on the same topic. The peer fills and checks: its README says how records and results look."""
    folder = Path(os.environ.get("LENNE_KAFKA_DIR", bench.ROOT / "build" / "kafka")) / "kstreams"
    environment = os.environ | {"BENCH_DIR": str(folder), "BOOTSTRAP": brokers}

    def run(*command: str, ok: tuple[int, ...] = (0,)) -> list[dict]:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode not in ok:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    run(f"{peer}/run.sh", "build")
    topic, flush = "kstreams.int.measurement", 1_767_225_600_000 + records // 5_000 * 15_000 + 864_000_000
    run(str(folder / "mbench"), "fill", f"n={records}", "parts=4", f"topic={topic}", f"bootstrap={brokers}")

    def row(who: str, out: str, measured: dict, rate: str, peak: str) -> dict:
        checked = run(f"{peer}/run.sh", "check", f"out={out}", f"n={records}", ok=(0, 1))[-1]
        return {"what": "windows", "who": who, "records": records, "records_per_s": round(measured[rate]), "cpu_s_per_million": round(measured["cpu_s_per_million"], 2),
                "rss_mib": measured[peak], "exact": checked["exact"], "repeated": checked["repeated"]}

    ours = run(os.environ.get("LENNE_BENCH_KSTREAMS", str(bench.ROOT / "build" / "release" / "bench_kstreams")), brokers, "kstreams.", "4")[-1]
    rows = [row("lenne", "kstreams.int.event.v1", ours, "records_per_s", "rss_peak_mib")]
    theirs = run(f"{peer}/run.sh", "peer", f"topic={topic}", "out=kstreams-peer", f"close={flush + 1}")[-1]
    return [*rows, row("kafka-streams", "kstreams-peer", theirs, "rec_per_s", "rss_peak_mib")]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=15)
    options.add_argument("--rates", type=int, nargs="*", default=[100, 1_000, 3_000])
    options.add_argument("--records", type=int, default=2_000_000, help="of the windows")
    options.add_argument("--tenants", type=int, nargs="*", default=[])
    given = options.parse_args()
    os.environ.setdefault("LENNE_KAFKA_PORT", "auto")
    subprocess.run([BROKER, "wipe"], check=True)
    subprocess.run([BROKER, "start"], check=True)
    try:
        brokers = subprocess.run([BROKER, "bootstrap"], check=True, capture_output=True, text=True).stdout.strip()
        folder = Path(os.environ.get("LENNE_KAFKA_DIR", bench.ROOT / "build" / "kafka"))
        for tenants in given.tenants:
            for rest_ms in (0, 20):
                print(bench.output(COMMITS, brokers, f"commits-{tenants}-{rest_ms}.", tenants, 300, rest_ms).strip(), flush=True)
        if given.tenants:
            return 0
        lost = 0
        for rate in given.rates:
            on_kafka(brokers, f"bench-{rate}.")
            row = measure(rate, given.seconds, brokers, int((folder / "pid").read_text()))
            print(json.dumps(row), flush=True)
            lost += row["uplinks"] - row["received"]
        peer = os.environ.get("LENNE_KSTREAMS_PEER")
        for row in windows(brokers, peer, given.records) if peer else []:
            print(json.dumps(row), flush=True)
            lost += 0 if row["exact"] else 1
        on_kafka(brokers, "bench-leads.")
        leads = subprocess.run([sys.executable, Path(__file__).with_name("downlinks.py"), "200", "10"], check=True, capture_output=True, text=True)
        for line in leads.stdout.splitlines():
            print(json.dumps({"what": "lead", "said": line}), flush=True)
    finally:
        subprocess.run([BROKER, "stop"], check=True)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
