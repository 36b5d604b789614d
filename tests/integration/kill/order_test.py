#!/usr/bin/env python3
"""Three days of a town, told twice: once in their order to a server that nobody disturbs, once shuffled within the horizon, 5 % of the
datagrams twice, to a server that is killed -9 twenty times on the way. Afterwards both tell the same results: keys, values, coverage,
quality. And those are what rules.py computes. The generator shares no code with Lenne.

Gateways say when they heard a frame (GPS time), meters carry readings of their own times; so what comes late still belongs where it
happened. A device sends its next frame when the last one is acknowledged: what a killed server did not acknowledge comes again.
LENNE_KILLS, LENNE_ORDER_DAYS (at most 6) and LENNE_ORDER_DEVICES make it longer.
"""
import base64
import json
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "truth"))
import lorawan  # noqa: E402
from lenne import LENNE, Server, wait_until  # noqa: E402
from rules import HOUR, US, Size, by_key, compare, counters, gauges, lines_of, start_of, states  # noqa: E402

KILLS = int(os.environ.get("LENNE_KILLS", "20"))
DAYS = int(os.environ.get("LENNE_ORDER_DAYS", "3"))
DEVICES = int(os.environ.get("LENNE_ORDER_DEVICES", "4"))  # of each kind
SEED = int(os.environ.get("LENNE_SEED", "1"))
NWK, APP = bytes(range(16)), bytes(range(16, 32))
KEYS = lorawan.SessionKeys.of_1_0(NWK, APP)
GATEWAY = "aa00000000000000"
GPS_EPOCH, LEAP_SECONDS = 315_964_800, 18
AGAIN_S = 1.0  # without an acknowledgement
AT_ONCE = 16   # datagrams on their way
PROFILES = {"thermometer": ("milesight/em300_th", 1800), "bay": ("bosch/tps110", 3600), "meter": ("axioma/w1", 3600)}
SIZES = [Size("15m", 15 * 60 * US), Size("1h", HOUR), Size("1d", None)]
MEASURES = ["temperature", "relative_humidity", "parking_occupied", "water_volume"]
FULL = 2 ** 32 * 1_000  # a meter's register, in millionths of a cubic metre
# What depends on when a result was made, and not on what it says.
MADE = {"revision", "emitted", "emitted_at", "position"}


def eui_of(kind: str, number: int) -> str:
    return f"70b3d500{sorted(PROFILES).index(kind):04x}{number:04x}"


def address(eui: str) -> int:
    return 0x00A00000 | int(eui[8:12], 16) << 8 | int(eui[12:], 16)


def log_payload(sent: int, readings: list[tuple[int, int]]) -> bytes:
    """A meter's readings, an hour apart: the first one and increments; the present reading is the last of them."""
    (start, first), values = readings[0], [value for _, value in readings]
    steps = [after - before for before, after in zip(values, values[1:])]
    return struct.pack("<IBIII", sent, 0, values[-1] % 2 ** 32, start, first % 2 ** 32) + struct.pack(f"<{len(steps)}H", *steps)


