#!/usr/bin/env python3
"""Finals of the simulated town, over UDP, against what rules.py computes from the generator's truth: windows of 10 s.

LENNE_TRUTH_SECONDS (default 60) says how long the town runs, LENNE_TRUTH_HURRY (default 400) how much faster its devices send.
"""
import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from rules import US, Server, Size, compare, devices_of, finals, gauges, states, steps
from lenne import read_truth, wait_until

SECONDS = int(os.environ.get("LENNE_TRUTH_SECONDS", "60"))
HURRY = os.environ.get("LENNE_TRUTH_HURRY", "400")
WINDOW = Size("10s", 10 * US)
REGION = ["--towns", "olpe", "--gps-share", "1", "--hurry", HURRY]


def main() -> int:
    with Server("windows.sizes=10s,15m", "windows.grace=10s", "windows.spread=false", "windows.watermark_delay=2s") as server, tempfile.TemporaryDirectory() as folder:
        truth_file = Path(folder) / "truth.jsonl"
        simulator = server.simulate("--declare", *REGION, "--duration", f"{SECONDS}s", "--truth", str(truth_file))
        print("simulated:", simulator.communicate()[0].strip())
        assert simulator.returncode == 0
        uplinks, acknowledged = read_truth(truth_file)
        assert uplinks, "no uplink"
        lost = {(u["dev_eui"], u["f_cnt"]) for u in uplinks} - acknowledged
        assert not lost, f"{len(lost)} uplinks were never acknowledged, e.g. {sorted(lost)[:3]}"

        interval, _, _ = devices_of(REGION)
        temperature, parking = defaultdict(list), defaultdict(list)
        for uplink in uplinks:
            for sample in uplink["samples"]:
                if sample["measure"] == "temperature":
                    temperature[uplink["dev_eui"]].append((uplink["time_us"], steps(sample["value"])))
                if sample["measure"] == "parking_occupied":
                    parking[uplink["dev_eui"]].append((uplink["time_us"], int(sample["value"])))

        begin = WINDOW.start(min(u["time_us"] for u in uplinks))
        end = WINDOW.end(WINDOW.start(max(u["time_us"] for u in uplinks)))
        # The last window is final 12 s after its end, moved there by a tick.
        wait_until("the last window to be over", lambda: time.time() * US > end + 20 * US, 60)

        def all_final() -> bool:
            try:
                return bool(finals(server, "temperature", WINDOW, begin, end)) and bool(finals(server, "parking_occupied", WINDOW, begin, end))
            except AssertionError:
                return False

        wait_until("all windows to be final", all_final, 30)

        faults = compare("temperature", WINDOW, gauges(temperature, interval, WINDOW), finals(server, "temperature", WINDOW, begin, end))
        expected = {key: value for key, value in states(parking, interval, WINDOW).items() if key[1] < end}
        faults += compare("parking", WINDOW, expected, finals(server, "parking_occupied", WINDOW, begin, end))
        print(f"uplinks: {len(uplinks)}, samples: {sum(map(len, temperature.values()))} temperature, {sum(map(len, parking.values()))} parking")
        assert server.stop() == 0
        return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
