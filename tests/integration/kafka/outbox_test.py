#!/usr/bin/env python3
"""The embedded log mirrored to Kafka, each record once and in order, whoever fails.

Gateways send all the time; the server is killed, then the broker, which stays away while the server is killed again and goes on
without it. In the end each topic of the tenant, read with read_committed, holds what the log holds: events in its order and as
JSON word for word, measurements and aggregates in its order (header `lenne-position`), each once, none missing. A second server
that is given the same prefix is refused, and the first one goes on.
"""
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "support"))
from checks import final_aggregates, without_position  # noqa: E402
from kafka import Broker, read  # noqa: E402
from lenne import Server, wait_until  # noqa: E402
from load import Load, documents  # noqa: E402

WINDOW_S = 10
AWAY_S = 8
TOPICS = ("event.v1", "event.json.v1", "measurement.v1", "aggregate.v1", "aggregate.json.v1")


def state(server: Server) -> dict[str, int]:
    prefix, suffix = "lenne_outbox_", "_total"
    return {name[len(prefix):-len(suffix)]: int(value) for name, value in server.counters().items() if name.startswith(prefix)}


def check_order(topic: str, rows: list[tuple[dict[str, str], bytes]]) -> None:
    positions = [int(headers["lenne-position"]) for headers, _ in rows]
    late = [(a, b) for a, b in zip(positions, positions[1:]) if b <= a]
    assert not late, f"{topic}: {len(late)} records are there twice or in another order, as {late[:3]}"


def check_mirror(server: Server, broker: Broker, load: Load) -> None:
    uplinks = load.published()
    rows = {topic: read(broker, f"lenne.t.menden.{topic}") for topic in TOPICS}
    for topic in TOPICS:
        check_order(topic, rows[topic])
    told = [without_position(line) for line in server.lines("events", "--json", "--from", "beginning", "--tenant", "menden")]
    events = [json.loads(value) for _, value in rows["event.json.v1"]]
    assert len(events) == len(told), (len(events), len(told))
    assert events == told, next((a, b) for a, b in zip(events, told) if a != b)
    identity = ("ce_id", "ce_type", "ce_subject", "lenne-position")
    for one, other in (("event.v1", "event.json.v1"), ("aggregate.v1", "aggregate.json.v1")):
        assert [[h[name] for name in identity] for h, _ in rows[one]] == [[h[name] for name in identity] for h, _ in rows[other]], one
    devices = {device.eui for device in load.devices}  # at the end of an hour gateways are measured, too
    samples = [h["ce_subject"] for h, _ in rows["measurement.v1"] if h["ce_subject"] in devices]
    wanted = [event["dev_eui"] for event in told if event["type"] == "uplink"]
    assert len(samples) == len(wanted) == len(uplinks), (len(samples), len(wanted), len(uplinks))
    assert samples == wanted, "measurements are in the order of their uplinks"

    mirrored = {(row["dev_eui"], row["start"]): row for row in (json.loads(value) for _, value in rows["aggregate.json.v1"]) if row["measure"] == "temperature"}
    last = final_aggregates(server, "temperature", WINDOW_S, uplinks[0]["time"][:17] + "00Z")
    assert mirrored == last, (len(mirrored), len(last), next(((mirrored.get(k), row) for k, row in last.items() if mirrored.get(k) != row), None))
    print(f"events: {len(told)}, measurements: {len(uplinks)}, aggregates: {len(rows['aggregate.v1'])} of {len(last)} windows: each once, in order")


def main() -> int:
    broker = Broker()
    dice = random.Random(int(os.environ.get("LENNE_SEED", "5")))
    settings = [f"windows.sizes={WINDOW_S}s", "windows.grace=2s", "windows.spread=false", "windows.watermark_delay=2s",
                "log.type=rocksdb", f"outbox.brokers={broker.bootstrap}", "outbox.json=true"]
    with Server(*settings) as server:
        server.apply(documents())
        wait_until("the outbox finds its broker", lambda: state(server)["connected"] == 1, 30)
        load = Load(server, dice)
        for number in range(6):
            wait_until("the outbox mirrors", lambda: load.run(50, 60) or state(server)["records"] > 0, 30)
            load.run(2000, 60, after=dice.uniform(0.0, 0.3))  # more than one transaction takes
            if number == 5:
                break
            server.kill()
            load.listen(0.05)
            server.start()

        broker.kill()
        gone, before = time.time(), len(load.acknowledged)
        load.run(5000, 60)
        server.kill()
        server.start()  # without the broker, too
        while time.time() < gone + AWAY_S:
            load.run(200, 60)
            load.listen(0.2)
        outage = wait_until("it is told that the broker is away", lambda: (s := state(server))["connected"] == 0 and s["behind_seconds"] >= 3 and s, 30)
        print(f"away for {time.time() - gone:.1f} s, {len(load.acknowledged) - before} uplinks acknowledged meanwhile: {outage}")
        starting = broker.starting()
        while starting.poll() is None:
            load.run(50, 60)
            load.listen(0.1)
        assert starting.returncode == 0, "the broker does not start again"
        wait_until("it catches up", lambda: state(server)["records"] > 0, 60)
        server.kill()  # in the middle of that
        server.start()
        wait_until("the outbox mirrors", lambda: state(server)["records"] > 0, 60)
        load.run(2000, 60)
        broker.kill()
        broker.start()

        load.listen(2 * WINDOW_S)  # the windows close
        wait_until("all is mirrored", lambda: (s := state(server))["connected"] == 1 and s["behind_seconds"] == 0, 60)
        time.sleep(1.5)
        assert state(server)["refused"] == 0
        check_mirror(server, broker, load)
        planned = json.loads(server.cli("topics", "plan", "--tenant", "menden", "--json", *(part for setting in server.settings for part in ("--set", setting))))
        topics = {row["topic"]: row["existing_partitions"] for row in planned["topics"]}
        assert set(topics.values()) == {1} and topics.keys() > {f"lenne.t.menden.{topic}" for topic in TOPICS}, topics
        assert {topic for topic in topics if topic.startswith("lenne.int.")} == {"lenne.int.outbox-position"}, "the log is not there"

        with Server(*settings) as other:
            wait_until("the second one is refused", lambda: state(other)["refused"] == 1, 30)
            assert "another log" in other.stderr()
            mirrored = state(server)["records"]
            load.run(100, 60)
            wait_until("the first one goes on", lambda: state(server)["records"] > mirrored, 30)
            assert state(server)["refused"] == 0
        print("a second one with the same prefix is refused")

        broker.kill()
        load.run(100, 60)
        time.sleep(3)
        begun = time.time()
        assert server.stop() == 0
        print(f"a stop without the broker took {time.time() - begun:.1f} s")
        print(server.cli("verify", f"{server.folder.name}/data").splitlines()[-1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
