#!/usr/bin/env python3
"""A time of the simulated region, lived through in its own time, against what rules.py and story.py compute from what the generator says
it sent: all finals of 15 minutes, an hour, a local day and a day of UTC, of temperatures, levels, particles, rain, visitors, parking bays,
water meters, lost uplinks and gateways' airtime; the temperatures of sites, towns and the region; and what the scripted events come to:
alerts of levels, levels of heavy rain, climate days, leaks. Of the datagrams 5 % come twice, out of order; the rules know nothing of that.

  past_test.py [SPAN]     one of SPANS, autumn when absent
LENNE_PAST_TOWNS names the towns (or all), LENNE_PAST_FOLDER where the files go, LENNE_PAST_FROM and LENNE_PAST_HOURS another time.
LENNE_PAST_KEPT names a folder in which what was lived through stays: the next time it is only compared.
Lines of devices lie in files until it is their turn, so memory does not grow with the time: a few devices at a time are computed.
"""
import calendar
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from rules import (HOUR, LENNE, US, Rollups, Server, Size, airtime, by_key, checked, compare, compare_rollups, counters, devices_of,
                   differences, finals, gauges, lines_of, states, steps)
from spill import Spill
from story import check_alerts, check_climate_days, check_findings, check_rain, check_story

# From when, how many hours, how many without devices at the end (meters' results wait for 48), and what must have happened in it.
SPANS = {"autumn": ("2026-10-24T21:30:00Z", 26, 50, set()), "spring": ("2026-03-23T22:30:00Z", 168, 50, set()),
         "spring-day": ("2026-03-28T22:30:00Z", 26, 50, set()), "flood": ("2026-02-07T22:00:00Z", 168, 50, {"flood", "flood-rain", "backhaul-cut"}),
         "flood-day": ("2026-02-10T02:00:00Z", 22, 3, {"flood"}), "heat": ("2026-06-26T20:00:00Z", 240, 50, {"heat-nights"}),
         "cloudburst": ("2026-07-15T10:00:00Z", 12, 3, {"cloudburst"}), "january": ("2025-12-31T20:00:00Z", 748, 50, {"new-year-smoke", "frost-spell"}),
         "new-year": ("2025-12-31T20:00:00Z", 12, 3, {"new-year-smoke"}), "kirmes": ("2026-11-03T23:00:00Z", 144, 50, set())}
SPAN = sys.argv[1] if len(sys.argv) > 1 else "autumn"
FROM = os.environ.get("LENNE_PAST_FROM", SPANS[SPAN][0])
HOURS = int(os.environ.get("LENNE_PAST_HOURS", SPANS[SPAN][1]))
QUIET_HOURS = SPANS[SPAN][2]
KEPT = Path(os.environ["LENNE_PAST_KEPT"]) if "LENNE_PAST_KEPT" in os.environ else None
ALL = "arnsberg,bad-berleburg,iserlohn,menden,olpe,soest"
TOWNS = os.environ.get("LENNE_PAST_TOWNS", "olpe").replace("all", ALL)
REGION = ["--towns", TOWNS, "--gps-share", "1", "--repeat-share", "0.05"]
SETTINGS = ["network.partitions=4", "windows.memory_mib=4096"]  # meters' windows end two days later
DAY = 24 * HOUR
QUARTER, FULL, LOCAL, UTC = Size("15m", 15 * 60 * US), Size("1h", HOUR), Size("1d", None), Size("day_utc", DAY)
SIZES = [QUARTER, FULL, LOCAL, UTC]
RAIN_DAY, CET = Size("rain_day", DAY, 6 * HOUR), Size("day_cet", DAY, -HOUR)
# What is computed how, in which windows.
GAUGES = {"temperature": SIZES, "water_level": SIZES, "pm10": [*SIZES, CET], "precipitation": [*SIZES, RAIN_DAY], "uplinks_lost": SIZES[1:]}
# And how much they hold, and the resolution of results, in millionths.
REGISTERS = {"water_volume": (2 ** 32 * 1_000, 1), "pulses.a": (2 ** 32 * US, US)}
MEASURES = {**GAUGES, "parking_occupied": SIZES, **{measure: SIZES for measure in REGISTERS}}
GATEWAYS = ["gateway_uplink_airtime", "gateway_uplinks", "gateway_downlink_airtime", "gateway_downlinks"]
SENSOR_HEIGHT = 4 * US
BEGAN = calendar.timegm(time.strptime(FROM, "%Y-%m-%dT%H:%M:%SZ")) * US
ENDED = BEGAN + HOURS * HOUR
# Results wait for five minutes, meters' for 48 hours, and are spread over a minute; the watermark is half a minute behind.
CLOSED = ENDED + QUIET_HOURS * HOUR - 10 * 60 * US
METERED = CLOSED - 48 * HOUR
BYTES_A_PART = 48 << 20  # of the generator's file


