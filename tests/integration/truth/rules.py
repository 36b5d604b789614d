"""What windows must hold, computed from what a generator says it sent. Shares no code, schema or table with Lenne: the rules are
written down here once more.
  gauge    count, sum, min, max of the samples inside; covered = the part inside the window of each nominal-interval slot
           that has a sample inside the window
  state    a sample holds until the next one, at most two nominal intervals; arrivals = changes from 0
  airtime  of a gateway: the sum over the frames that it heard or sent, by Semtech's formula for LoRa (SX1276, 4.1.1.7)
  counter  what lies between two readings is spread evenly over their time: until x it is floor(difference * part of the time)
"""
import calendar
import json
import subprocess
import sys
import time
from collections import defaultdict
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lenne import LENNE, Server  # noqa: E402

US = 1_000_000
HOUR = 3600 * US
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


def steps(value) -> int:
    """Whole millionths, as samples are kept."""
    return int((Decimal(str(value)) * 1_000_000).to_integral_value())


def intervals(region: list[str]) -> dict[str, int]:
    """Nominal interval of each device in microseconds, from the documents that declare the region."""
    documents = json.loads(subprocess.run([LENNE, "simulate", "--print", *region], capture_output=True, text=True, check=True).stdout)
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
        for at, _ in readings:  # one reading of a moment, however many uplinks carry it
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


def airtime(size: int, sf: int, crc: bool = True) -> int:
    """Microseconds that a PHYPayload of so many bytes is on the air at 125 kHz and 4/5: 8 symbols preamble, explicit header."""
    slow = sf >= 11
    bits = 8 * size - 4 * sf + 28 + (16 if crc else 0)
    symbols = 8 + max(-(-bits // (4 * (sf - 2 * slow))) * 5, 0)
    return (49 + 4 * symbols) * (2 ** sf * 8) // 4


def sums(samples: dict, size: Size) -> dict:
    results = defaultdict(lambda: {"sum": 0})
    for device, values in samples.items():
        for at, value in values:
            results[device, size.start(at)]["sum"] += value
    return dict(results)


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


def differs(want: dict, row: dict, length: int) -> bool:
    """Whether a row says something else. Numbers that are divided are compared as doubles."""
    if any(steps(row[name]) != want[name] for name in ("sum", "min", "max") if name in want):
        return True
    if "count" not in want:
        return False
    if "min" in want and abs(want["sum"] / want["count"] - row["mean"] * 1e6) >= 1e-3:
        return True
    if "occupied" in want:
        if (round(row["known_s"] * US), round(row["occupied_s"] * US)) != (want["covered"], want["occupied"]):
            return True
        if (row["arrivals"], row["transitions"]) != (want["arrivals"], want["transitions"]):
            return True
        if want["covered"] and abs(want["occupied"] / want["covered"] - row["occupied_share"]) >= 1e-9:
            return True
    covered = row["coverage"] * length
    return row["count"] != want["count"] or round(covered) != want["covered"] or abs(covered - want["covered"]) >= 1e-9 * length


def compare(name: str, size: Size, expected: dict, found: dict) -> int:
    missing = sorted(expected.keys() - found.keys())
    surplus = sorted(found.keys() - expected.keys())
    wrong = [(key, want, found[key]) for key, want in expected.items()
             if key in found and differs(want, found[key], size.end(key[1]) - key[1])]
    print(f"  {name} {size.name}: {len(expected)} expected, {len(found)} found, {len(missing)} missing, {len(surplus)} too many, {len(wrong)} wrong")
    for sample in [*missing[:3], *surplus[:3], *wrong[:3]]:
        print("   ", sample)
    return len(missing) + len(surplus) + len(wrong)
