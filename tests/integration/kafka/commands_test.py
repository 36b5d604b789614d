#!/usr/bin/env python3
"""Downlinks that tenants ask for on Kafka, in their command topics.

By the example of deploy/kafka/examples one is sent to a device and one to another tenant's; what is no command goes to dead-letter. Then
commands keep coming while two processes that share the work are killed in turn: each command is queued once, ends once, and no payload
reaches the air under two counters.
"""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "support"))
sys.path.insert(0, str(ROOT / "deploy" / "kafka" / "examples"))
from checks import carriers_of, is_end  # noqa: E402
from confluent_kafka import Producer  # noqa: E402
from confluent_kafka.admin import AdminClient  # noqa: E402
from downlink import command_class_of, framed  # noqa: E402
from lenne import Server, wait_until  # noqa: E402
from load import Device, Load, documents  # noqa: E402
from uplinks import schemas  # noqa: E402

KILLS = int(os.environ.get("LENNE_KILLS", "6"))
EXAMPLE = ROOT / "deploy" / "kafka" / "examples" / "downlink.py"
SETTINGS = ["windows.sizes=10s", "windows.spread=false"]


def brokers() -> str:
    return subprocess.run([ROOT / "deploy" / "kafka" / "kafka.sh", "bootstrap"], check=True, capture_output=True, text=True).stdout.strip()


def events(server: Server, *kinds: str) -> list[dict]:
    return server.lines("events", "--json", "--from", "beginning", "--type", ",".join(kinds))


def beside(load: Load, device: Device, program: subprocess.Popen) -> list[dict]:
    """What a program prints while a device sends now and then: gateways have duty cycle enough."""
    while program.poll() is None:
        now = time.time()
        load.sent[device.eui, device.f_cnt] = now
        load.gateways[0].push(device, now, confirmed=False, temperature=200)
        load.listen(2)
    return [json.loads(line) for line in program.stdout.read().splitlines()]


class Writer(threading.Thread):
    """An application of a tenant: a command after the other to one of its devices."""

    def __init__(self, command_class: type, devices: list, dice: random.Random):
        super().__init__(daemon=True)
        self.command_class, self.devices, self.dice = command_class, devices, dice
        self.producer = Producer({"bootstrap.servers": brokers(), "enable.idempotence": True})
        self.written, self.going = {}, True  # correlation id -> payload

    def run(self) -> None:
        while self.going:
            name, device = f"c{len(self.written)}", self.dice.choice(self.devices)
            payload = f"{len(self.written):08x}" + self.dice.randbytes(2).hex()
            command = self.command_class(dev_eui=int(device.eui, 16), f_port=9, payload=bytes.fromhex(payload), correlation_id=name)
            self.producer.produce("lenne.t.menden.command.v1", framed(command.SerializeToString()), key=device.eui, callback=self.taken)
            self.written[name] = payload
            self.producer.poll(0.01)
            time.sleep(0.1)
        assert self.producer.flush(30) == 0

    @staticmethod
    def taken(error, _record) -> None:
        assert error is None, error


def test_one_by_one(server: Server, load: Load, command_class: type) -> None:
    plan = json.loads(server.cli("topics", "apply", "--tenant", "menden", "--tenant", "olpe", "--json", *(part for setting in server.settings for part in ("--set", setting))))
    topics = {row["topic"]: row for row in plan["topics"]}
    assert topics["lenne.t.menden.command.v1"]["partitions"] == 1 and topics["lenne.t.menden.command.v1"]["settings"]["retention.ms"] == str(7 * 86_400_000)
    assert "lenne.int.command.v1" not in topics
    assert any("--operation Write --topic 'lenne.t.menden.command.v1'" in rule and "User:menden " in rule for rule in plan["acls"])

    device = load.devices[7]

    def start(tenant: str, *more: str) -> subprocess.Popen:
        return subprocess.Popen(["/usr/bin/python3", EXAMPLE, "--brokers", brokers(), "--server", f"http://{server.http}", "--tenant", tenant, "--device", device.eui, "--port", "9", *more],
                                stdout=subprocess.PIPE, text=True)

    program = start("menden", "--payload", "cafe01")
    rows = beside(load, device, program)
    assert program.returncode == 0, rows
    assert [row.get("code", row["event"]) for row in rows] == ["downlink_queued", "tx_ack"], rows
    wait_until("the frame at a gateway", lambda: load.listen(0.2) or "cafe01" in carriers_of(load))
    print("the example's downlink was queued and sent")

    program = start("olpe", "--payload", "cafe02", "--seconds", "30")
    rows = beside(load, device, program)
    assert program.returncode == 1 and [row["code"] for row in rows] == ["unknown_device"], (program.returncode, rows)
    refused = [event for event in events(server, "log") if event["code"] == "unknown_device"]
    assert [event["tenant"] for event in refused] == ["olpe"] and refused[0]["correlation_id"] == rows[0]["correlation_id"], refused
    assert server.counters()["lenne_network_queue_refused_unknown_device_total"] == 1
    print("another tenant's device: refused, and told")

    producer = Producer({"bootstrap.servers": brokers()})
    good = command_class(dev_eui=int(device.eui, 16), f_port=9, payload=b"\xca\xfe\x03", correlation_id="good")
    bad = {"not_framed": b'{"f_port": 9}', "unknown_schema": b"\0\0\0\0\x01\0" + good.SerializeToString(), "not_a_command": framed(b"\xff\xff"),
           "correlation_id": framed(command_class(dev_eui=1, f_port=9, correlation_id="x" * 65).SerializeToString())}
    for value in bad.values():
        producer.produce("lenne.t.menden.command.v1", value)
    # A label is what Lenne's own records have; a topic's name says whose command it is.
    producer.produce("lenne.t.olpe.command.v1", framed(good.SerializeToString()), headers={"tenant": "menden"})
    producer.produce("lenne.t.menden.command.v1", framed(good.SerializeToString()))
    assert producer.flush(10) == 0
    def outcomes() -> list:
        return sorted((event["tenant"], event["code"]) for event in events(server, "log") if event["correlation_id"] == "good")
    wait_until("the good ones", lambda: len(outcomes()) == 2)
    assert outcomes() == [("menden", "downlink_queued"), ("olpe", "unknown_device")], outcomes()
    counters = server.counters()
    assert {reason: counters.get(f"lenne_commands_refused_{reason}_total") for reason in bad} == dict.fromkeys(bad, 1)
    letters = subprocess.run(["kcat", "-b", brokers(), "-C", "-t", "lenne.int.dead-letter", "-e", "-q", "-X", "isolation.level=read_committed"], check=True, capture_output=True, timeout=60).stdout
    assert all(reason.encode() in letters for reason in bad) and letters.count(b"t.menden.command.v1") == len(bad)
    print(f"no commands: {', '.join(bad)}: in dead-letter, and those behind them are carried out")


