#!/usr/bin/env python3
"""A town's day, on which summer time ends, lived through in its own time: all finals against what this program computes.

Shares no code, schema or table with Lenne: the rules are written down here once more, for windows of 15 minutes, an hour
and a local day (25 hours long), of temperatures, parking bays and water meters.
  gauge    count, sum, min, max of the samples inside; covered = the part inside the window of each nominal-interval slot
           that has a sample inside the window
  state    a sample holds until the next one, at most two nominal intervals; arrivals = changes from 0
  counter  what lies between two readings is spread evenly over their time: until x it is floor(difference * part of the time)

LENNE_PAST_FROM and LENNE_PAST_HOURS choose another time, LENNE_PAST_TOWNS other towns.
"""
import calendar
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lenne import LENNE, Server  # noqa: E402

FROM = os.environ.get("LENNE_PAST_FROM", "2026-10-24T21:30:00Z")
HOURS = int(os.environ.get("LENNE_PAST_HOURS", "26"))
TOWNS = os.environ.get("LENNE_PAST_TOWNS", "olpe")
QUIET_HOURS = 50
US = 1_000_000
HOUR = 3600 * US
REGION = ["--towns", TOWNS, "--gps-share", "1"]
PARTITIONS = ["--set", "network.partitions=4"]
BERLIN = ZoneInfo("Europe/Berlin")


