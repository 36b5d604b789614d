#!/usr/bin/env python3
"""Follows a tenant's events on Kafka and prints each uplink as a line of JSON. An example: copy it, change it.

  uplinks.py --brokers 127.0.0.1:19192 --tenant menden --server http://127.0.0.1:8080 [--client FILE] [--end]

Needs Debian's python3-confluent-kafka and python3-protobuf. The schemas come from the server, so nothing is generated.
--client: lines name=value of librdkafka's settings, for a cluster with TLS and passwords; kcat -F reads the same file.
--end: stop at what is the end of the topic now.
"""
import argparse
import json
import struct
import sys
import urllib.request

from confluent_kafka import Consumer, KafkaError, TopicPartition
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def schemas(server: str) -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    with urllib.request.urlopen(f"{server}/v1/schemas", timeout=10) as answer:
        for file in descriptor_pb2.FileDescriptorSet.FromString(answer.read()).file:
            pool.Add(file)
    return pool


def event_class_of(pool: descriptor_pool.DescriptorPool) -> type:
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("lenne.v1.DeviceEvent"))


def varint(value: bytes, at: int) -> tuple[int, int]:
    """A zigzag varint, and where the next one begins."""
    shift, number = 0, 0
    while True:
        number |= (value[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if value[at - 1] < 0x80:
            return (number >> 1) ^ -(number & 1), at


def message_of(value: bytes) -> bytes:
    """What follows Confluent's framing: 0x00, schema id (4 bytes), the way to the message in its file (none: the first one)."""
    zero, schema = struct.unpack(">bi", value[:5])
    if zero != 0 or schema != 1:
        raise ValueError(f"schema {schema} is no device event")
    steps, at = varint(value, 5)
    for _ in range(steps):
        _, at = varint(value, at)
    return value[at:]


def client_settings(file: str | None) -> dict[str, str]:
    if not file:
        return {}
    with open(file) as lines:
        return dict((part.strip() for part in line.split("=", 1)) for line in lines if "=" in line and not line.startswith("#"))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--brokers", default="127.0.0.1:19192")
    options.add_argument("--prefix", default="lenne.")
    options.add_argument("--tenant", required=True)
    options.add_argument("--server", default="http://127.0.0.1:8080")
    options.add_argument("--client")
    options.add_argument("--end", action="store_true")
    given = options.parse_args()

    event_class = event_class_of(schemas(given.server))
    # read_committed: what was taken back is not seen, so each event is there once.
    consumer = Consumer({**client_settings(given.client), "bootstrap.servers": given.brokers, "group.id": f"{given.tenant}.example", "isolation.level": "read_committed",
                         "auto.offset.reset": "earliest", "enable.partition.eof": True, "enable.auto.commit": False})
    consumer.assign([TopicPartition(f"{given.prefix}t.{given.tenant}.event.v1", 0, 0)])
    while True:
        record = consumer.poll(1.0)
        if record is None:
            continue
        if record.error():
            if record.error().code() == KafkaError._PARTITION_EOF:
                if given.end:
                    return 0
                continue
            print(record.error(), file=sys.stderr)
            return 1
        event = event_class.FromString(message_of(record.value()))
        if event.WhichOneof("event") == "uplink":
            print(json.dumps({"offset": record.offset(), "time_us": event.time_us, "dev_eui": f"{event.dev_eui:016x}", "f_cnt": event.uplink.f_cnt,
                              "f_port": event.uplink.f_port, "payload": event.uplink.payload.hex(), "type": dict(record.headers())["ce_type"].decode()}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
