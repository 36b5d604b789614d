#!/usr/bin/env python3
"""A town's day, on which summer time ends, lived through in its own time: all finals of 15 minutes, an hour and a local day
(25 hours long) and a day of UTC, of temperatures, parking bays, water meters, lost uplinks and gateways' airtime, and the temperatures of sites,
towns and the region, against what rules.py computes. Of the
datagrams 5 % come twice, out of order; rules.py knows nothing of that.

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
from decimal import Decimal
from pathlib import Path

from rules import (HOUR, LENNE, US, Server, Size, airtime, compare, compare_rollups, counters, devices_of, finals, gauges, rollups, states,
                   steps, sums)

FROM = os.environ.get("LENNE_PAST_FROM", "2026-10-24T21:30:00Z")
HOURS = int(os.environ.get("LENNE_PAST_HOURS", "26"))
TOWNS = os.environ.get("LENNE_PAST_TOWNS", "olpe")
QUIET_HOURS = 50
REGION = ["--towns", TOWNS, "--gps-share", "1", "--repeat-share", "0.05"]
PARTITIONS = ["--set", "network.partitions=4"]
GATEWAYS = ["gateway_uplink_airtime", "gateway_uplinks", "gateway_downlink_airtime", "gateway_downlinks"]
SIZES = [Size("15m", 15 * 60 * US), Size("1h", HOUR), Size("1d", None), Size("day_utc", 24 * HOUR)]
ROLLED_UP = ["1h", "1d"]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        truth = Path(folder) / "truth.jsonl"

        def live_through(data: str) -> None:
            done = subprocess.run([LENNE, "simulate", "--data", data, "--from", FROM, "--duration", f"{HOURS}h", "--quiet", f"{QUIET_HOURS}h",
                                   "--truth", str(truth), *REGION, *PARTITIONS], capture_output=True, text=True,
                                  timeout=1200 * len(TOWNS.split(",")))
            assert done.returncode == 0, done.stdout + done.stderr
            print("simulated:", done.stdout.strip())

        with Server(*PARTITIONS[1:], prepare=live_through) as server:
            interval, place = devices_of(REGION)
            samples = defaultdict(lambda: defaultdict(list))
            gateways = defaultdict(lambda: defaultdict(list))
            uplinks, acknowledged, heard = set(), set(), set()
            before = {}
            for line in truth.read_text().splitlines():
                event = json.loads(line, parse_float=Decimal)
                if event["type"] == "heard":
                    if (event["transmission"], event["gateway"]) not in heard:
                        heard.add((event["transmission"], event["gateway"]))
                        gateways["gateway_uplinks"][event["gateway"]].append((event["time_us"], US))
                        gateways["gateway_uplink_airtime"][event["gateway"]].append((event["time_us"], airtime(event["size"], event["sf"])))
                    continue
                if event["type"] == "sent":
                    gateways["gateway_downlinks"][event["gateway"]].append((event["time_us"], US))
                    gateways["gateway_downlink_airtime"][event["gateway"]].append((event["time_us"], airtime(event["size"], event["sf"], crc=False)))
                    continue
                frame = (event["dev_eui"], event["f_cnt"])
                if event["type"] == "ack":
                    acknowledged.add(frame)
                    continue
                uplinks.add(frame)
                lost = event["f_cnt"] - before.get(event["dev_eui"], event["f_cnt"] - 1) - 1
                samples["uplinks_lost"][event["dev_eui"]].append((event["time_us"], lost * US))
                before[event["dev_eui"]] = event["f_cnt"]
                for sample in event["samples"]:
                    value = int(sample["value"]) if sample["measure"] == "parking_occupied" else steps(sample["value"])
                    samples[sample["measure"]][event["dev_eui"]].append((sample.get("time_us", event["time_us"]), value))
            assert uplinks == acknowledged, f"{len(uplinks ^ acknowledged)} uplinks heard or acknowledged only"

            begin = min(at for of in samples.values() for values in of.values() for at, _ in values)
            began = calendar.timegm(time.strptime(FROM, "%Y-%m-%dT%H:%M:%SZ")) * US
            ended = began + HOURS * HOUR
            # Meters wait for 48 hours, and their results are spread over a minute; the watermark is half a minute behind.
            assert any(lost for of in samples["uplinks_lost"].values() for _, lost in of), "nothing was lost"
            metered = ended + (QUIET_HOURS - 48) * HOUR - 2 * 60 * US
            faults = 0
            for size in SIZES:
                first, last = size.start(begin), ended + QUIET_HOURS * HOUR
                temperatures = gauges(samples["temperature"], interval, size)
                faults += compare("temperature", size, temperatures, finals(server, "temperature", size, first, last))
                for level in ("site", "tenant", "region") if size.name in ROLLED_UP else ():
                    faults += compare_rollups(server, size, level, rollups(temperatures, place, size, level), first, last)
                faults += compare("parking", size, states(samples["parking_occupied"], interval, size), finals(server, "parking_occupied", size, first, last))
                if size.length != 15 * 60 * US:
                    faults += compare("lost uplinks", size, gauges(samples["uplinks_lost"], interval, size), finals(server, "uplinks_lost", size, first, last))
                    for measure in GATEWAYS:
                        faults += compare(measure, size, sums(gateways[measure], size), finals(server, measure, size, first, last))
                closed = {key: want for key, want in counters(samples["water_volume"], size, metered).items() if size.end(key[1]) <= metered}
                found = {key: row for key, row in finals(server, "water_volume", size, first, last).items() if size.end(key[1]) <= metered}
                faults += compare("water", size, closed, found)
            litres = sum(values[-1] - values[0] for values in map(sorted, (map(lambda r: r[1], of) for of in samples["water_volume"].values()))) // 1000
            assert all(gateways[measure] for measure in GATEWAYS), "a gateway heard and sent nothing"
            print(f"uplinks: {len(uplinks)}; water: {litres} l between first and last readings")
            days = [start for start, end in SIZES[2].over(began, ended) if end - start != 24 * HOUR]
            assert days or "LENNE_PAST_FROM" in os.environ, "this is not the day on which summer time ends"
            assert server.stop() == 0
            return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