def day_start(us: int) -> int:
    local = datetime.fromtimestamp(us // US, BERLIN)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return int(midnight.astimezone(timezone.utc).timestamp()) * US


def day_after(start: int) -> int:
    return day_start(start + 30 * HOUR)


class Size:
    """A size of windows: where the one begins that contains a moment, and where the next one does."""

    def __init__(self, name: str, length: int | None):
        self.name, self.length = name, length

    def start(self, us: int) -> int:
        return day_start(us) if self.length is None else us // self.length * self.length

    def end(self, start: int) -> int:
        return day_after(start) if self.length is None else start + self.length

    def over(self, begin: int, end: int):
        """The windows that touch [begin, end)."""
        start = self.start(begin)
        while start < end:
            yield start, self.end(start)
            start = self.end(start)


SIZES = [Size("15m", 15 * 60 * US), Size("1h", HOUR), Size("1d", None)]


def steps(value) -> int:
    return int((Decimal(str(value)) * 1_000_000).to_integral_value())


def nominal() -> dict[str, int]:
    documents = json.loads(subprocess.run([LENNE, "simulate", "--print", *REGION], capture_output=True, text=True, check=True).stdout)
    profiles = {d["name"]: d["nominal_interval_s"] for d in documents if d["kind"] == "Profile"}
    return {d["dev_eui"]: profiles[d["profile"]] * US for d in documents if d["kind"] == "Device"}


def gauges(samples: dict, interval: dict, size: Size) -> dict:
    windows = defaultdict(list)
    for device, values in samples.items():
        for at, value in values:
            windows[device, size.start(at)].append((at, value))
    results = {}
    for (device, start), values in windows.items():
        end, slot = size.end(start), interval[device]
        slots = {at // slot for at, _ in values}
        numbers = [value for _, value in values]
        results[device, start] = {
            "count": len(values), "sum": sum(numbers), "min": min(numbers), "max": max(numbers),
            "covered": sum(min((k + 1) * slot, end) - max(k * slot, start) for k in slots)}
    return results


def states(samples: dict, interval: dict, size: Size) -> dict:
    results = defaultdict(lambda: {"count": 0, "occupied": 0, "covered": 0, "arrivals": 0, "transitions": 0})
    for device, values in samples.items():
        values = sorted(values)
        hold = 2 * interval[device]
        for i, (at, value) in enumerate(values):
            inside = results[device, size.start(at)]
            inside["count"] += 1
            if i > 0 and at - values[i - 1][0] <= hold and bool(values[i - 1][1]) != bool(value):
                inside["transitions"] += 1
                inside["arrivals"] += bool(value)
            until = min(at + hold, values[i + 1][0] if i + 1 < len(values) else at + hold)
            for start, end in size.over(at, until):
                part = min(until, end) - max(at, start)
                results[device, start]["covered"] += part
                results[device, start]["occupied"] += part if value else 0
    return dict(results)


def counters(samples: dict, size: Size, until: int) -> dict:
    results = {}
    for device, values in samples.items():
        readings = sorted(set(values))
        for start, end in size.over(readings[0][0], until):
            results[device, start] = {"count": 0, "sum": 0, "covered": 0}
        for at, _ in values:
            results[device, size.start(at)]["count"] += 1
        for (t0, v0), (t1, v1) in zip(readings, readings[1:]):
            assert v1 >= v0 and t1 - t0 <= 24 * HOUR, "this town's meters neither fall nor fall silent"
            if t0 == t1:
                continue
            for start, end in size.over(t0, t1):
                low, high = max(t0, start), min(t1, end)
                results[device, start]["sum"] += (v1 - v0) * (high - t0) // (t1 - t0) - (v1 - v0) * (low - t0) // (t1 - t0)
                results[device, start]["covered"] += high - low
    return results


def finals(server: Server, measure: str, size: Size, begin: int, end: int) -> dict:
    def stamp(us: int) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(us // US))

    found = {}
    for row in server.lines("query", "--measure", measure, "--resolution", size.name, "--from", stamp(begin), "--to", stamp(end), "--format", "json"):
        start = calendar.timegm(time.strptime(row["start"][:19], "%Y-%m-%dT%H:%M:%S")) * US
        assert row["final"], f"not final: {row}"
        assert (row["dev_eui"], start) not in found, f"twice: {row}"
        assert row["end"] == time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(size.end(start) // US)), f"its end: {row}"
        found[row["dev_eui"], start] = row
    return found


def numbers_of(row: dict, size: Size, start: int, want: dict) -> dict:
    length = size.end(start) - start
    numbers = {"count": row["count"], "covered": round(row["coverage"] * length) if row["coverage"] is not None else None}
    for name in ("sum", "min", "max"):
        if name in want:
            numbers[name] = steps(row[name])
    if "occupied" in want:
        numbers |= {"occupied": round(row["occupied_s"] * US), "arrivals": row["arrivals"], "transitions": row["transitions"]}
    return numbers


def compare(name: str, size: Size, expected: dict, found: dict) -> int:
    missing = sorted(expected.keys() - found.keys())
    surplus = sorted(found.keys() - expected.keys())
    wrong = [(key, want, numbers_of(found[key], size, key[1], want)) for key, want in expected.items()
             if key in found and numbers_of(found[key], size, key[1], want) != want]
    print(f"  {name} {size.name}: {len(expected)} expected, {len(found)} found, {len(missing)} missing, {len(surplus)} too many, {len(wrong)} wrong")
    for sample in [*missing[:2], *surplus[:2], *wrong[:2]]:
        print("   ", sample)
    return len(missing) + len(surplus) + len(wrong)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        truth = Path(folder) / "truth.jsonl"

        def live_through(data: str) -> None:
            done = subprocess.run([LENNE, "simulate", "--data", data, "--from", FROM, "--duration", f"{HOURS}h", "--quiet", f"{QUIET_HOURS}h",
                                   "--truth", str(truth), *REGION, *PARTITIONS], capture_output=True, text=True, timeout=1200)
            assert done.returncode == 0, done.stdout + done.stderr
            print("simulated:", done.stdout.strip())

        with Server(*PARTITIONS[1:], prepare=live_through) as server:
            interval = nominal()
            samples = defaultdict(lambda: defaultdict(list))
            uplinks, acknowledged = set(), set()
            for line in truth.read_text().splitlines():
                event = json.loads(line, parse_float=Decimal)
                frame = (event["dev_eui"], event["f_cnt"])
                if event["type"] == "ack":
                    acknowledged.add(frame)
                    continue
                uplinks.add(frame)
                for sample in event["samples"]:
                    value = int(sample["value"]) if sample["measure"] == "parking_occupied" else steps(sample["value"])
                    samples[sample["measure"]][event["dev_eui"]].append((sample.get("time_us", event["time_us"]), value))
            assert uplinks == acknowledged, f"{len(uplinks ^ acknowledged)} uplinks heard or acknowledged only"

            begin = min(at for of in samples.values() for values in of.values() for at, _ in values)
            began = calendar.timegm(time.strptime(FROM, "%Y-%m-%dT%H:%M:%SZ")) * US
            ended = began + HOURS * HOUR
            # Meters wait for 48 hours, and their results are spread over a minute; the watermark is half a minute behind.
            metered = ended + (QUIET_HOURS - 48) * HOUR - 2 * 60 * US
            faults = 0
            for size in SIZES:
                first, last = size.start(begin), ended + QUIET_HOURS * HOUR
                faults += compare("temperature", size, gauges(samples["temperature"], interval, size), finals(server, "temperature", size, first, last))
                faults += compare("parking", size, states(samples["parking_occupied"], interval, size), finals(server, "parking_occupied", size, first, last))
                closed = {key: want for key, want in counters(samples["water_volume"], size, metered).items() if size.end(key[1]) <= metered}
                found = {key: row for key, row in finals(server, "water_volume", size, first, last).items() if size.end(key[1]) <= metered}
                faults += compare("water", size, closed, found)
            litres = sum(values[-1] - values[0] for values in map(sorted, (map(lambda r: r[1], of) for of in samples["water_volume"].values()))) // 1000
            print(f"uplinks: {len(uplinks)}; water: {litres} l between first and last readings")
            days = [start for start, end in SIZES[2].over(began, ended) if end - start != 24 * HOUR]
            assert days or "LENNE_PAST_FROM" in os.environ, "this is not the day on which summer time ends"
            assert server.stop() == 0
            return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