@dataclass
class Declared:
    """By DevEUI."""

    interval: dict[str, int]  # microseconds
    place: dict[str, tuple[str, str]]  # tenant, site
    documents: dict[str, dict]


class Gateways:
    """Sums of what each gateway heard and sent. A frame that reached the server twice counts once. A device's last four transmissions are
    known: what comes after four newer ones, from a gateway that had been cut off and was not the only one that heard it, counts nothing."""

    KNOWN = 4

    def __init__(self):
        self.hours = {measure: defaultdict(int) for measure in GATEWAYS}
        self.known = defaultdict(dict)  # by device: transmission, oldest first, and which gateways heard it
        self.forgotten = 0

    def add(self, kind: str, gateway: str, at: int, time_us: int) -> None:
        hour = at // HOUR * HOUR
        self.hours[f"gateway_{kind}s"][gateway, hour] += US
        self.hours[f"gateway_{kind}_airtime"][gateway, hour] += time_us

    def heard(self, gateway: str, device: str, transmission: int, size: int, sf: int, at: int) -> None:
        known = self.known[device]
        if transmission not in known:
            if known and transmission < max(known):
                self.forgotten += 1
                return
            known[transmission] = set()
            if len(known) > self.KNOWN:
                del known[next(iter(known))]
        if gateway in known[transmission]:
            return
        known[transmission].add(gateway)
        self.add("uplink", gateway, at, airtime(size, sf))

    def sent(self, event: dict) -> None:
        self.add("downlink", event["gateway"], event["time_us"], airtime(event["size"], event["sf"], crc=False))

    def join(self, other: "Gateways") -> None:
        """Of other devices."""
        self.forgotten += other.forgotten
        for measure, hours in other.hours.items():
            for key, amount in hours.items():
                self.hours[measure][key] += amount

    def sums(self, measure: str, size: Size) -> dict:
        sums = defaultdict(lambda: {"sum": 0})
        for (gateway, hour), amount in self.hours[measure].items():
            sums[gateway, size.start(hour)]["sum"] += amount
        return sums


def read_share(truth: Path, spill: Spill, share: tuple[int, int]) -> tuple[Gateways, list[dict]]:
    """Of each so many parts one: its devices' uplinks and acknowledgements go to its file, `u f_cnt time samples` and `a f_cnt`. What is
    no device's belongs to the first share."""
    gateways, story = Gateways(), []
    number, of = share
    key = '"dev_eui":"'
    with open(truth, buffering=1 << 20) as lines:
        for line in lines:
            if line.startswith(('{"type":"sent"', '{"type":"event"')):
                if number == 0 and line.startswith('{"type":"sent"'):
                    gateways.sent(json.loads(line))
                elif number == 0:
                    story.append(json.loads(line, parse_float=Decimal))
                continue
            at = line.index(key) + len(key)
            if spill.part_of(line[at:at + 16]) % of != number:
                continue
            if line.startswith('{"type":"heard"'):
                _, _, _, _, _, _, _, gateway, _, _, _, device, _, _, transmission, _, size, _, sf, _, at = line.split('"')
                gateways.heard(gateway, device, int(transmission[1:-1]), int(size[1:-1]), int(sf[1:-1]), int(at[1:-2]))
                continue
            event = json.loads(line, parse_float=Decimal)
            if event["type"] == "ack":
                spill.add(event["dev_eui"], f"{event['dev_eui']} a {event['f_cnt']}")
            else:
                samples = [f"{s['measure']} {s.get('time_us', event['time_us'])} {steps(s['value'])}" for s in event["samples"]]
                spill.add(event["dev_eui"], " ".join([event["dev_eui"], "u", str(event["f_cnt"]), str(event["time_us"]), *samples]))
    spill.close()
    gateways.known.clear()
    return gateways, story


def read_truth(truth: Path, spill: Spill) -> tuple[Gateways, list[dict]]:
    """As many at once as there are cores, each of which looks at all lines and reads those of its devices."""
    gateways, story = Gateways(), []
    of = os.cpu_count() or 1
    with multiprocessing.get_context("fork").Pool(of) as pool:
        for some, events in pool.imap(partial(read_share, truth, spill), [(number, of) for number in range(of)]):
            gateways.join(some)
            story += events
    return gateways, story


