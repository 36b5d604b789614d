#!/usr/bin/env python3
"""Sends bytes to a device by its tenant's command topic, and prints what becomes of them, a line of JSON each. An example: copy it.

  downlink.py --tenant menden --device 70b3d5499a3d1c02 --port 9 --payload 0102 [--confirmed] [--until sent|queued] [--seconds 60]

Exit code: 0 when it has come so far, 1 when it was refused or has failed, 2 when nothing was heard in time.
Needs Debian's python3-confluent-kafka and python3-protobuf; beside uplinks.py, which reads the schemas from the server.
"""
import argparse
import json
import struct
import sys
import time
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition
from google.protobuf import descriptor_pool, message_factory

from uplinks import event_class_of, message_of, schemas

COMMAND_SCHEMA = 4


def command_class_of(pool: descriptor_pool.DescriptorPool) -> type:
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("lenne.v1.DownlinkCommand"))


def framed(command: bytes, schema: int = COMMAND_SCHEMA) -> bytes:
    """Confluent's framing: 0x00, schema id, and 0x00 for the first message of its file."""
    return struct.pack(">bib", 0, schema, 0) + command


def said(event) -> dict:
    """What an event says of a downlink."""
    kind = event.WhichOneof("event")
    what = getattr(event, kind)
    row = {"event": kind, "dev_eui": f"{event.dev_eui:016x}", "correlation_id": what.correlation_id}
    if kind == "log":
        return {**row, "code": what.code, "message": what.message, "error": what.level == 3}
    if kind == "tx_ack":
        return {**row, "f_cnt_down": what.f_cnt_down, "error": what.error != 0}
    return {**row, "acknowledged": what.acknowledged, "error": not what.acknowledged}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--brokers", default="127.0.0.1:19192")
    options.add_argument("--prefix", default="lenne.")
    options.add_argument("--tenant", required=True)
    options.add_argument("--server", default="http://127.0.0.1:8080")
    options.add_argument("--device", required=True)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--payload", required=True, help="hex")
    options.add_argument("--confirmed", action="store_true")
    options.add_argument("--until", choices=["sent", "queued"], default="sent")
    options.add_argument("--seconds", type=float, default=60)
    given = options.parse_args()

    pool = schemas(given.server)
    event_class = event_class_of(pool)
    events = TopicPartition(f"{given.prefix}t.{given.tenant}.event.v1", 0)
    consumer = Consumer({"bootstrap.servers": given.brokers, "group.id": f"{given.tenant}.example", "isolation.level": "read_committed", "enable.auto.commit": False})
    events.offset = consumer.get_watermark_offsets(events, timeout=10)[1]  # what comes from now on
    consumer.assign([events])

    # One id for each command, not for each try to send it: then its writer can tell two from one that was written twice.
    asked = uuid.uuid4().hex
    command = command_class_of(pool)(dev_eui=int(given.device, 16), f_port=given.port, payload=bytes.fromhex(given.payload), confirmed=given.confirmed, correlation_id=asked)
    producer = Producer({"bootstrap.servers": given.brokers, "enable.idempotence": True})
    producer.produce(f"{given.prefix}t.{given.tenant}.command.v1", framed(command.SerializeToString()), key=given.device)
    if producer.flush(10) != 0:
        print("the broker does not take it", file=sys.stderr)
        return 2

    end = time.time() + given.seconds
    while time.time() < end:
        record = consumer.poll(0.5)
        if record is None or record.error():
            continue
        event = event_class.FromString(message_of(record.value()))
        if event.WhichOneof("event") not in ("log", "tx_ack", "ack") or getattr(event, event.WhichOneof("event")).correlation_id != asked:
            continue
        row = said(event)
        print(json.dumps(row), flush=True)
        if row["event"] == "log" and row["error"]:
            return 1
        if row.get("code") == "downlink_queued" and given.until == "queued" or row["event"] == "tx_ack" and not row["error"]:
            return 0
    return 2


if __name__ == "__main__":
    sys.exit(main())
