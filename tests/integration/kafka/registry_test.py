#!/usr/bin/env python3
"""With a schema registry (a twin of its protocol, tests/integration/support/registry.py) records name their schemas by its ids: whoever asks it
for them, and for what they refer to, can decode each record. Without an answer, without the password or with another schema in its
place the server does not start, and says why; once it runs it does not need the registry any more."""
import json
import random
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "support"))
sys.path.insert(0, str(ROOT / "deploy" / "kafka" / "examples"))
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition  # noqa: E402
from downlink import command_class_of, framed  # noqa: E402
from lenne import LENNE, Server, port_to_keep, wait_until  # noqa: E402
from load import Load, documents  # noqa: E402
from registry import Reader, Registry  # noqa: E402
from uplinks import schemas, varint  # noqa: E402

USER, PASSWORD = "lenne", "a: password"


def brokers() -> str:
    return subprocess.run([ROOT / "deploy" / "kafka" / "kafka.sh", "bootstrap"], check=True, capture_output=True, text=True).stdout.strip()


def records(topic: str) -> list[bytes]:
    """The values of all committed records."""
    consumer = Consumer({"bootstrap.servers": brokers(), "group.id": "registry", "isolation.level": "read_committed", "enable.partition.eof": True})
    consumer.assign([TopicPartition(topic, 0, 0)])
    values = []
    while True:
        record = consumer.poll(10)
        assert record is not None, f"{topic}: its end does not come"
        if record.error():
            assert record.error().code() == KafkaError._PARTITION_EOF, record.error()
            consumer.close()
            return values
        values.append(record.value())


def decoded(reader: Reader, value: bytes):
    """A record as a deserializer of the registry's reads it."""
    zero, schema = struct.unpack(">bi", value[:5])
    assert zero == 0 and schema >= Registry.FIRST_ID, schema
    steps, at = varint(value, 5)
    place = [0]
    if steps:
        place = []
        for _ in range(steps):
            step, at = varint(value, at)
            place.append(step)
    return reader.class_of(schema, place[0]).FromString(value[at:])


def refusal(*settings: str) -> str:
    """What a server says that does not start."""
    try:
        with Server(*settings):
            raise AssertionError("it starts")
    except RuntimeError as said:
        return str(said)


def main() -> int:
    port = port_to_keep(socket.SOCK_STREAM)
    url = f"http://127.0.0.1:{port}"
    password_file = Path(subprocess.run(["mktemp"], check=True, capture_output=True, text=True).stdout.strip())
    password_file.write_text(PASSWORD + "\n")
    settings = [f"log.schema_registry.url={url}", f"log.schema_registry.username={USER}", f"log.schema_registry.password_file={password_file}", "windows.sizes=10s", "windows.grace=2s", "windows.spread=false",
                "windows.watermark_delay=2s"]

    begun = time.time()
    said = refusal(*settings)
    assert "(schema_registry)" in said and f"127.0.0.1:{port}" in said and 10 < time.time() - begun < 60, (time.time() - begun, said)
    registry = Registry(port, USER, PASSWORD)
    password_file.write_text("another\n")
    assert "does not let us in (401)" in (said := refusal(*settings)), said
    password_file.write_text(PASSWORD + "\n")
    registry.incompatible = {"lenne/v1/event.proto"}
    assert "lenne/v1/event.proto: the schema is not compatible" in (said := refusal(*settings)), said
    print("no registry, no password, no place for the schema: no start, with the reason")

    registry.incompatible = set()
    registry.close()
    late = []
    threading.Timer(2, lambda: late.append(Registry(port, USER, PASSWORD))).start()
    with Server(*settings) as server:
        registry = late[0]
        arguments = [part for setting in server.settings for part in ("--set", setting)]
        registry.incompatible = {"lenne.t.menden.event.v1-value"}
        done = subprocess.run([LENNE, "topics", "apply", "--tenant", "menden", *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and "lenne.t.menden.event.v1-value: the schema is not compatible" in done.stdout + done.stderr, done
        registry.incompatible = set()
        server.cli("topics", "apply", "--tenant", "menden", *arguments)
        names = {f"lenne.t.menden.{name}.v1-value" for name in ("event", "measurement", "aggregate", "aggregate-calendar", "alert", "command")}
        assert names < registry.subjects.keys(), registry.subjects.keys()
        print(f"the registry came late, and was waited for; subjects: {len(registry.subjects)}, schemas: {len(registry.schemas)}")

        server.apply([*documents(), {"kind": "Tenant", "name": "olpe"}])
        load = Load(server, random.Random(3))
        load.run(1000, 60)
        load.listen(6)
        uplinks = load.published()
        wait_until("the other tenant's subjects", lambda: {name.replace("menden", "olpe") for name in names} < registry.subjects.keys())
        reader = Reader(url, USER, PASSWORD)
        events = [decoded(reader, value) for value in records("lenne.t.menden.event.v1")]
        found = [(f"{event.dev_eui:016x}", event.uplink.f_cnt, event.uplink.payload.hex()) for event in events if event.WhichOneof("event") == "uplink"]
        assert sorted(found) == sorted((event["dev_eui"], event["f_cnt"], event["payload"]) for event in uplinks)
        measurements = [decoded(reader, value) for value in records("lenne.t.menden.measurement.v1")]
        assert {(m.DESCRIPTOR.full_name, m.tenant) for m in measurements} == {("lenne.v1.Measurement", "menden")} and len(measurements) == len(uplinks)
        aggregates = wait_until("aggregates", lambda: [decoded(reader, value) for value in records("lenne.t.menden.aggregate.v1")])
        assert all(aggregate.gauge.count > 0 and aggregate.tenant == "menden" for aggregate in aggregates if aggregate.measure == "temperature")
        print(f"decoded by what the registry gives: {len(events)} events, {len(measurements)} measurements, {len(aggregates)} aggregates")

        def told(name: str) -> list[str]:
            return [event["code"] for event in server.lines("events", "--json", "--type", "log", "--from", "beginning") if event["correlation_id"] == name]

        command_class = command_class_of(schemas(f"http://{server.http}"))
        command_id = reader.get("subjects", "lenne.t.menden.command.v1-value", "versions", "1")["id"]
        producer = Producer({"bootstrap.servers": brokers()})
        for name, schema in (("ours", 4), ("registered", command_id)):
            command = command_class(dev_eui=int(load.devices[0].eui, 16), f_port=9, payload=b"x", correlation_id=name)
            producer.produce("lenne.t.menden.command.v1", framed(command.SerializeToString(), schema))
        assert producer.flush(10) == 0
        wait_until("the command", lambda: told("registered") == ["downlink_queued"])
        assert told("ours") == [] and server.counters()["lenne_commands_refused_unknown_schema_total"] == 1

        registry.close()
        server.apply([{"kind": "Tenant", "name": "iserlohn"}])
        load.run(500, 60)
        load.published()
        wait_until("the missing registry to be counted", lambda: server.counters().get("lenne_schema_registry_errors_total", 0) >= 1)
        print("it has gone: records keep coming")
        registry = Registry(port, USER, PASSWORD)  # it has forgotten all
        assert server.stop() == 0
        server.start()
        assert {name.replace("menden", tenant) for name in names for tenant in ("menden", "olpe", "iserlohn")} < registry.subjects.keys(), "a start registers what is there"
        print("a start registers what is missing")
        assert server.stop() == 0
    password_file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
