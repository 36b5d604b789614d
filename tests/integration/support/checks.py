"""What must hold after a load, whatever was killed meanwhile. Recomputed here from what was sent and what was published."""
import collections
import time
from urllib.parse import quote

from lenne import Server, wait_until
from load import DEVICES, Load, crypt


def microseconds(text: str) -> int:
    whole = int(time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))) - time.timezone
    return whole * 1_000_000 + int((text[20:].rstrip("Z") or "0").ljust(6, "0")[:6])


def without_position(line: dict) -> dict:
    """An event as the API tells it, but for where its reader stands."""
    return {key: value for key, value in line.items() if key != "position"}


def final_aggregates(server: Server, measure: str, window_s: int, start: str) -> dict[tuple[str, str], dict]:
    """By device and start: the final windows that the API tells, as events would be."""
    rows, cursor = [], ""
    while cursor is not None:
        after = f"&cursor={quote(cursor)}" if cursor else ""
        page = server.request("GET", f"/v1/agg?measure={measure}&res={window_s}s&from={start}&to=2099-01-01T00:00:00Z&limit=10000{after}")
        rows += page["items"]
        cursor = page["next"]
    return {(row["dev_eui"], row["start"]): {"type": "aggregate", **row} for row in rows if row["final"]}


def check_uplinks(load: Load, uplinks: list[dict], ends: list[tuple[float, float]]) -> int:
    """How many uplinks break a rule. `ends`: from when to when nothing could be acknowledged, because the server was killed or ended, or its
    log was away: what was sent then may be published all the same."""
    published = collections.Counter((event["dev_eui"], event["f_cnt"]) for event in uplinks)
    twice = [key for key, count in published.items() if count > 1]
    missing = load.acknowledged - published.keys()
    unknown = published.keys() - load.sent.keys()
    unacknowledged = published.keys() - load.acknowledged
    stray = [key for key in unacknowledged - unknown if not any(begin - 2.5 < load.sent[key] < end + 0.2 for begin, end in ends)]
    print(f"uplinks: sent {len(load.sent)}, acknowledged {len(load.acknowledged)}, published {len(published)}, of these unacknowledged {len(unacknowledged)}")
    print(f"  acknowledged but missing {len(missing)}, published twice {len(twice)}, never sent {len(unknown)}, unacknowledged away from an end {len(stray)}")
    if stray:
        print("  sent, seconds after the nearest time without acknowledgements: " +
              ", ".join(sorted({f"{min((load.sent[key] - end for _, end in ends if load.sent[key] > end), default=-1):.1f}" for key in stray}))[:300])
    return len(missing) + len(twice) + len(unknown) + len(stray)


def carriers_of(load: Load) -> dict[str, set[tuple[int, int]]]:
    """Payloads for port 9 that gateways were given, in hex, and the frames that carried each: (address, FCntDown)."""
    carriers = collections.defaultdict(set)
    for (addr, f_cnt), frames in load.frames.items():
        for phy in frames:
            options = phy[5] & 0x0F
            body = phy[8 + options:-4]
            if body and body[0] == 9:
                carriers[crypt(addr, f_cnt, body[1:], 1).hex()].add((addr, f_cnt))
    return carriers


def is_end(event: dict) -> bool:
    """Whether nothing more comes of a downlink."""
    return event["type"] == "txack" and event["error"] in ("none", "no_answer") or event["type"] == "log" and event["code"] in ("downlink_failed", "downlink_dropped")


def check_downlinks(load: Load, events: list[dict], enough: int) -> int:
    """How many rules are broken. `enough`: payloads on air, at least, for the test to mean anything."""
    reused = [key for key, frames in load.frames.items() if len(frames) > 1]
    acks = sum(1 for frames in load.frames.values() for phy in frames if phy[5] & 0x20)
    outcomes = collections.Counter()
    for event in events:
        if is_end(event) and event.get("request_id"):
            outcomes[event["request_id"]] += 1
    carriers = carriers_of(load)
    pending = [request for request in load.asked if outcomes[request] == 0]
    doubled = [payload for payload, keys in carriers.items() if len(keys) > 1]
    print(f"downlinks: {len(load.frames)} counters on air ({acks} acknowledgements), {len(load.asked)} requests accepted, {len(carriers)} payloads on air")
    print(f"  FCntDown reused {len(reused)}, payloads under two counters {len(doubled)}, requests without an outcome {len(pending)}")
    assert acks > 2 * enough and len(carriers) > enough, "too few downlinks to mean anything"
    return len(reused) + len(doubled) + len(pending)


def check_aggregates(server: Server, uplinks: list[dict], window_s: int) -> int:
    """How many windows of temperature differ from what is recomputed from the events."""
    windows = collections.defaultdict(list)
    for event in uplinks:
        start = microseconds(event["time"]) // (window_s * 1_000_000) * window_s
        windows[event["dev_eui"], start].append(round(event["decoded"]["temperature"] * 1e6))
    begin, end = min(start for _, start in windows), max(start for _, start in windows) + window_s

    def stamp(seconds: int) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))

    def finals() -> dict:
        rows = server.lines("query", "--measure", "temperature", "--resolution", f"{window_s}s", "--from", stamp(begin), "--to", stamp(end), "--format", "json")
        return {(row["dev_eui"], microseconds(row["start"]) // 1_000_000): row for row in rows if row["final"]}

    found = wait_until("all windows to be final", lambda: (rows := finals()) and len(rows) >= len(windows) and rows, 90)
    wrong = [key for key, values in windows.items()
             if key not in found or (found[key]["count"], round(found[key]["sum"] * 1e6), round(found[key]["min"] * 1e6), round(found[key]["max"] * 1e6)) !=
             (len(values), sum(values), min(values), max(values))]
    print(f"aggregates: {len(windows)} windows recomputed, {len(found)} found, {len(wrong)} wrong")
    return len(wrong) + abs(len(found) - len(windows))


def check_all(server: Server, load: Load, ends: list[tuple[float, float]], enough: int, window_s: int) -> int:
    """Lets everything come to its end, and counts the broken rules of all three."""
    # Every device once more, slowly: what waits in its queue leaves, what is on its way ends.
    for _ in range(2):
        load.listen(11)
        load.run(DEVICES, 60)
    load.listen(14)
    uplinks = load.published()
    others = server.lines("events", "--json", "--type", "txack,log", "--from", "beginning")
    return check_uplinks(load, uplinks, ends) + check_downlinks(load, others, enough) + check_aggregates(server, uplinks, window_s)
