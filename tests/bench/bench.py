#!/usr/bin/env python3
"""How much a server does on this machine, generator included: a table, and a line of JSON for each row.

usage: bench.py [--seconds N] [--devices N] [--rates R ...] [--record]    ends with 1 if a datagram is unaccounted for
LENNE_BIN and LENNE_BENCH_UPLINKS name the programs (default: build/release), LENNE_LOADGEN an independent generator (default:
none) with -devices -gateways -print-devices csv -print-gateways, and -target -sink none -k -rate -duration -state -pull -stat
  from        own: bench_uplinks; other: LENNE_LOADGEN at 5,000/s, a server of its own; its devices have no profile, so less is done
  rate        uplinks/s that the generator sent, three copies each, on how many frames lost (sent, never published)
  unaccounted datagrams that were sent, but not acknowledged, nor counted as dropped by the server, nor refused by the machine
  cpu         processor seconds of server and generator together for 1,000 uplinks, and of the server alone
  p50, p99    ms from the first copy's receipt to its durable event, at most (bounds of the server's own buckets)
  disk        bytes of the data directory for each uplink, all topics
  start       until `ready`, with the devices declared: after a clean end, and after kill -9
  replay      datagrams/s of `lenne replay`, and its processor seconds for 1,000, on up to 3 s of 5,000 uplinks/s that a server
              recorded, the declaring of the devices included; its events must be as many as the server's
"""
import argparse
import csv
import datetime
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "support"))
from lenne import LENNE, Server  # noqa: E402

SENDER = os.environ.get("LENNE_BENCH_UPLINKS", str(ROOT / "build" / "release" / "bench_uplinks"))
OTHER_SENDER = os.environ.get("LENNE_LOADGEN")
GATEWAYS, COPIES = 30, 3
COMMON_RATE = 5_000
UPLINKS = "lenne_network_uplinks_total"
# What the server counts for a datagram that it does not acknowledge.
DROPPED = re.compile(r"lenne_ingest_(buffer_dropped|socket_dropped|withheld|acknowledgements_unsent|refused_(address_rate|gateway_rate|unknown_gateway))_total")
TICKS = os.sysconf("SC_CLK_TCK")


def output(*command) -> str:
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True).stdout


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid: int) -> float:
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def settle(server: Server) -> dict[str, float]:
    """The counters once nothing moves any more."""
    before, after = {}, server.counters()
    while before.get(UPLINKS) != after.get(UPLINKS) or not before:
        time.sleep(1)
        before, after = after, server.counters()
    return after


def latency_ms(before: dict[str, float], after: dict[str, float], share: float) -> float | None:
    """The bound of the bucket that `share` of the looked at events did not exceed, from first copy to durable event."""
    buckets = sorted((int(found.group(1)), after[name] - before.get(name, 0)) for name in after
                     if (found := re.fullmatch(r"lenne_network_event_latency_le_(\d+)ms_total", name)))
    count = after.get("lenne_network_event_latency_count_total", 0) - before.get("lenne_network_event_latency_count_total", 0)
    return next((bound for bound, events in buckets if events >= share * count), None) if count else None


class Own:
    """bench_uplinks: it builds its frames ahead."""
    name, gateway = "own", "0400000000000000"

    def __init__(self, devices: int):
        self.devices, self.f_cnt = devices, 1

    def documents(self) -> str:
        return output(SENDER, "--documents", self.devices, GATEWAYS)

    def send(self, server: Server, rate: int, seconds: int) -> dict:
        sent = json.loads(output(SENDER, *server.udp_address, self.devices, GATEWAYS, COPIES, rate, seconds, self.f_cnt))
        self.f_cnt += rate * seconds // self.devices + 1
        return sent


class Other:
    """LENNE_LOADGEN: none of its code is ours."""
    name = "other"

    def __init__(self, devices: int):
        self.fleet = ["-devices", devices, "-gateways", GATEWAYS]
        self.gateways = output(OTHER_SENDER, *self.fleet, "-print-gateways").split()
        self.gateway = self.gateways[0]

    def documents(self) -> str:
        common = {"kind": "Device", "tenant": "bench", "region": "EU868", "mac_version": "1.0.3", "reg_params": "A", "activation": "ABP", "join_eui": "0" * 16}
        devices = csv.DictReader(output(OTHER_SENDER, *self.fleet, "-print-devices", "csv").splitlines())
        return json.dumps([{"kind": "Tenant", "name": "bench"}, *({"kind": "Gateway", "gateway_id": gateway, "tenant": "bench"} for gateway in self.gateways),
                           *({**common, **device, "name": f"d{i}"} for i, device in enumerate(devices))])

    def send(self, server: Server, rate: int, seconds: int) -> dict:
        # Its PULL_DATA and statistics would be acknowledged too; they come before it counts.
        sent = json.loads(output(OTHER_SENDER, "-sink", "none", "-target", server.udp, *self.fleet, "-k", COPIES, "-rate", rate, "-duration", f"{seconds}s",
                                 "-state", f"{server.folder.name}/f_cnt", "-pull", "24h", "-stat", "24h"))
        return {"uplinks": sent["sent"], "datagrams": sent["push_data_sent"], "acknowledged": sent["push_acked"],
                "refused_by_machine": sent["send_errors"], "seconds": sent["send_seconds"], "cpu_s": sent["loadgen_cpu_s"]}


