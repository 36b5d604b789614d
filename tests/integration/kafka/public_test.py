#!/usr/bin/env python3
"""What an analyst sees: a tenant's topics on Kafka, read by kcat and by the example in deploy/kafka/examples, hold what the server
itself tells, each record once, in Confluent's framing and with CloudEvents headers."""
import json
import os
import random
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "support"))
from lenne import Server, wait_until  # noqa: E402
from load import Load, documents  # noqa: E402

WINDOW_S = 10


def brokers() -> str:
    return subprocess.run([ROOT / "deploy" / "kafka" / "kafka.sh", "bootstrap"], check=True, capture_output=True, text=True).stdout.strip()


def read(topic: str, form: str) -> list[str]:
    """All committed records of a topic, by kcat."""
    done = subprocess.run(["kcat", "-b", brokers(), "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed", "-f", form + "\\n"],
                          check=True, capture_output=True, timeout=60)
    return done.stdout.decode("latin-1").splitlines()


def plan(server: Server, verb: str) -> dict:
    settings = [part for setting in server.settings for part in ("--set", setting)]
    return json.loads(server.cli("topics", verb, "--tenant", "menden", "--tenant", "olpe", "--json", *settings))


def main() -> int:
    with Server(f"windows.sizes={WINDOW_S}s", "windows.grace=2s", "windows.spread=false", "windows.watermark_delay=2s") as server:
        server.apply(documents())
        load = Load(server, random.Random(3))
        load.run(2000, 60)
        load.listen(16)
        uplinks = load.published()

        topics = {row["topic"]: row for row in plan(server, "plan")["topics"]}
        assert topics["lenne.t.menden.event.v1"]["existing_partitions"] == 1, "made when the first event came"
        assert topics["lenne.t.olpe.event.v1"]["existing_partitions"] == 0
        assert topics["lenne.t.menden.aggregate.v1"]["settings"]["cleanup.policy"] == "compact"
        applied = plan(server, "apply")
        assert all(row["existing_partitions"] == row["partitions"] for row in applied["topics"]), "apply makes what is missing"
        assert any("'lenne.t.menden.'" in rule for rule in applied["acls"])
        print(f"topics: {len(applied['topics'])}, partitions: {sum(row['partitions'] for row in applied['topics'])}")

        headers = read("lenne.t.menden.event.v1", "%h")
        told = server.lines("events", "--json", "--from", "beginning", "--tenant", "menden")
        kinds = [dict(part.split("=", 1) for part in line.split(","))["ce_type"] for line in headers]
        assert len(headers) == len(told), (len(headers), len(told))
        assert kinds.count("lenne.event.uplink.v1") == len(uplinks)
        assert all("ce_specversion=1.0" in line and "content-type=application/protobuf" in line and "ce_source=/tenants/menden/devices/" in line for line in headers)

        example = subprocess.run(["/usr/bin/python3", ROOT / "deploy" / "kafka" / "examples" / "uplinks.py", "--brokers", brokers(), "--tenant", "menden",
                                  "--server", f"http://{server.http}", "--end"], check=True, capture_output=True, text=True, timeout=60)
        rows = [json.loads(line) for line in example.stdout.splitlines()]
        assert sorted((row["dev_eui"], row["f_cnt"], row["payload"]) for row in rows) == sorted((e["dev_eui"], e["f_cnt"], e["payload"]) for e in uplinks)
        print(f"events: {len(headers)}, of these uplinks: {len(rows)}, the same as the server tells")

        samples = read("lenne.t.menden.measurement.v1", "%h")
        assert len(samples) == len(uplinks), (len(samples), len(uplinks))
        windows = wait_until("final windows", lambda: [row for row in server.lines("query", "--measure", "temperature", "--resolution", f"{WINDOW_S}s", "--from", uplinks[0]["time"][:17] + "00Z",
                                                                                 "--to", "2099-01-01T00:00:00Z", "--format", "json") if row["final"]], 30)
        aggregates = read("lenne.t.menden.aggregate.v1", "%h")
        assert len(aggregates) >= len(windows) > 0
        assert all("ce_type=lenne.aggregate.v1" in line for line in aggregates)
        print(f"measurements: {len(samples)}, aggregates: {len(aggregates)} for {len(windows)} windows of temperature")
    return 0


if __name__ == "__main__":
    sys.exit(main())