class Town:
    """What happens in it: `uplinks` by device, (second, FPort, payload), in order; `samples` by measure and device."""

    def __init__(self, dice: random.Random, end: int):
        self.uplinks, self.samples = defaultdict(list), defaultdict(lambda: defaultdict(list))
        begin = end - DAYS * 86_400
        for number in range(DEVICES):
            self.thermometer(eui_of("thermometer", number), dice, begin, end)
            self.bay(eui_of("bay", number), dice, begin, end)
            self.meter(eui_of("meter", number), dice, begin, end)

    def thermometer(self, eui: str, dice: random.Random, begin: int, end: int) -> None:
        for second in range(begin + dice.randrange(1800), end, 1800):
            if dice.random() < 0.05:
                continue  # lost on the air
            tenths, halves = dice.randint(-250, 400), dice.randint(20, 200)
            self.uplinks[eui].append((second, 85, struct.pack("<BBhBBB", 0x03, 0x67, tenths, 0x04, 0x68, halves)))
            self.samples["temperature"][eui].append((second * US, tenths * US // 10))
            self.samples["relative_humidity"][eui].append((second * US, halves * US // 2))

    def bay(self, eui: str, dice: random.Random, begin: int, end: int) -> None:
        second, occupied = begin + dice.randrange(3600), False
        while second < end:
            occupied = not occupied if dice.random() < 0.8 else occupied
            self.uplinks[eui].append((second, 1, bytes([occupied])))
            self.samples["parking_occupied"][eui].append((second * US, int(occupied)))
            second += dice.choice((300, 1200, 3500, 9000))  # the longest pause is unknown for half an hour

    def meter(self, eui: str, dice: random.Random, begin: int, end: int) -> None:
        """A third of them are full soon, a third fall back once."""
        number = int(eui[-4:], 16)
        litres, fallen = 2 ** 32 - 1500 if number % 3 == 0 else dice.randint(1_000, 90_000), False
        hours = [(begin // 3600 * 3600 + 3600, litres)]
        while hours[-1][0] + 3600 < end:
            litres += dice.choice((0, 0, 3, 40, 120))
            log = [*hours[-15:], (hours[-1][0] + 3600, litres)]
            hours.append(log[-1])
            if len(hours) % 7 == 0:
                self.uplinks[eui].append((hours[-1][0] + 20, 100, log_payload(hours[-1][0], log)))
                self.samples["water_volume"][eui] += [(at * US, value % 2 ** 32 * 1_000) for at, value in log]
                if number % 3 == 1 and not fallen and len(hours) > 20:
                    fallen, litres = True, 5
                    hours = [(hours[-1][0] + 3600, litres)]


class Sender:
    """A gateway that has one datagram of each device on its way at most, and sends it again until it is acknowledged."""

    def __init__(self, server: Server, dice: random.Random, twice: float):
        self.server, self.dice, self.twice = server, dice, twice
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(server.udp_address)
        self.token, self.open, self.acknowledged, self.sent = 0, {}, 0, 0  # open: token -> (device, datagram, sent at)

    def datagram(self, eui: str, f_cnt: int, second: int, port: int, payload: bytes) -> bytes:
        frame = lorawan.encode(lorawan.DataFrame(lorawan.UP, address(eui), f_cnt, f_port=port, payload=payload), KEYS)
        rx = {"tmst": second * US % 2 ** 32, "tmms": (second - GPS_EPOCH + LEAP_SECONDS) * 1000, "chan": 0, "rfch": 0, "freq": 868.1, "stat": 1, "modu": "LORA",
              "datr": "SF7BW125", "codr": "4/5", "rssi": -60, "lsnr": 9.5, "size": len(frame), "data": base64.b64encode(frame).decode()}
        self.token = (self.token + 1) % 65536
        return b"\x02" + struct.pack(">H", self.token) + b"\x00" + bytes.fromhex(GATEWAY) + json.dumps({"rxpk": [rx]}).encode()

    def put(self, datagram: bytes) -> None:
        try:
            self.socket.send(datagram)
            if self.dice.random() < self.twice:
                self.socket.send(datagram)
        except ConnectionRefusedError:
            pass  # nobody there: it was killed

    def run(self, uplinks: dict, kills: int) -> None:
        waiting = {eui: list(enumerate(of))[::-1] for eui, of in uplinks.items()}
        total = sum(map(len, waiting.values()))
        at = sorted(self.dice.randrange(total // 20, total) for _ in range(kills))
        end = time.time() + 60 + total / 20 + 10 * kills
        while self.acknowledged < total:
            assert time.time() < end, f"{self.acknowledged} of {total} were acknowledged"
            busy = {eui for eui, _, _ in self.open.values()}
            ready = [eui for eui, of in waiting.items() if of and eui not in busy]
            for eui in self.dice.sample(ready, min(len(ready), AT_ONCE - len(self.open))):
                f_cnt, uplink = waiting[eui].pop()
                datagram = self.datagram(eui, f_cnt, *uplink)
                self.open[self.token] = (eui, datagram, time.time())
                self.put(datagram)
                self.sent += 1
            for token, (eui, datagram, sent_at) in list(self.open.items()):
                if time.time() - sent_at > AGAIN_S:
                    self.open[token] = (eui, datagram, time.time())
                    self.put(datagram)
            while at and self.sent >= at[0]:
                at.pop(0)
                time.sleep(self.dice.uniform(0, 0.02))  # somewhere between the datagram and its acknowledgement
                self.server.kill()
                # How many threads share the partitions changes no result, nor may it be another number after each start.
                self.server.settings[-1] = f"windows.workers={self.dice.randrange(1, 5)}"
                self.server.start()
            while select.select([self.socket], [], [], 0.01)[0]:
                try:
                    answer = self.socket.recv(4096)
                except ConnectionRefusedError:
                    break
                if answer[3] == 1 and self.open.pop(struct.unpack(">H", answer[1:3])[0], None):
                    self.acknowledged += 1


def documents() -> list[dict]:
    device = {"kind": "Device", "join_eui": "00" * 8, "tenant": "menden", "site": "school", "region": "EU868", "mac_version": "1.0.4", "activation": "ABP",
              "nwk_s_key": NWK.hex(), "app_s_key": APP.hex()}
    return [{"kind": "Tenant", "name": "menden"}, {"kind": "Site", "name": "school", "tenant": "menden"}, {"kind": "Gateway", "gateway_id": GATEWAY, "tenant": "menden"},
            *({"kind": "Profile", "name": name, "schema": schema, "nominal_interval_s": interval} for name, (schema, interval) in PROFILES.items()),
            *({**device, "dev_eui": eui_of(kind, n), "name": f"{kind} {n}", "profile": kind, "dev_addr": f"{address(eui_of(kind, n)):08x}"} for kind in PROFILES for n in range(DEVICES))]


def told(server: Server, first: int, end: int) -> dict:
    """By measure and size all finals that end before `end`."""
    found = {}
    for measure in MEASURES:
        for size in SIZES:
            rows = (json.loads(line) for line in lines_of(server, measure, size, first, end))
            found[measure, size.name] = by_key(row for row in rows if row["final"] and size.end(start_of(row)) <= end)
    return found


def run(uplinks: dict, dice: random.Random, kills: int, twice: float, ready, first: int, end: int, prove: bool) -> dict:
    """Results of a server that was told all of it, as soon as `ready` says that they are there."""
    began = time.monotonic()
    with Server("windows.sizes=15m,1h,day_local", "windows.grace=10s", "windows.spread=false", "windows.watermark_delay=1s", "network.partitions=4", "windows.workers=1") as server:
        assert all(result["action"] == "created" for result in server.apply(documents()))
        sender = Sender(server, dice, twice)
        sender.run(uplinks, kills)
        results = {}

        def there() -> bool:
            results.update(told(server, first, end))
            return ready(results)

        wait_until("the results", there, 120)
        assert server.stop() == 0
        print(f"{sender.sent} datagrams, {kills} kills: {sum(map(len, results.values()))} results in {time.monotonic() - began:.1f} s", flush=True)
        if prove:
            for command in (["verify"], ["replay", "--log"]):
                done = subprocess.run([LENNE, *command, f"{server.folder.name}/data", "--json", *(["--set", "windows.sizes=15m,1h,day_local", "--set", "windows.grace=10s", "--set", "windows.spread=false",
                                       "--set", "windows.watermark_delay=1s"] if command[0] == "replay" else [])], capture_output=True, text=True, timeout=300)
                assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return results


def main() -> int:
    dice = random.Random(SEED)
    end = int(time.time()) // 3600 * 3600 - 3600
    town = Town(dice, end)
    first, last = (end - (DAYS + 1) * 86_400) * US, end * US
    interval = {eui_of(kind, n): seconds * US for kind, (_, seconds) in PROFILES.items() for n in range(DEVICES)}
    expected = {}
    for size in SIZES:
        for measure in ("temperature", "relative_humidity"):
            expected[measure, size.name] = gauges(town.samples[measure], interval, size)
        expected["parking_occupied", size.name] = states(town.samples["parking_occupied"], interval, size)
        expected["water_volume", size.name] = counters(town.samples["water_volume"], size, last, FULL, 1)
    expected = {name: {key: want for key, want in of.items() if size.end(key[1]) <= last} for name, of in expected.items() for size in SIZES if size.name == name[1]}

    def right(results: dict) -> bool:
        return all(results[name].keys() == of.keys() for name, of in expected.items())

    calm = run(town.uplinks, dice, 0, 0, right, first, last, prove=False)
    shuffled = {eui: dice.sample(of, len(of)) for eui, of in town.uplinks.items()}
    plain = {name: {key: {k: v for k, v in row.items() if k not in MADE} for key, row in of.items()} for name, of in calm.items()}

    def same(results: dict) -> bool:
        return all({key: {k: v for k, v in row.items() if k not in MADE} for key, row in results[name].items()} == of for name, of in plain.items())

    killed = {}

    def keep(results: dict) -> bool:
        killed.update(results)
        return same(results)

    try:
        run(shuffled, dice, KILLS, 0.05, keep, first, last, prove=True)
    except AssertionError as problem:
        print(problem)
    faults = 0
    for size in SIZES:
        for measure in MEASURES:
            name = (measure, size.name)
            faults += compare(measure, size, expected[name], killed.get(name, {}))
            other = [(plain[name].get(key), row) for key, row in killed.get(name, {}).items() if plain[name].get(key) != {k: v for k, v in row.items() if k not in MADE}]
            faults += len(other)
            for pair in other[:2]:
                print("    undisturbed and killed:", *pair)
    assert any(row.get("resets") for row in killed["water_volume", "1h"].values()), "no register fell"
    faults += not same(killed)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