def declare(server: Server, generator: Own | Other) -> Path:
    documents = Path(server.folder.name) / "documents.json"
    documents.write_text(generator.documents())
    server.cli("apply", str(documents))
    settle(server)
    return documents


def last_counters(server: Server, gateway: str) -> dict[str, float]:
    """With all that the socket dropped: it tells with the next datagram, here a PULL_DATA."""
    settle(server)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(bytes.fromhex("02000102" + gateway), server.udp_address)
        sender.settimeout(5)
        sender.recv(64)
    return server.counters()


def measure(server: Server, generator: Own | Other, rate: int, seconds: int) -> dict:
    pid, data = server.process.pid, Path(server.folder.name) / "data"
    before, spent, disk = settle(server), processor_seconds(pid), folder_bytes(data)
    sent = generator.send(server, rate, seconds)
    after = last_counters(server, generator.gateway)
    changes = {name: int(after[name] - before.get(name, 0)) for name in after if after[name] != before.get(name, 0)}
    published, dropped = changes.get(UPLINKS, 0), sum(count for name, count in changes.items() if DROPPED.fullmatch(name))
    cpu = processor_seconds(pid) - spent
    return {"generator": generator.name, "rate": rate, "uplinks_per_s": round(sent["uplinks"] / sent["seconds"]), "uplinks": sent["uplinks"], "published": published,
            "lost_share": 1 - published / sent["uplinks"], "datagrams": sent["datagrams"], "acknowledged": sent["acknowledged"],
            "refused_by_machine": sent["refused_by_machine"], "unaccounted": sent["datagrams"] - sent["acknowledged"] - dropped - sent["refused_by_machine"],
            "taken": changes.get("lenne_ingest_frames_total", 0),
            "cpu_s_per_1000": round(1000 * (cpu + sent["cpu_s"]) / sent["uplinks"], 4), "server_cpu_s_per_1000": round(1000 * cpu / sent["uplinks"], 4),
            "latency_ms_p50": latency_ms(before, after, 0.5), "latency_ms_p99": latency_ms(before, after, 0.99),
            "bytes_per_uplink": round((folder_bytes(data) - disk) / sent["uplinks"]), "rss_mib": round(resident_mib(pid), 1),
            "dropped": {name: count for name, count in changes.items() if re.search(r"drop|full|refused|overload", name)}}


def start_ms(server: Server) -> float:
    began = time.monotonic()
    server.start()
    return round((time.monotonic() - began) * 1000, 1)


def measure_own(devices: int, rates: list[int], seconds: int) -> tuple[dict, list[dict]]:
    generator = Own(devices)
    with Server() as server:
        idle = round(resident_mib(server.process.pid), 1)
        declare(server, generator)
        declared = round(resident_mib(server.process.pid), 1)
        server.stop()
        clean = start_ms(server)
        rows = [measure(server, generator, rate, seconds) for rate in rates]
        server.kill()
        return {"idle_rss_mib": idle, "declared_rss_mib": declared, "bytes_per_device": round((declared - idle) * 2**20 / devices),
                "start_ms": clean, "start_after_kill_ms": start_ms(server)}, rows


def measure_other(devices: int, seconds: int) -> list[dict]:
    if not OTHER_SENDER:
        return []
    generator = Other(devices)
    with Server() as server:
        declare(server, generator)
        return [measure(server, generator, COMMON_RATE, seconds)]


