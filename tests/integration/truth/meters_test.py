#!/usr/bin/env python3
"""A zone of three water meters over UDP: one for what runs in and two houses, one of which leaks, while the other one's meter is replaced.
Each uplink carries the last sixteen hours, so that each reading comes several times. Sums, balance, leaks and qualities against what the
generator put in; the exchange is told of by the device's parameters, after it.
"""
import base64
import json
import socket
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lorawan  # noqa: E402
from lenne import Server, wait_until  # noqa: E402

HOURS, PER_UPLINK, STEP = 72, 16, 7
NWK, APP = bytes(range(16)), bytes(range(16, 32))
KEYS = lorawan.SessionKeys.of_1_0(NWK, APP)
IN, LEAKING, HOUSE = "70b3d50000000001", "70b3d50000000002", "70b3d50000000003"
GATEWAY = "aa00000000000000"


def address(eui: str) -> int:
    return 0x00A00000 + int(eui[-2:], 16)


def log_payload(sent: int, readings: list[tuple[int, int]]) -> bytes:
    """Sixteen readings, an hour apart, as the meter sends them: the first one and increments; the present reading is the last of them."""
    (start, first), values = readings[0], [value for _, value in readings]
    steps = [after - before for before, after in zip(values, values[1:])]
    return struct.pack("<IBIII", sent, 0, values[-1], start, first) + struct.pack(f"<{len(steps)}H", *steps)


class Sender:
    def __init__(self, server: Server):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(server.udp_address)
        self.socket.settimeout(5)
        self.token, self.f_cnt = 0, {}

    def send(self, eui: str, payload: bytes) -> None:
        f_cnt = self.f_cnt[eui] = self.f_cnt.get(eui, -1) + 1
        frame = lorawan.encode(lorawan.DataFrame(lorawan.UP, address(eui), f_cnt, f_port=100, payload=payload), KEYS)
        rx = {"tmst": int(time.time() * 1e6) % 2**32, "chan": 0, "rfch": 0, "freq": 868.1, "stat": 1, "modu": "LORA", "datr": "SF7BW125", "codr": "4/5",
              "rssi": -60, "lsnr": 9.5, "size": len(frame), "data": base64.b64encode(frame).decode()}
        self.token += 1
        self.socket.send(b"\x02" + struct.pack(">H", self.token) + b"\x00" + bytes.fromhex(GATEWAY) + json.dumps({"rxpk": [rx]}).encode())
        assert self.socket.recv(64)[3] == 1, "no PUSH_ACK"


def device(eui: str, parameters: dict | None = None) -> dict:
    return {"kind": "Device", "dev_eui": eui, "join_eui": "00" * 8, "name": eui[-2:], "tenant": "menden", "site": "zone-1", "profile": "meter", "region": "EU868",
            "mac_version": "1.0.4", "activation": "ABP", "dev_addr": f"{address(eui):08x}", "nwk_s_key": NWK.hex(), "app_s_key": APP.hex(),
            "use_case": "water", **({"parameters": parameters} if parameters else {})}


