"""What a scripted time must come to: alerts, rain, climate days, leaks. Computed from what the generator says it sent and what it
says would happen; the rules are written down here once more and share nothing with Lenne.
  alert   bad: at or above the threshold; good: below it by more than the hysteresis. Two bad ones in a row fire, good ones in a row
          that are half an hour apart resolve
  rain    the sum of the last 1, 6, 12, 24, 48 and 72 full hours; levels after Deutscher Wetterdienst
  days    of UTC: summer from 25 °C on, hot from 30 °C on, frost below 0 °C, ice: all of it below 0 °C; a night is tropical when no
          sample from 18 to 06 UTC is below 20 °C. It belongs to the day on which it ends
  leak    24 hours with readings at both ends, in each of which something ran; burst: an hour of more than BURST. Between readings that
          are further apart nobody knows whether something stood still, but what is less than half of BURST is no burst
"""
import calendar
import json
import time
from bisect import bisect_left, bisect_right
from collections import defaultdict

from rules import HOUR, US, Server

MINUTE = 60 * US
DAY = 24 * HOUR
WEEK = 7 * DAY  # an answer about rain has at most a month
# name: (parameter of the place, m), each with 5 cm of hysteresis
INFORMATION = {"information-1": "w1", "information-2": "w2", "information-3": "w3"}
# hours: [(millimetres, whether exactly so much is enough, name)]
RAIN_LEVELS = {1: [(15, True, "marked"), (25, False, "severe"), (40, False, "extreme")],
               6: [(20, True, "marked"), (35, False, "severe"), (60, False, "extreme")],
               12: [(40, False, "severe")], 24: [(50, False, "severe")], 48: [(60, False, "severe")], 72: [(90, False, "severe")]}
FULL = 2 ** 32 * 1_000  # millionths of a cubic metre that a water meter's register holds
BURST = 700_000  # millionths of a cubic metre in an hour
SHOWN = 64  # changes of an alert that are kept to be read


def microseconds(text: str) -> int:
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) * US + int(text[20:26] or 0 if text[19] == "." else 0)


def alert_changes(levels: list[tuple[int, int]], threshold: int, hysteresis: int, clear_after: int) -> list[tuple[str, int]]:
    """(state, time of the sample that changed it), oldest first. Levels in millionths, in the order of their times."""
    changes, state, good_since = [], "ok", None

    def become(new: str, at: int) -> None:
        nonlocal state
        state = new
        changes.append((new, at))

    for at, level in levels:
        bad, good = level >= threshold, level < threshold - hysteresis
        if state in ("ok", "resolved") and bad:
            become("pending", at)
        elif state == "pending":
            become("firing" if bad else "ok", at)
            good_since = None
        elif state == "firing":
            good_since = (good_since if good_since is not None else at) if good else None
            if good_since is not None and at - good_since >= clear_after:
                become("resolved", at)
    return changes


def check_alerts(server: Server, levels: dict, documents: dict) -> tuple[int, dict]:
    """`levels`: of each device (time, level in millionths); `documents`: the devices as they were declared. Returns the faults, and what
    should have been told."""
    faults, told, expected = 0, 0, {}
    for device, samples in sorted(levels.items()):
        for rule, parameter in INFORMATION.items():
            want = alert_changes(samples, round(float(documents[device]["parameters"][parameter]) * US), 50_000, 30 * MINUTE)
            expected[device, rule] = want
            if not want:
                continue
            alert = server.request("GET", f"/v1/alerts/{device}/{rule}")
            found = [(change["state"], microseconds(change["since"])) for change in reversed(alert["changes"])]
            told += len(found)
            if found != want[-SHOWN:]:
                faults += 1
                print("    alert", device, rule, "expected", want[-6:], "found", found[-6:])
    print(f"  alerts of {len(levels)} levels: {sum(map(len, expected.values()))} changes expected, {told} found, {faults} wrong")
    return faults, expected


def level_name(hours: int, micro: int) -> str:
    name = "none"
    for bound, equal, of in RAIN_LEVELS[hours]:
        if micro > bound * US or equal and micro == bound * US:
            name = of
    return name