def measure_replay(devices: int, seconds: int) -> dict:
    generator = Own(devices)
    with Server() as server:
        recording, data = Path(server.folder.name) / "recording", f"{server.folder.name}/data"
        documents = declare(server, generator)
        server.stop()
        server.settings.append(f"gateways.record={recording}")
        server.start()
        generator.send(server, COMMON_RATE, seconds)
        settle(server)
        server.stop()
        published = next(topic["records"] for topic in json.loads(output(LENNE, "verify", data, "--json"))["topics"] if topic["topic"] == "event.v1")
        done = json.loads(output(LENNE, "replay", recording, "--documents", documents, "--json"))
    return {"replay_per_s": round(done["per_second"]), "replay_cpu_s_per_1000": round(1000 * done["processor_seconds"] / done["received"], 4),
            "replay_datagrams": done["received"], "replay_lost": done["lost"], "replay_events": done["events"], "published_events": published}


def faults(facts: dict, rows: list[dict]) -> list[str]:
    found = [f"{row['generator']} generator at {row['rate']}/s: {row['unaccounted']} of {row['datagrams']} datagrams are unaccounted for (the server took {row['taken']} in)"
             for row in rows if row["unaccounted"] != 0]
    if facts["replay_lost"] != 0 or facts["published_events"] != facts["replay_events"]:
        found.append(f"replay: {facts['replay_events']} events, the server published {facts['published_events']}; "
                     f"the recording lacks {facts['replay_lost']} datagrams")
    return found


def in_words(row: dict) -> str:
    p50, p99 = (f"{bound} ms" if bound else "a second and more" for bound in (row["latency_ms_p50"], row["latency_ms_p99"]))
    whose = "another generator's " if row["generator"] == "other" else ""
    return (f"{whose}{row['rate']:,}/s: {row['uplinks'] - row['published']:,} of {row['uplinks']:,} lost, {sum(row['dropped'].values()):,} datagrams dropped, "
            f"{row['unaccounted']:,} unaccounted for, {row['cpu_s_per_1000']:.3f} CPU s per 1,000 ({row['server_cpu_s_per_1000']:.3f} the server), "
            f"p50 {p50}, p99 {p99}, {row['bytes_per_uplink']:,} bytes on disk each")


def record(facts: dict, rows: list[dict], seconds: int) -> None:
    """A row of docs/measured.md."""
    what = f"uplinks over loopback, three copies each, generator included, {seconds} s each, {facts['devices']:,} devices, {facts['cores']} cores, at commit {facts['commit']}"
    command = shlex.join(["tests/bench/bench.py", *(word for word in sys.argv[1:] if word != "--record")])
    result = (f"{'; '.join(map(in_words, rows))}. RSS {facts['idle_rss_mib']:.0f} MiB idle, {max(row['rss_mib'] for row in rows):.0f} MiB after. "
              f"Ready after {facts['start_ms']:.0f} ms, {facts['start_after_kill_ms']:.0f} ms after kill -9. Replay of {facts['replay_datagrams']:,} datagrams: "
              f"{facts['replay_per_s']:,}/s, {facts['replay_cpu_s_per_1000']:.4f} CPU s per 1,000, {facts['replay_events']:,} events")
    with open(ROOT / "docs" / "measured.md", "a") as table:
        table.write(f"| {datetime.date.today()} | {what} | `{command}` | {result} |\n")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=10)
    options.add_argument("--devices", type=int, default=50_000)
    options.add_argument("--rates", type=int, nargs="+", default=[300, COMMON_RATE, 15_000])
    options.add_argument("--record", action="store_true", help="append a row to docs/measured.md")
    asked = options.parse_args()
    facts = {"commit": output("git", "-C", ROOT, "rev-parse", "--short", "HEAD").strip(), "cores": os.cpu_count(), "devices": asked.devices}
    measured, rows = measure_own(asked.devices, asked.rates, asked.seconds)
    rows += measure_other(asked.devices, asked.seconds)
    facts |= measured | measure_replay(asked.devices, min(asked.seconds, 3))
    print(f"{'from':<6} {'uplinks/s':>10} {'lost':>8} {'unaccounted':>12} {'CPU s/1000':>11} {'server':>8} {'p50 ms':>7} {'p99 ms':>7} {'disk B':>7} {'RSS MiB':>8}")
    for row in rows:
        print(f"{row['generator']:<6} {row['uplinks_per_s']:>10} {row['lost_share']:>8.3%} {row['unaccounted']:>12} {row['cpu_s_per_1000']:>11} {row['server_cpu_s_per_1000']:>8} "
              f"{row['latency_ms_p50']!s:>7} {row['latency_ms_p99']!s:>7} {row['bytes_per_uplink']:>7} {row['rss_mib']:>8}")
    for line in [facts, *rows]:
        print(json.dumps(line))
    if asked.record:
        record(facts, rows, asked.seconds)
    found = faults(facts, rows)
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