def samples_of(spill: Spill, part: int) -> tuple[dict, int]:
    """By measure and device (time, value in millionths), and how many uplinks. Each uplink was acknowledged, and nothing else."""
    samples = defaultdict(lambda: defaultdict(list))
    uplinks, acknowledged, before = set(), set(), {}
    for line in spill.lines(part):
        device, kind, f_cnt, *rest = line.split(" ")
        f_cnt = int(f_cnt)
        (acknowledged if kind == "a" else uplinks).add((device, f_cnt))
        if kind == "a":
            continue
        samples["uplinks_lost"][device].append((int(rest[0]), (f_cnt - before.get(device, f_cnt - 1) - 1) * US))
        before[device] = f_cnt
        for measure, at, value in zip(rest[1::3], rest[2::3], rest[3::3]):
            if int(rest[0]) - 45 * DAY <= int(at) <= int(rest[0]) + 60 * US:  # else the device's clock is wrong
                samples[measure][device].append((int(at), int(value)))
    assert uplinks == acknowledged, f"{len(uplinks ^ acknowledged)} uplinks heard or acknowledged only"
    return samples, len(uplinks)


def no_counts() -> list[int]:
    return [0, 0, 0, 0, 0]


class Comparison:
    def __init__(self):
        self.counts = defaultdict(no_counts)
        self.samples = defaultdict(list)

    def add(self, measure: str, size: Size, expected: dict, found: dict) -> None:
        faults = differences(size, expected, found)
        counts = self.counts[measure, size.name]
        for i, number in enumerate((len(expected), len(found), *map(len, faults))):
            counts[i] += number
        self.show(measure, size.name, [fault for kind in faults for fault in kind[:3]])

    def show(self, measure: str, size: str, samples: list) -> None:
        self.samples[measure, size] += samples[:max(0, 6 - len(self.samples[measure, size]))]

    def join(self, other: "Comparison") -> None:
        for (measure, size), counts in other.counts.items():
            self.counts[measure, size] = [a + b for a, b in zip(self.counts[measure, size], counts)]
            self.show(measure, size, other.samples[measure, size])

    def faults(self) -> int:
        for (measure, size), (expected, found, missing, surplus, wrong) in self.counts.items():
            print(f"  {measure} {size}: {expected} expected, {found} found, {missing} missing, {surplus} too many, {wrong} wrong")
            for sample in self.samples[measure, size]:
                print("   ", sample)
        return sum(sum(counts[2:]) for counts in self.counts.values())


class Part:
    """Some of the devices: what their windows must hold against what they hold, and what is kept for checks of the whole."""

    def __init__(self, samples: dict, uplinks: int, rows: dict, declared: Declared, story: list[dict]):
        interval, documents = declared.interval, declared.documents
        self.uplinks = uplinks
        self.comparison = Comparison()
        self.rollups = {size.name: Rollups(declared.place, size) for size in (FULL, LOCAL)}
        self.rain, self.corrected = {}, []
        samples["water_level"] = {device: [(at, SENSOR_HEIGHT - value) for at, value in of] for device, of in samples["distance"].items()
                                  if "sensor_height" in documents[device].get("parameters", {})}
        for measure, sizes in MEASURES.items():
            for size in sizes:
                self.compare(measure, size, samples[measure], rows.pop((measure, size.name), []), interval)
        self.levels = samples["water_level"]
        self.pm10 = {device: max(value for _, value in of) for device, of in samples["pm10"].items()}
        outdoors = {device for event in story if event["effect"] == "warmth" for device in event["devices"] if interval[device] <= 600 * US}
        self.temperatures = {device: samples["temperature"][device] for device in sorted(outdoors & samples["temperature"].keys())[:3]}
        eventful = {device for event in story if event["effect"] == "leak" for device in event["devices"]}
        some = list(samples["water_volume"])[:3]
        self.water = {device: of for device, of in samples["water_volume"].items() if device in eventful or device in some}

    def compare(self, measure: str, size: Size, samples: dict, rows: list[str], interval: dict) -> None:
        until = METERED if measure in REGISTERS else CLOSED
        got = by_key(checked(rows, size, until))
        if measure in GAUGES:
            want = gauges(samples, interval, size)
        elif measure in REGISTERS:
            want = counters(samples, size, METERED, *REGISTERS[measure])
        else:
            want = states(samples, interval, size)
        want = {key: window for key, window in want.items() if size.end(key[1]) <= until}
        if size is FULL and measure == "temperature":
            self.corrected = [start for (_, start), row in got.items() if row["revision"] > 0]
        self.comparison.add(measure, size, want, got)
        if measure == "temperature" and size.name in self.rollups:
            self.rollups[size.name].add(want)
        if measure == "precipitation" and size is FULL:
            for (device, start), window in want.items():
                self.rain.setdefault(device, {})[start] = window["sum"]