def check_rain(server: Server, hours: dict, begin: int, end: int) -> int:
    """`hours`: of each device the millionths of a millimetre by the start of their hour, all that have a result."""
    faults, sums, levels = 0, 0, defaultdict(int)
    begin, end = begin // HOUR * HOUR, end // HOUR * HOUR
    for device, amounts in sorted(hours.items()):
        found = {}
        for first in range(begin, end, WEEK):
            span = "&".join(f"{name}={time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(at // US))}" for name, at in (("from", first), ("to", min(first + WEEK, end))))
            for item in server.request("GET", f"/v1/rain?device={device}&{span}")["items"]:
                found.update({microseconds(row["end"]): row["sums"] for row in item["hours"]})
        for start in range(begin, end, HOUR):
            want = []
            for length in RAIN_LEVELS:
                inside = [amounts[at] for at in range(start + HOUR - length * HOUR, start + HOUR, HOUR) if at in amounts]
                if inside:
                    want.append((length, sum(inside), len(inside), level_name(length, sum(inside))))
                    levels[length, level_name(length, sum(inside))] += 1
            got = [(row["hours"], round(row["sum"] * US), row["present_hours"], row["level"]) for row in found[start + HOUR]]
            sums += len(want)
            if got != want:
                faults += 1
                print("    rain", device, start, "expected", want, "found", got)
    heavy = {f"{length} h {name}": count for (length, name), count in sorted(levels.items()) if name != "none"}
    print(f"  rain at {len(hours)} stations: {sums} sliding sums, {faults} wrong; levels {json.dumps(heavy)}")
    return faults