def test_gone(server: Server, load: Load) -> None:
    """A topic that somebody deletes holds up nobody else's commands."""
    admin = AdminClient({"bootstrap.servers": brokers()})
    admin.delete_topics(["lenne.t.olpe.command.v1"])["lenne.t.olpe.command.v1"].result(30)
    for number in range(3):
        subprocess.run(["/usr/bin/python3", EXAMPLE, "--brokers", brokers(), "--server", f"http://{server.http}", "--tenant", "menden", "--device", load.devices[8].eui, "--port", "9",
                        "--payload", f"cafe1{number}", "--until", "queued"], check=True, timeout=120, stdout=subprocess.DEVNULL)
    wait_until("the topic to be given up", lambda: server.counters()["lenne_storage_kafka_commands_partitions_total"] == 1, 60)
    print("another tenant's topic was deleted: the others' commands go on")


def test_kills(processes: list[Server], load: Load, command_class: type, dice: random.Random) -> int:
    server = processes[0]
    writer = Writer(command_class, load.devices, dice)
    writer.start()
    for number in range(KILLS):
        victim = processes[number % 2]
        load.run(300, 120, after=dice.uniform(0.0, 0.7))
        victim.kill()
        if number % 3 == 2:  # its partitions and topics go to the other one meanwhile, unless it is gone, too
            load.listen(7)
        victim.start()
    load.run(300, 120)
    writer.going = False
    writer.join(60)
    load.run(2_000, 120)  # each device sends often enough for its queue to leave

    seen = collections.defaultdict(list)
    def ended() -> bool:
        load.run(400, 60)
        seen.clear()
        for event in events(server, "log", "txack"):
            if event.get("correlation_id", "") in writer.written:
                seen[event["correlation_id"]].append(event)
        return all(any(is_end(event) for event in seen[name]) for name in writer.written)
    try:
        wait_until("the end of each command", ended, 90)
    finally:
        queued = {name: sum(event["type"] == "log" and event["code"] == "downlink_queued" for event in seen[name]) for name in writer.written}
        ends = {name: sum(is_end(event) for event in seen[name]) for name in writer.written}
        carriers = carriers_of(load)
        doubled = [payload for payload in writer.written.values() if len(carriers.get(payload, ())) > 1]
        reused = [key for key, frames in load.frames.items() if len(frames) > 1]
        faults = {"lost": sum(count == 0 for count in queued.values()), "queued twice": sum(count > 1 for count in queued.values()),
                  "without an end": sum(count == 0 for count in ends.values()), "ended twice": sum(count > 1 for count in ends.values()),
                  "under two counters": len(doubled), "FCntDown reused": len(reused)}
        print(f"commands: {len(writer.written)} through {KILLS} kills, {sum(payload in carriers for payload in writer.written.values())} on air; {faults}")
    assert len(writer.written) > 20 * KILLS, "too few to mean anything"
    return sum(faults.values())


def main() -> int:
    os.environ["TZ"] = "UTC"
    time.tzset()
    dice = random.Random(5)
    with tempfile.TemporaryDirectory(prefix="lenne-commands-") as common, Server(*SETTINGS, common=common) as server, Server(*SETTINGS, roles="network", common=common) as other:
        assert all(result["action"] == "created" for result in server.apply([*documents(), {"kind": "Tenant", "name": "olpe"}]))
        load = Load(server, dice)
        command_class = command_class_of(schemas(f"http://{server.http}"))
        other.kill()  # the counters are of one process
        wait_until("one process to have all", lambda: server.counters().get("lenne_storage_kafka_network_partitions_total") == 4, 30)
        load.listen(0.5)
        test_one_by_one(server, load, command_class)
        test_gone(server, load)
        other.start()
        faults = test_kills([server, other], load, command_class, dice)
        assert server.stop() == 0 and other.stop() == 0
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
