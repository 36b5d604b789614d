#!/usr/bin/env python3
"""Finals of the simulated town against what this program computes from the generator's truth.

Shares no code, schema or table with Lenne: the rules are written down here once more.
  gauge   window [k, k + 10 s): count, sum, min, max of the samples whose time lies inside; covered = the part inside the
          window of each nominal-interval slot [j n, (j + 1) n) that has a sample inside the window
  state   a sample holds until the next one, at most two nominal intervals; occupied = time in a state other than 0

LENNE_TRUTH_SECONDS (default 60) says how long the town runs, LENNE_TRUTH_HURRY (default 400) how much faster its devices send.
"""
import calendar
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lenne import LENNE, Server, read_truth, wait_until  # noqa: E402

SECONDS = int(os.environ.get("LENNE_TRUTH_SECONDS", "60"))
HURRY = os.environ.get("LENNE_TRUTH_HURRY", "400")
US = 1_000_000
WINDOW = 10 * US
REGION = ["--towns", "olpe", "--gps-share", "1", "--hurry", HURRY]


def intervals() -> dict[str, int]:
    """Nominal interval of each device in microseconds, from the documents that declare the region."""
    documents = json.loads(subprocess.run([LENNE, "simulate", "--print", *REGION], capture_output=True, text=True, check=True).stdout)
    profiles = {d["name"]: d["nominal_interval_s"] for d in documents if d["kind"] == "Profile"}
    return {d["dev_eui"]: profiles[d["profile"]] * US for d in documents if d["kind"] == "Device"}


def steps(value) -> int:
    """Whole millionths, as samples are kept."""
    return int((Decimal(str(value)) * 1_000_000).to_integral_value())


def covered(times: list[int], start: int, interval: int) -> int:
    slots = {t // interval for t in times}
    return sum(min((k + 1) * interval, start + WINDOW) - max(k * interval, start) for k in slots)


def gauges(samples: dict[str, list[tuple[int, int]]], interval: dict[str, int]) -> dict:
    windows = defaultdict(list)
    for device, values in samples.items():
        for at, value in values:
            windows[device, at // WINDOW * WINDOW].append((at, value))
    return {(device, start): {"count": len(values), "sum": sum(v for _, v in values), "min": min(v for _, v in values), "max": max(v for _, v in values),
                              "coverage": covered([t for t, _ in values], start, interval[device]) / WINDOW}
            for (device, start), values in windows.items()}


def states(samples: dict[str, list[tuple[int, int]]], interval: dict[str, int], until: int) -> dict:
    results = defaultdict(lambda: {"occupied": 0, "known": 0})
    for device, values in samples.items():
        values = sorted(values)
        for i, (at, value) in enumerate(values):
            end = at + 2 * interval[device]
            if i + 1 < len(values):
                end = min(end, values[i + 1][0])
            while at < end and at < until:
                start = at // WINDOW * WINDOW
                part = min(end, start + WINDOW) - at
                results[device, start]["known"] += part
                results[device, start]["occupied"] += part if value else 0
                at += part
    return results


def finals(server: Server, measure: str, begin: int, end: int) -> dict:
    def stamp(us: int) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(us // US))

    def start_of(row: dict) -> int:
        return calendar.timegm(time.strptime(row["start"][:19], "%Y-%m-%dT%H:%M:%S")) * US

    rows = server.lines("query", "--measure", measure, "--resolution", "10s", "--from", stamp(begin), "--to", stamp(end), "--format", "json")
    found = {}
    for row in rows:
        assert row["final"], f"not final: {row}"
        key = (row["dev_eui"], start_of(row))
        assert key not in found, f"twice: {row}"
        found[key] = row
    return found


def compare(expected: dict, found: dict, fields) -> int:
    missing = sorted(expected.keys() - found.keys())
    surplus = sorted(found.keys() - expected.keys())
    wrong = [(key, expected[key], found[key]) for key in expected.keys() & found.keys() if not fields(expected[key], found[key])]
    print(f"  windows: {len(expected)} expected, {len(found)} found, {len(missing)} missing, {len(surplus)} too many, {len(wrong)} wrong")
    for sample in [*missing[:3], *surplus[:3], *wrong[:3]]:
        print("   ", sample)
    return len(missing) + len(surplus) + len(wrong)


def main() -> int:
    with Server("windows.sizes=10s,15m", "windows.grace=10s", "windows.spread=false", "windows.watermark_delay=2s") as server, tempfile.TemporaryDirectory() as folder:
        truth_file = Path(folder) / "truth.jsonl"
        simulator = server.simulate("--declare", *REGION, "--duration", f"{SECONDS}s", "--truth", str(truth_file))
        print("simulated:", simulator.communicate()[0].strip())
        assert simulator.returncode == 0
        uplinks, acknowledged = read_truth(truth_file)
        assert uplinks, "no uplink"
        lost = {(u["dev_eui"], u["f_cnt"]) for u in uplinks} - acknowledged
        assert not lost, f"{len(lost)} uplinks were never acknowledged, e.g. {sorted(lost)[:3]}"

        interval = intervals()
        temperature, parking = defaultdict(list), defaultdict(list)
        for uplink in uplinks:
            for sample in uplink["samples"]:
                if sample["measure"] == "temperature":
                    temperature[uplink["dev_eui"]].append((uplink["time_us"], steps(sample["value"])))
                if sample["measure"] == "parking_occupied":
                    parking[uplink["dev_eui"]].append((uplink["time_us"], int(sample["value"])))

        begin = min(u["time_us"] for u in uplinks) // WINDOW * WINDOW
        end = max(u["time_us"] for u in uplinks) // WINDOW * WINDOW + WINDOW
        # The last window is final 12 s after its end, moved there by a tick.
        wait_until("the last window to be over", lambda: time.time() * US > end + 20 * US, 60)

        def all_final() -> bool:
            try:
                return bool(finals(server, "temperature", begin, end)) and bool(finals(server, "parking_occupied", begin, end))
            except AssertionError:
                return False

        wait_until("all windows to be final", all_final, 30)

        print("temperature")
        faults = compare(gauges(temperature, interval), finals(server, "temperature", begin, end), lambda want, got: (
            want["count"] == got["count"] and want["sum"] == steps(got["sum"]) and want["min"] == steps(got["min"]) and want["max"] == steps(got["max"])
            and abs(want["coverage"] - got["coverage"]) < 1e-9 and abs(want["sum"] / want["count"] - got["mean"] * 1e6) < 1e-3))
        print("parking")
        faults += compare({key: value for key, value in states(parking, interval, end).items() if key[1] < end}, finals(server, "parking_occupied", begin, end), lambda want, got: (
            want["known"] == round(got["known_s"] * US) and want["occupied"] == round(got["occupied_s"] * US)
            and abs(want["occupied"] / want["known"] - got["occupied_share"]) < 1e-9 and abs(want["known"] / WINDOW - got["coverage"]) < 1e-9))
        print(f"uplinks: {len(uplinks)}, samples: {sum(map(len, temperature.values()))} temperature, {sum(map(len, parking.values()))} parking")
        assert server.stop() == 0
        return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