def climate_days(samples: list[tuple[int, int]]) -> dict[int, dict]:
    """By the day's start, UTC: which kinds of days it was, by its samples (time, millionths of a degree)."""
    days, nights = defaultdict(list), defaultdict(list)
    for at, value in samples:
        days[at // DAY * DAY].append(value)
        if (at % DAY) // HOUR >= 18 or (at % DAY) // HOUR < 6:
            nights[(at + 6 * HOUR) // DAY * DAY].append(value)
    return {day: {"summer_day": max(of) >= 25 * US, "hot_day": max(of) >= 30 * US, "frost_day": min(of) < 0, "ice_day": max(of) < 0,
                  "tropical_night": bool(nights[day]) and min(nights[day]) >= 20 * US} for day, of in days.items()}


def check_climate_days(server: Server, temperatures: dict) -> int:
    """Sums of each month. `temperatures`: of some devices all samples, in the order of time."""
    faults, total = 0, defaultdict(int)
    for device, samples in sorted(temperatures.items()):
        want = defaultdict(lambda: defaultdict(int))
        for day, kinds in climate_days(samples).items():
            for kind, is_one in kinds.items():
                want[time.strftime("%Y-%m", time.gmtime(day // US))][kind] += is_one
                total[kind] += is_one
        for year in sorted({month[:4] for month in want}):
            year_of = server.request("GET", f"/v1/climate-days?device={device}&year={year}&res=24h")["items"][0]
            for month in year_of["months"]:
                if month["month"] not in want:
                    continue
                found = {of["name"]: round(of["value"]) for of in month["indicators"] if of["name"] in want[month["month"]]}
                if found != dict(want[month["month"]]):
                    faults += 1
                    print("    climate days", device, month["month"], "expected", dict(want[month["month"]]), "found", found)
    print(f"  climate days of {len(temperatures)} devices: {json.dumps(total)}, {faults} months wrong")
    return faults


def findings_until(times: list[int], values: list[int], until: int) -> tuple[str, str]:
    """Leak and burst of the 24 hours before. Readings in millionths of a cubic metre, in the order of their times."""
    known = set(times)

    def has_edges(start: int) -> bool:
        return start in known and start + HOUR in known

    leak, burst = "yes", "no"
    for start in range(until - DAY, until, HOUR):
        low, high = start, start + HOUR
        if not has_edges(start):  # together with its neighbours of that kind
            while times[0] < low and not has_edges(low - HOUR):
                low -= HOUR
            while high < times[-1] and not has_edges(high):
                high += HOUR
        runs = values[bisect_right(times, low) - 1:bisect_left(times, high) + 1] if times[0] <= low and high <= times[-1] else []
        if not runs or any(b < a for a, b in zip(runs, runs[1:])) or high - low > DAY:
            leak, burst = "unknown" if leak == "yes" else leak, "unknown" if burst == "no" else burst
        elif not has_edges(start):
            leak, burst = "unknown" if leak == "yes" else leak, "unknown" if burst == "no" and runs[-1] - runs[0] > BURST // 2 else burst
        else:
            leak, burst = "no" if runs[-1] == runs[0] else leak, "yes" if runs[-1] - runs[0] > BURST else burst
    return leak, burst


def check_findings(server: Server, water: dict, leaking: set[str], until: int) -> int:
    """`water`: of some devices all readings; `leaking`: those that should leak all the time. `until`: results after it are not final."""
    faults, leaks, bursts = 0, {True: defaultdict(int), False: defaultdict(int)}, set()
    for device, values in sorted(water.items()):
        readings = dict(reversed(values))  # of two of one moment the first stays
        times = sorted(readings)
        in_order, ended = [], 0  # as if the register had no end
        for before, at in zip([times[0], *times], times):
            ended += FULL if readings[before] > FULL - FULL // 10 and readings[at] < FULL // 10 else 0
            in_order.append(readings[at] + ended)
        for month in sorted({time.gmtime(at // US)[:2] for at in times}):
            report = server.request("GET", f"/v1/meter/report?device={device}&year={month[0]}&month={month[1]}&burst_limit={BURST / US}")
            days = next((register["days"] for register in report["registers"] if register["measure"] == "water_volume"), [])
            for day in days:
                end = microseconds(day["end"])
                if end > until:
                    continue
                leaks[device in leaking][day["leak"]] += 1
                if day["burst"] == "yes":
                    bursts.add((device, day["date"]))
                expected = findings_until(times, in_order, end)
                if (day["leak"], day["burst"]) != expected:
                    faults += 1
                    print("    leak and burst", device, day["date"], "expected", expected, "found", day["leak"], day["burst"])
    print(f"  days of {len(water)} meters: leaking {json.dumps(leaks[True])}, others {json.dumps(leaks[False])}; bursts {sorted(bursts)[:4]}; {faults} wrong")
    assert leaks[True]["no"] == 0, "a leaking meter stood still"
    return faults


def whole_days(event: dict, before: int, after: int) -> range:
    """The days whose time from `before` their midnight to `after` it is in the event's full time."""
    return range((event["full_from_us"] + before + DAY - 1) // DAY * DAY, event["full_until_us"] - after + 1, DAY)


def check_story(story: list[dict], began: int, ended: int, kept, changes: dict) -> tuple[int, set[str]]:
    """Whether what is scripted happened at all, to those it should happen to, as much as it should. Also: what was looked at. `kept`: what
    all devices told, by what it is of."""
    faults, happened = 0, set()

    def check(event: dict, right: bool, what: str) -> None:
        nonlocal faults
        faults += not right
        happened.add(event["name"])
        print(f"  {event['name']}: {what}{'' if right else ', WRONG'}")

    for event in story:
        if event["from_us"] < began + HOUR or event["full_until_us"] > ended:
            continue  # it is not in this time
        if event["effect"] == "rain":
            fell = round(float(event["amount"]) * (event["until_us"] - event["from_us"]) / HOUR * US)
            sums = [sum(kept.rain.get(device, {}).get(at, 0) for at in range(event["from_us"] // HOUR * HOUR, event["until_us"] + HOUR, HOUR)) for device in event["devices"]]
            # What fell while an uplink was lost is not told.
            check(event, bool(sums) and max(sums) <= fell and all(total > 0.8 * fell for total in sums), f"{fell / US} mm fell, told {[total / US for total in sums[:6]]}")
        if event["name"] == "flood":
            raised = 0
            for device in event["devices"]:
                fired = {rule: [at for state, at in changes.get((device, rule), []) if state == "firing" and event["from_us"] <= at < event["full_until_us"]] for rule in INFORMATION}
                raised += all(fired.values()) and fired["information-1"][0] <= fired["information-2"][0] <= fired["information-3"][0]
            check(event, raised == len(event["devices"]) > 0, f"information 1, 2, 3 one after the other at {raised} of {len(event['devices'])} levels")
        if event["name"] == "new-year-smoke":
            most = [kept.pm10.get(device, 0) for device in event["devices"]]
            check(event, bool(most) and min(most) > 90 * US, f"PM10 above 90 at all {len(most)} sensors")
        if event["effect"] == "gateway_cut_off":
            late = sum(event["from_us"] <= start < event["until_us"] for start in kept.corrected)
            check(event, late > 0, f"{late} hours of temperature told later, of {len(kept.corrected)} corrections in all")
        kind, before, after = {"heat-nights": ("tropical_night", 6 * HOUR, 6 * HOUR), "frost-spell": ("ice_day", 0, DAY)}.get(event["name"], (None, 0, 0))
        if kind:
            days = whole_days(event, before, after)
            found = [sum(climate_days(samples)[day][kind] for day in days) for device, samples in kept.temperatures.items() if device in event["devices"]]
            check(event, bool(found) and set(found) == {len(days)}, f"{len(days)} days with {kind} at {len(found)} sensors")
    return faults, happened
