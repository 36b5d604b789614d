"""What windows must hold, computed from what a generator says it sent. Shares no code, schema or table with Lenne: the rules are
written down here once more.
  gauge    count, sum, min, max of the samples inside; covered = the part inside the window of each nominal-interval slot
           that has a sample inside the window
  state    a sample holds until the next one, at most two nominal intervals; arrivals = changes from 0
  airtime  of a gateway: the sum over the frames that it heard or sent, by Semtech's formula for LoRa (SX1276, 4.1.1.7)
  roll-up  each device of a site counts once, with the mean of its samples, if its window is covered to 75 %; each site of a
           tenant or of the region once, with the mean of its devices. Means are rounded to a millionth, half away from zero
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


def devices_of(region: list[str]) -> tuple[dict[str, int], dict[str, tuple[str, str]]]:
    """Nominal interval of each device in microseconds, and its (tenant, site), from the documents that declare the region."""
    documents = json.loads(subprocess.run([LENNE, "simulate", "--print", *region], capture_output=True, text=True, check=True).stdout)
    profiles = {d["name"]: d["nominal_interval_s"] for d in documents if d["kind"] == "Profile"}
    devices = [d for d in documents if d["kind"] == "Device"]
    return {d["dev_eui"]: profiles[d["profile"]] * US for d in devices}, {d["dev_eui"]: (d["tenant"], d["site"]) for d in devices}


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


def rounded(total: int, count: int) -> int:
    half = (2 * abs(total) + count) // (2 * count)
    return half if total >= 0 else -half


def rollups(devices: dict, place: dict, size: Size, level: str) -> dict:
    """Of gauges' windows. `place`: (tenant, site) of each device."""
    sites = defaultdict(list)
    for (device, start), window in devices.items():
        sites[place[device], start]  # a window without a device that counts is told too
        if 4 * window["covered"] >= 3 * (size.end(start) - start):
            sites[place[device], start].append((rounded(window["sum"], window["count"]), window["min"], window["max"]))
    members = defaultdict(list)
    for ((tenant, site), start), of_devices in sites.items():
        if level == "site":
            members[(tenant, site), start] += of_devices
            continue
        of = members[(tenant if level == "tenant" else None, None), start]
        if of_devices:
            values, lowest, highest = zip(*of_devices)
            of.append((rounded(sum(values), len(values)), min(lowest), max(highest)))
    return {key: {"count": len(of), **({"sum": sum(v for v, _, _ in of), "min": min(v for v, _, _ in of), "max": max(v for v, _, _ in of),
                                        "lowest": min(low for _, low, _ in of), "highest": max(high for _, _, high in of)} if of else {})}
            for key, of in members.items()}


def compare_rollups(server: Server, size: Size, level: str, expected: dict, begin: int, end: int) -> int:
    found = {}
    for row in rows_of(server, "temperature", size, begin, end, "--group", level):
        found[(row["tenant"], row["site"]), start_of(row)] = row
    # A place is told with each window of a measure that any place has, also when it has nothing itself.
    empty = [key for key, row in found.items() if key not in expected and row["members_used"] > 0]
    missing = [key for key in expected if key not in found]
    wrong = [(key, want, found[key]) for key, want in expected.items() if key in found and (
        want["count"] != found[key]["members_used"] or found[key]["members_total"] < want["count"] or
        any(steps(found[key][name]) != want[name] for name in want if name != "count"))]
    print(f"  temperature of {level}s {size.name}: {len(expected)} expected, {len(found)} found, {len(missing)} missing, {len(empty)} too many, {len(wrong)} wrong")
    for sample in [*missing[:3], *empty[:3], *wrong[:3]]:
        print("   ", sample)
    return len(missing) + len(empty) + len(wrong)


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


def start_of(row: dict) -> int:
    return calendar.timegm(time.strptime(row["start"][:19], "%Y-%m-%dT%H:%M:%S")) * US


def rows_of(server: Server, measure: str, size: Size, begin: int, end: int, *more: str):
    def stamp(us: int) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(us // US))

    for row in server.lines("query", "--measure", measure, "--resolution", size.name, "--from", stamp(begin), "--to", stamp(end), "--format", "json", *more):
        start = start_of(row)
        assert row["final"], f"not final: {row}"
        assert row["end"] == time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(size.end(start) // US)), f"its end: {row}"
        yield row


def finals(server: Server, measure: str, size: Size, begin: int, end: int) -> dict:
    found = {}
    for row in rows_of(server, measure, size, begin, end):
        assert (row["dev_eui"], start_of(row)) not in found, f"twice: {row}"
        found[row["dev_eui"], start_of(row)] = row
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