def main() -> int:
    now = int(time.time())
    hours = [now // 3600 * 3600 - (HOURS - i) * 3600 for i in range(HOURS + 1)]  # the last one is the last full hour
    at_night = [i % 24 < 6 for i in range(HOURS)]
    # Litres in each hour: the leak runs always; a tenth more runs in than the houses count.
    used = {LEAKING: [3 if night else 40 for night in at_night], HOUSE: [0 if night else 60 for night in at_night]}
    used[IN] = [(a + b) * 11 // 10 for a, b in zip(used[LEAKING], used[HOUSE])]
    first = {IN: 5_000_000, LEAKING: 100_000, HOUSE: 99_000}
    read = {eui: [(hours[i], first[eui] + sum(of[:i])) for i in range(HOURS + 1)] for eui, of in used.items()}
    # After 36 h the house gets another meter, which begins at 7 l. It is read at the full hour.
    exchanged, last = read[HOUSE][36]
    read[HOUSE] = read[HOUSE][:37], [(at, value - last + 7) for at, value in read[HOUSE][36:]]

    with Server("windows.sizes=15m,1h,day_local", "windows.grace=10s", "windows.spread=false", "windows.watermark_delay=1s") as server:
        applied = server.apply([{"kind": "Tenant", "name": "menden"}, {"kind": "Site", "name": "zone-1", "tenant": "menden"},
                                {"kind": "Profile", "name": "meter", "schema": "axioma/w1", "nominal_interval_s": 3600}, {"kind": "UseCase", "name": "water"},
                                {"kind": "Gateway", "gateway_id": GATEWAY, "tenant": "menden"}, *(device(eui, {"q_max": 4}) for eui in (IN, LEAKING, HOUSE))])
        assert all(result["action"] == "created" for result in applied), applied
        sender = Sender(server)

        def send_log(eui: str, readings: list[tuple[int, int]]) -> None:
            for end in sorted({*range(PER_UPLINK, len(readings), STEP), len(readings)}):
                sender.send(eui, log_payload(readings[end - 1][0], readings[end - PER_UPLINK:end]))

        send_log(IN, read[IN])
        send_log(LEAKING, read[LEAKING])
        send_log(HOUSE, read[HOUSE][0])
        send_log(HOUSE, read[HOUSE][1][1:])
        from_to = f"from={time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(hours[0]))}&to={time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(hours[-1]))}"

        def rows(eui: str, res: str) -> list[dict]:
            return server.request("GET", f"/v1/agg?measure=8-0:1.0.0&device={eui}&res={res}&limit=5000&{from_to}")["items"]

        def litres(eui: str, res: str = "1h") -> int:
            return round(sum(row["sum"] for row in rows(eui, res)) * 1000)

        wait_until("the leaking house's readings", lambda: litres(LEAKING) == sum(used[LEAKING]), 60)
        wait_until("a final of the last hour", lambda: rows(LEAKING, "1h")[-1]["final"], 60)
        got = rows(LEAKING, "1h")
        assert [round(row["sum"] * 1000) for row in got] == used[LEAKING]
        assert {row["quality"] for row in got} == {"W"}, [row["quality"] for row in got]
        assert {row["count"] for row in got} == {1}, "each reading counts once"
        assert {row["quality"] for row in rows(LEAKING, "15m")} == {"I"}
        assert litres(LEAKING, "15m") == sum(used[LEAKING])

        # Nobody has told of the exchange yet: the hour around it is unknown.
        wait_until("the reset", lambda: sum(row["resets"] for row in rows(HOUSE, "1h")) == 1 and rows(HOUSE, "1h")[-1]["final"], 60)
        told = server.apply([device(HOUSE, {"q_max": 4, "exchanged_at": exchanged, "final_reading": last / 1000, "initial_reading": 0.007})])
        assert told[0]["action"] == "updated", told
        sender.send(HOUSE, log_payload(read[HOUSE][1][-1][0], read[HOUSE][1][-PER_UPLINK:]))
        wait_until("the exchange to be corrected", lambda: litres(HOUSE) == sum(used[HOUSE]), 60)
        got = rows(HOUSE, "1h")
        assert [round(row["sum"] * 1000) for row in got] == used[HOUSE]
        assert sum(row["exchanges"] for row in got) == 1 and sum(row["resets"] for row in got) == 0

        balance = server.request("GET", f"/v1/meter/balance?zone=zone-1&inflow={IN}&res=1h&{from_to}")["items"]
        assert [round(item["difference"] * 1000) for item in balance] == [used[IN][i] - used[LEAKING][i] - used[HOUSE][i] for i in range(HOURS)]
        found = {LEAKING: set(), HOUSE: set()}
        for eui, of in found.items():
            for month in {time.gmtime(at)[:2] for at in hours}:
                report = server.request("GET", f"/v1/meter/report?device={eui}&year={month[0]}&month={month[1]}")
                of.update(day["leak"] for register in report["registers"] for day in register["days"])
        assert "yes" in found[LEAKING] and "no" not in found[LEAKING], found
        assert "yes" not in found[HOUSE] and "no" in found[HOUSE], found
        print(f"meters: {sum(used[IN])} l in, {sum(used[LEAKING])} l and {sum(used[HOUSE])} l out")
        assert server.stop() == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
