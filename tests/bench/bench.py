#!/usr/bin/env python3
"""How much a server does on this machine, generator included: a table, and a line of JSON for each row.

usage: bench.py [--seconds N] [--devices N]    LENNE_BIN and LENNE_BENCH_UPLINKS name the programs (default: build/release)
  rate        uplinks/s that the generator sent, three copies each, on how many frames lost (sent, never published)
  cpu         processor seconds of server and generator together for 1,000 uplinks
  p50, p99    ms from the first copy's receipt to its durable event, at most (bounds of the server's own buckets)
  disk        bytes of the data directory for each uplink, all topics
  start       until `ready`, with the devices declared: after a clean end, and after kill -9
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "support"))
from lenne import LENNE, Server  # noqa: E402

SENDER = os.environ.get("LENNE_BENCH_UPLINKS", str(ROOT / "build" / "release" / "bench_uplinks"))
GATEWAYS, COPIES = 30, 3
UPLINKS = "lenne_network_uplinks_total"
TICKS = os.sysconf("SC_CLK_TCK")


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


class Bench:
    def __init__(self, server: Server, devices: int, seconds: int):
        self.server, self.devices, self.seconds = server, devices, seconds
        self.f_cnt = 1

    def row(self, rate: int) -> dict:
        pid, data = self.server.process.pid, Path(self.server.folder.name) / "data"
        host, port = self.server.udp_address
        before, spent, disk = settle(self.server), processor_seconds(pid), folder_bytes(data)
        done = subprocess.run([SENDER, host, str(port), str(self.devices), str(GATEWAYS), str(COPIES), str(rate), str(self.seconds), str(self.f_cnt)],
                              capture_output=True, text=True, check=True)
        sent = json.loads(done.stdout)
        self.f_cnt += rate * self.seconds // self.devices + 1
        after = settle(self.server)
        published = int(after.get(UPLINKS, 0) - before.get(UPLINKS, 0))
        cpu = processor_seconds(pid) - spent + sent["cpu_s"]
        return {"rate": rate, "uplinks_per_s": round(sent["uplinks"] / sent["seconds"]), "uplinks": sent["uplinks"], "published": published,
                "lost_share": 1 - published / sent["uplinks"], "datagrams": sent["datagrams"], "acknowledged": sent["acknowledged"],
                "refused_by_machine": sent["refused_by_machine"], "cpu_s_per_1000": round(1000 * cpu / sent["uplinks"], 4),
                "latency_ms_p50": latency_ms(before, after, 0.5), "latency_ms_p99": latency_ms(before, after, 0.99),
                "bytes_per_uplink": round((folder_bytes(data) - disk) / sent["uplinks"]), "rss_mib": round(resident_mib(pid), 1),
                "dropped": {name: after[name] - before.get(name, 0) for name in after
                            if re.search(r"drop|full|refused|overload", name) and after[name] != before.get(name, 0)}}


def start_ms(server: Server) -> float:
    began = time.monotonic()
    server.start()
    return round((time.monotonic() - began) * 1000, 1)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=10)
    options.add_argument("--devices", type=int, default=50_000)
    options.add_argument("--rates", type=int, nargs="+", default=[300, 5_000, 15_000])
    asked = options.parse_args()
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    with Server() as server:
        idle = round(resident_mib(server.process.pid), 1)
        documents = Path(server.folder.name) / "documents.json"
        documents.write_text(subprocess.run([SENDER, "--documents", str(asked.devices), str(GATEWAYS)], capture_output=True, text=True, check=True).stdout)
        server.cli("apply", str(documents))
        settle(server)
        declared = round(resident_mib(server.process.pid), 1)
        server.stop()
        clean = start_ms(server)
        bench = Bench(server, asked.devices, asked.seconds)
        rows = [bench.row(rate) for rate in asked.rates]
        server.process.kill()
        server.process.wait()
        killed = start_ms(server)
        facts = {"commit": commit, "cores": os.cpu_count(), "devices": asked.devices, "idle_rss_mib": idle, "declared_rss_mib": declared,
                 "bytes_per_device": round((declared - idle) * 2**20 / asked.devices), "start_ms": clean, "start_after_kill_ms": killed}
        print(f"{'uplinks/s':>10} {'lost':>8} {'CPU s/1000':>11} {'p50 ms':>7} {'p99 ms':>7} {'disk B':>7} {'RSS MiB':>8}")
        for row in rows:
            print(f"{row['uplinks_per_s']:>10} {row['lost_share']:>8.3%} {row['cpu_s_per_1000']:>11} {row['latency_ms_p50']!s:>7} {row['latency_ms_p99']!s:>7} {row['bytes_per_uplink']:>7} {row['rss_mib']:>8}")
        for line in [facts, *rows]:
            print(json.dumps(line))
        return 0


if __name__ == "__main__":
    sys.exit(main())
