#!/usr/bin/env python3
"""One network shared by several processes on Kafka, which come, go, are stopped for a while and are killed, under load, both ways.

Then what the test of kill -9 checks must hold: all that was acknowledged is published, once; no FCntDown carries two frames; each
request for a downlink has one outcome; the aggregates equal what is recomputed from the events. What a test of it needs is
started by run.sh beside this file.
"""
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from checks import check_all  # noqa: E402
from lenne import wait_until  # noqa: E402
from load import Load, documents  # noqa: E402
from network import PARTITIONS, Network, partitions_of, settle, work  # noqa: E402

WINDOW_S = 10
SETTINGS = [f"windows.sizes={WINDOW_S}s", "windows.grace=10s", "windows.spread=false", "windows.watermark_delay=2s"]


def main() -> int:
    os.environ["TZ"] = "UTC"
    time.tzset()
    with tempfile.TemporaryDirectory(prefix="lenne-roles-") as common, Network(common, SETTINGS) as network:
        serve = network.start("serve", "serve")
        first, second = network.start("first", "ingest,network"), network.start("second", "ingest,network")
        windows = network.start("windows", "windows")
        assert all(result["action"] == "created" for result in serve.apply(documents()))
        load = Load(serve, random.Random(1), ingest=[first, second])
        work(load, 2000)

        third, more_windows = network.start("third", "network"), network.start("more windows", "windows")
        settle(load, 60, {"network": [first, second, third], "windows": [windows, more_windows]})
        print("three for the network, two for windows")

        third.process.send_signal(signal.SIGSTOP)
        load.run(0, 60, after=9)  # past its session
        third.process.send_signal(signal.SIGCONT)
        work(load, 1000)
        settle(load, 60, {"network": [first, second, third]})
        print("one was stopped, and is back")

        network.kill("third")
        network.kill("windows")
        work(load, 1000)
        load.run(0, 60, after=2)
        network.kill("second")
        for gateway in load.gateways:
            gateway.move(first.udp_address)
        work(load, 1000)
        wait_until("the survivors to have all", lambda: partitions_of(first, "network") == partitions_of(more_windows, "windows") == PARTITIONS, 60)
        print("one of each was killed, and an ingest worker, whose gateways moved")
        serve.kill()
        load.run(0, 60, after=1)
        killed = time.time()
        serve.start()
        wait_until("the page", lambda: serve.request("GET", "/v1/status"), 15)
        print(f"the page was back after {time.time() - killed:.1f} s")
        work(load, 500)
        # This program is deaf while it waits for a start, and a dozen programs share the processors: an acknowledgement may come late.
        faults = check_all(serve, load, [(0, float("inf"))], enough=10, window_s=WINDOW_S)
        network.end()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