def part_of(sent: Spill, found: Spill, declared: Declared, story: list[dict], part: int) -> Part:
    samples, uplinks = samples_of(sent, part)
    rows = defaultdict(list)
    for line in found.lines(part):
        measure, size, row = line.split(" ", 2)
        rows[measure, size].append(row)
    return Part(samples, uplinks, rows, declared, story)


class Whole:
    """All parts together."""

    def __init__(self, declared: Declared):
        self.uplinks = 0
        self.comparison = Comparison()
        self.rollups = {size.name: Rollups(declared.place, size) for size in (FULL, LOCAL)}
        self.levels, self.rain, self.temperatures, self.water, self.pm10, self.corrected = {}, {}, {}, {}, {}, []

    def join(self, part: Part) -> None:
        self.uplinks += part.uplinks
        self.comparison.join(part.comparison)
        for size, rollups in part.rollups.items():
            self.rollups[size].join(rollups)
        for name in ("levels", "rain", "temperatures", "water", "pm10"):
            getattr(self, name).update(getattr(part, name))
        self.corrected += part.corrected


def prepare(data: str, truth: Path) -> None:
    """Lives through the time, unless that was done before."""
    if KEPT is None:
        live_through(data, truth)
        return
    kept = KEPT / "data"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        live_through(str(kept), truth)
    os.symlink(kept.resolve(), data)


def live_through(data: str, truth: Path) -> None:
    began = time.monotonic()
    done = subprocess.run([LENNE, "simulate", "--data", data, "--from", FROM, "--duration", f"{HOURS}h", "--quiet", f"{QUIET_HOURS}h",
                           "--truth", str(truth), *REGION,
                           *(f"--set={setting}" for setting in SETTINGS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    print(f"simulated in {time.monotonic() - began:.0f} s:", done.stdout.strip(), flush=True)


def main() -> int:
    with tempfile.TemporaryDirectory(dir=os.environ.get("LENNE_PAST_FOLDER")) as name:
        folder = Path(name)
        truth = (KEPT or folder) / "truth.jsonl"
        with Server(*SETTINGS, prepare=lambda data: prepare(data, truth), folder=name) as server:
            declared = Declared(*devices_of(REGION))
            parts = max(1, min(200, truth.stat().st_size // BYTES_A_PART))
            sent, found = Spill(folder, "sent", parts), Spill(folder, "found", parts)
            gateways, story = read_truth(truth, sent)
            if KEPT is None:
                truth.unlink()
            first = BEGAN - 6 * DAY  # meters tell of hours before, those with slow clocks of days before
            for measure, sizes in MEASURES.items():
                for size in sizes:
                    for line in lines_of(server, measure, size, first, CLOSED):
                        device = line[line.index('"dev_eui":"') + 11:][:16]
                        found.add(device, f"{measure} {size.name} {line.rstrip()}")

            found.close()
            whole = Whole(declared)
            with multiprocessing.get_context("fork").Pool() as pool:
                for part in pool.imap_unordered(partial(part_of, sent, found, declared, story), range(parts)):
                    whole.join(part)

            faults = whole.comparison.faults()
            for level in ("site", "tenant", "region"):
                for size in (FULL, LOCAL):
                    faults += compare_rollups(server, size, level, whole.rollups[size.name].results(level), first, CLOSED)
            for measure in GATEWAYS:
                for size in SIZES[1:]:
                    want = {key: of for key, of in gateways.sums(measure, size).items() if size.end(key[1]) <= CLOSED}
                    faults += compare(measure, size, want, finals(server, measure, size, first, CLOSED))
            wrong, changes = check_alerts(server, whole.levels, declared.documents)
            faults += wrong + check_rain(server, whole.rain, BEGAN, ENDED)
            if QUIET_HOURS >= 24:
                faults += check_climate_days(server, whole.temperatures)
            if METERED > BEGAN + 2 * DAY:
                leaking = {device for event in story if event["effect"] == "leak" and event["from_us"] <= BEGAN and event["until_us"] >= ENDED for device in event["devices"]}
                faults += check_findings(server, whole.water, leaking, METERED)
            wrong, happened = check_story(story, BEGAN, ENDED, whole, changes)
            faults += wrong
            assert happened >= SPANS[SPAN][3] or "LENNE_PAST_FROM" in os.environ, happened
            assert all(any(gateways.hours[measure].values()) for measure in GATEWAYS), "no gateway heard or sent anything"
            print(f"uplinks: {whole.uplinks}; {gateways.forgotten} copies of transmissions long forgotten; {parts} parts")
            days = [start for start, end in LOCAL.over(BEGAN, ENDED) if end - start != DAY]
            assert days or SPAN not in ("autumn", "spring") or "LENNE_PAST_FROM" in os.environ, "summer time neither begins nor ends"
            assert server.stop() == 0
            return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
