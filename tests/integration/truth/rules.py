"""What windows must hold, computed from what a generator says it sent. Shares no code, schema or table with Lenne: the rules are
written down here once more.
  gauge    count, sum, min, max of the samples inside; covered = the part inside the window of each nominal-interval slot
           that has a sample inside the window
  state    a sample holds until the next one, at most two nominal intervals; arrivals = changes from 0
  airtime  of a gateway: the sum over the frames that it heard or sent, by Semtech's formula for LoRa (SX1276, 4.1.1.7)
  roll-up  each device of a site counts once, with the mean of its samples, if its window is covered to 75 %; each site of a
           tenant or of the region once, with the mean of its devices. Means are rounded to a millionth, half away from zero
  counter  what lies between two readings is spread evenly over their time: until x it is floor(difference * part of the time).
           A fall from the last tenth of the register into its first one runs through its end, any other fall is a reset: what
           ran meanwhile is unknown. What lies between readings that are more than 24 h apart is estimated, more than 7 days unknown
"""
import calendar
import json
import subprocess
import sys
import time
from collections import defaultdict
from datetime import datetime, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lenne import LENNE, Server  # noqa: E402

US = 1_000_000
HOUR = 3600 * US
BERLIN = ZoneInfo("Europe/Berlin")


def day_start(us: int) -> int:
    return day_start_of_hour(us // HOUR)  # the zone's days begin with an hour of UTC


@cache
def day_start_of_hour(hour: int) -> int:
    local = datetime.fromtimestamp(hour * 3600, BERLIN)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return int(midnight.astimezone(timezone.utc).timestamp()) * US


def day_after(start: int) -> int:
    return day_start(start + 30 * HOUR)


class Size:
    """A size of windows: where the one begins that contains a moment, and where the next one does."""

    def __init__(self, name: str, length: int | None, begins: int = 0):
        """Without a length: the local day. `begins`: so long after midnight of UTC."""
        self.name, self.length, self.begins = name, length, begins

    def start(self, us: int) -> int:
        return day_start(us) if self.length is None else (us - self.begins) // self.length * self.length + self.begins

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


def devices_of(region: list[str]) -> tuple[dict[str, int], dict[str, tuple[str, str]], dict[str, dict]]:
    """Of each device its nominal interval in microseconds, its (tenant, site), and its document, as the region is declared."""
    documents = json.loads(subprocess.run([LENNE, "simulate", "--print", *region], capture_output=True, text=True, check=True).stdout)
    profiles = {d["name"]: d["nominal_interval_s"] for d in documents if d["kind"] == "Profile"}
    devices = [d for d in documents if d["kind"] == "Device"]
    return ({d["dev_eui"]: profiles[d["profile"]] * US for d in devices}, {d["dev_eui"]: (d["tenant"], d["site"]) for d in devices},
            {d["dev_eui"]: d for d in devices})


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


def counters(samples: dict, size: Size, until: int, full: int, step: int) -> dict:
    """`full`: how much a register holds, and its resolution, both in millionths."""
    results = {}
    for device, values in samples.items():
        first = {}
        for at, value in values:  # a clock that is set back tells a moment again: the reading that came first stays
            first.setdefault(at, value)
        readings = sorted(first.items())
        for start, end in size.over(readings[0][0], until):
            results[device, start] = {"count": 0, "sum": 0, "covered": 0, "estimated": 0, "resets": 0}
        for at, _ in readings:  # one reading of a moment, however many uplinks carry it
            if (device, size.start(at)) in results:
                results[device, size.start(at)]["count"] += 1
        for (t0, v0), (t1, v1) in zip(readings, readings[1:]):
            if t1 - t0 > 7 * 24 * HOUR:
                continue
            amount = v1 - v0
            if amount < 0 and (v0 < full - full // 10 or v1 > full // 10):
                if (device, size.start(t1)) in results:
                    results[device, size.start(t1)]["resets"] += 1
                continue
            if amount < 0:
                amount += full
            for start, end in size.over(t0, t1):
                if (device, start) not in results:
                    continue
                low, high = max(t0, start), min(t1, end)
                part = (amount // step * (high - t0) // (t1 - t0) - amount // step * (low - t0) // (t1 - t0)) * step
                results[device, start]["sum"] += part
                if t1 - t0 <= 24 * HOUR:
                    results[device, start]["covered"] += high - low
                else:
                    results[device, start]["estimated"] += part
    return results


def rounded(total: int, count: int) -> int:
    half = (2 * abs(total) + count) // (2 * count)
    return half if total >= 0 else -half


def nothing() -> list:
    """Count, sum, least and most value, lowest and highest sample."""
    return [0, 0, None, None, None, None]


class Rollups:
    """Of gauges' windows. `place`: (tenant, site) of each device. Devices may come a few at a time, each with all of its windows."""

    def __init__(self, place: dict, size: Size):
        self.place, self.size = place, size
        self.sites = defaultdict(nothing)

    def add(self, devices: dict) -> None:
        for (device, start), window in devices.items():
            of = self.sites[self.place[device], start]  # a window without a device that counts is told too
            if 4 * window["covered"] >= 3 * (self.size.end(start) - start):
                join(of, rounded(window["sum"], window["count"]), window["min"], window["max"])

    def join(self, other: "Rollups") -> None:
        for key, of in other.sites.items():
            if of[0]:
                add_all(self.sites[key], of)
            else:
                self.sites.setdefault(key, nothing())

    def results(self, level: str) -> dict:
        members = defaultdict(nothing)
        for ((tenant, site), start), of in self.sites.items():
            if level == "site":
                members[(tenant, site), start] = of
                continue
            above = members[(tenant if level == "tenant" else None, None), start]
            if of[0]:
                join(above, rounded(of[1], of[0]), of[4], of[5])
        names = ("sum", "min", "max", "lowest", "highest")
        return {key: {"count": of[0], **(dict(zip(names, of[1:])) if of[0] else {})} for key, of in members.items()}


def join(of: list, value: int, low: int, high: int) -> None:
    if of[0] == 0:
        of[:] = [1, value, value, value, low, high]
    else:
        of[:] = [of[0] + 1, of[1] + value, min(of[2], value), max(of[3], value), min(of[4], low), max(of[5], high)]


def add_all(of: list, other: list) -> None:
    if of[0] == 0:
        of[:] = other
    else:
        of[:] = [of[0] + other[0], of[1] + other[1], min(of[2], other[2]), max(of[3], other[3]), min(of[4], other[4]), max(of[5], other[5])]


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


@cache
def airtime(size: int, sf: int, crc: bool = True) -> int:
    """Microseconds that a PHYPayload of so many bytes is on the air at 125 kHz and 4/5: 8 symbols preamble, explicit header."""
    slow = sf >= 11
    bits = 8 * size - 4 * sf + 28 + (16 if crc else 0)
    symbols = 8 + max(-(-bits // (4 * (sf - 2 * slow))) * 5, 0)
    return (49 + 4 * symbols) * (2 ** sf * 8) // 4


@cache
def second_of(text: str) -> int:
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))


def start_of(row: dict) -> int:
    return second_of(row["start"][:19]) * US


def lines_of(server: Server, measure: str, size: Size, begin: int, end: int, *more: str):
    """The rows of a query as they come: text, so that who keeps them may do so somewhere else."""
    def stamp(us: int) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(us // US))

    command = [LENNE, "query", "--measure", measure, "--resolution", size.name, "--from", stamp(begin), "--to", stamp(end), "--format", "json", *more]
    with subprocess.Popen(command, env=server.environment(), stdout=subprocess.PIPE, text=True) as query:
        yield from query.stdout
    assert query.returncode == 0, command


def checked(lines, size: Size, until: int):
    """The rows of windows that end until then: all of them are final."""
    for row in map(json.loads, lines):
        end = size.end(start_of(row))
        if end > until:
            continue
        assert row["final"], f"not final: {row}"
        assert row["end"] == time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(end // US)), f"its end: {row}"
        yield row


def rows_of(server: Server, measure: str, size: Size, begin: int, end: int, *more: str):
    return checked(lines_of(server, measure, size, begin, end, *more), size, end)


def finals(server: Server, measure: str, size: Size, begin: int, end: int) -> dict:
    return by_key(rows_of(server, measure, size, begin, end))


def by_key(rows) -> dict:
    found = {}
    for row in rows:
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
    if "resets" in want:
        if (row["resets"], steps(row["estimated"])) != (want["resets"], want["estimated"]):
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


def differences(size: Size, expected: dict, found: dict) -> tuple[list, list, list]:
    """What is missing, what is too many, what says something else."""
    missing = sorted(expected.keys() - found.keys())
    surplus = sorted(found.keys() - expected.keys())
    wrong = [(key, want, found[key]) for key, want in expected.items()
             if key in found and differs(want, found[key], size.end(key[1]) - key[1])]
    return missing, surplus, wrong


def compare(name: str, size: Size, expected: dict, found: dict) -> int:
    missing, surplus, wrong = differences(size, expected, found)
    print(f"  {name} {size.name}: {len(expected)} expected, {len(found)} found, {len(missing)} missing, {len(surplus)} too many, {len(wrong)} wrong")
    for sample in [*missing[:3], *surplus[:3], *wrong[:3]]:
        print("   ", sample)
    return len(missing) + len(surplus) + len(wrong)
