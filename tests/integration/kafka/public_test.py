#!/usr/bin/env python3
"""What an analyst sees: a tenant's topics on Kafka, read by kcat and by the example in deploy/kafka/examples, hold what the server
itself tells, each record once, in Confluent's framing and with CloudEvents headers; those of JSON word for word."""
import json
import os
import random
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "support"))
from checks import final_aggregates, without_position  # noqa: E402
from kafka import Broker, read  # noqa: E402
from lenne import Server, wait_until  # noqa: E402
from load import Load, documents  # noqa: E402

WINDOW_S = 10


def plan(server: Server, verb: str) -> dict:
    settings = [part for setting in server.settings for part in ("--set", setting)]
    return json.loads(server.cli("topics", verb, "--tenant", "menden", "--tenant", "olpe", "--json", *settings))


def with_rules(town: list[dict]) -> list[dict]:
    """All devices serve one purpose, whose alert comes and goes."""
    rule = {"name": "hot", "measure": "temperature", "comparison": "above", "threshold": 20, "severity": "info"}
    return [{"kind": "UseCase", "name": "room-climate", "alerts": [rule]},
            *({**document, "use_case": "room-climate"} if document["kind"] == "Profile" else document for document in town)]


def main() -> int:
    broker = Broker()
    with Server("log.json=true", f"windows.sizes={WINDOW_S}s", "windows.grace=2s", "windows.spread=false", "windows.watermark_delay=2s") as server:
        server.apply(with_rules(documents()))
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
        assert topics["lenne.t.menden.alert.v1"]["settings"]["cleanup.policy"] == "compact"
        assert any("'lenne.t.menden.'" in rule for rule in applied["acls"])
        print(f"topics: {len(applied['topics'])}, partitions: {sum(row['partitions'] for row in applied['topics'])}")

        headers = [headers for headers, _ in read(broker, "lenne.t.menden.event.v1")]
        told = server.lines("events", "--json", "--from", "beginning", "--tenant", "menden")
        kinds = [line["ce_type"] for line in headers]
        assert len(headers) == len(told), (len(headers), len(told))
        assert kinds.count("lenne.event.uplink.v1") == len(uplinks)
        assert all(line["ce_specversion"] == "1.0" and line["content-type"] == "application/protobuf" and line["ce_source"] == f"/tenants/menden/devices/{line['ce_subject']}" for line in headers)

        as_json = [(headers, json.loads(value)) for headers, value in read(broker, "lenne.t.menden.event.json.v1")]
        assert [line["ce_id"] for line, _ in as_json] == [line["ce_id"] for line in headers], "the same events in the same order"
        assert all(line["content-type"] == "application/json" and line["ce_type"] == f"lenne.event.{'tx_ack' if row['type'] == 'txack' else row['type']}.v1"
                   and line["ce_subject"] == row["dev_eui"] for line, row in as_json)

        def by_device(rows: list[dict]) -> dict[str, list[dict]]:
            devices = {}
            for row in rows:
                devices.setdefault(row["dev_eui"], []).append(without_position(row))
            return devices

        assert by_device([row for _, row in as_json]) == by_device(told), "as the server tells it, in the order of each device"

        example = subprocess.run(["/usr/bin/python3", ROOT / "deploy" / "kafka" / "examples" / "uplinks.py", "--brokers", broker.bootstrap, "--tenant", "menden",
                                  "--server", f"http://{server.http}", "--end"], check=True, capture_output=True, text=True, timeout=60)
        rows = [json.loads(line) for line in example.stdout.splitlines()]
        assert sorted((row["dev_eui"], row["f_cnt"], row["payload"]) for row in rows) == sorted((e["dev_eui"], e["f_cnt"], e["payload"]) for e in uplinks)
        print(f"events: {len(headers)}, of these uplinks: {len(rows)}, the same as the server tells")

        devices = {device.eui for device in load.devices}  # at the end of an hour gateways are measured, too
        samples = [headers for headers, _ in read(broker, "lenne.t.menden.measurement.v1") if headers["ce_subject"] in devices]
        assert len(samples) == len(uplinks), (len(samples), len(uplinks))
        start = uplinks[0]["time"][:17] + "00Z"
        windows = wait_until("final windows", lambda: final_aggregates(server, "temperature", WINDOW_S, start), 30)
        aggregates = [headers for headers, _ in read(broker, "lenne.t.menden.aggregate.v1")]
        assert len(aggregates) >= len(windows) > 0
        assert all(line["ce_type"] == "lenne.aggregate.v1" for line in aggregates)

        def mirrored() -> bool:
            """Windows close meanwhile."""
            rows = [json.loads(value) for _, value in read(broker, "lenne.t.menden.aggregate.json.v1")]
            last = {(row["dev_eui"], row["start"]): row for row in rows if row["measure"] == "temperature"}
            return last == final_aggregates(server, "temperature", WINDOW_S, start)

        wait_until("aggregates as JSON, as the server tells them", mirrored, 30)

        alerts = [headers for headers, _ in read(broker, "lenne.t.menden.alert.v1")]
        changes = [json.loads(value) for _, value in read(broker, "lenne.t.menden.alert.json.v1")]
        last = {(row["dev_eui"], row["rule"]): row for row in changes}
        told = {(row["dev_eui"], row["rule"]): {"type": "alert", **{key: value for key, value in row.items() if key != "now"}}
                for row in server.request("GET", "/v1/alerts?tenant=menden&limit=10000")["items"]}
        assert len(alerts) == len(changes) > len(last) > 0 and all(line["ce_type"] == "lenne.alert.v1" for line in alerts)
        assert last == told, "the last change of each alert is what the server tells"
        revisions = [row["revision"] for row in changes if row["dev_eui"] == changes[0]["dev_eui"]]
        assert revisions == list(range(1, len(revisions) + 1)), "each change once, in order"
        print(f"alerts: {len(changes)} changes of {len(last)}")
        print(f"measurements: {len(samples)}, aggregates: {len(aggregates)} for {len(windows)} windows of temperature")
    return 0


if __name__ == "__main__":
    sys.exit(main())
