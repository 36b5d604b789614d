#!/usr/bin/env python3
"""A cluster of three brokers, three copies of everything, of which two must have what is acknowledged. Under load one broker is killed
and stays away, a worker of each kind is killed, the broker comes back, and the next one is killed for good, and another worker.

Then the rules of the test of kill -9 must hold. run.sh beside this file starts the cluster.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "support"))
from checks import check_all  # noqa: E402
from load import Load, documents  # noqa: E402
from network import Network, settle, work  # noqa: E402

WINDOW_S = 10
SETTINGS = ["log.replication=3", f"windows.sizes={WINDOW_S}s", "windows.grace=20s", "windows.spread=false", "windows.watermark_delay=2s"]
KAFKA = ROOT / "deploy" / "kafka" / "kafka.sh"


def kafka(*arguments: str) -> str:
    return subprocess.run([KAFKA, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def copies() -> list[list[int]]:
    """Of each partition of a topic of Lenne's: which brokers are in sync."""
    told = subprocess.run(["kcat", "-b", kafka("bootstrap"), "-L", "-J"], check=True, capture_output=True, text=True, timeout=30).stdout
    return [[copy["id"] for copy in partition["isrs"]] for topic in json.loads(told)["topics"] if topic["topic"].startswith("lenne.")
            for partition in topic["partitions"]]


def end_broker(load: Load, node: int) -> None:
    """As a crash would, and waits, under load, until the others go on without it."""
    kafka("kill9", str(node))
    killed = time.time()
    load.run(1000, 60)
    print(f"broker {node} was killed; 1,000 acknowledgements after that took {time.time() - killed:.1f} s")
    work(load, 500)
    until = time.time() + 60
    while any(node in copy for copy in copies()):
        load.run(100, 60)
        assert time.time() < until, f"broker {node} is gone, and still in sync"


def start_broker(load: Load) -> None:
    """All that are missing, under load; waits until they are in sync."""
    with open(Path(os.environ["LENNE_KAFKA_DIR"], "start.log"), "ab") as log:
        starting = subprocess.Popen([KAFKA, "start"], stdout=log, stderr=log)
    begun = time.time()
    while starting.poll() is None:
        load.run(0, 60, after=0.2)
    assert starting.returncode == 0, "the broker does not start again"
    until = time.time() + 90
    while not all(len(copy) == 3 for copy in copies()):
        load.run(100, 60)
        assert time.time() < until, "it does not come in sync"
    print(f"it was back, and in sync, {time.time() - begun:.1f} s after its start")


def main() -> int:
    os.environ["TZ"] = "UTC"
    time.tzset()
    with tempfile.TemporaryDirectory(prefix="lenne-cluster-") as common, Network(common, SETTINGS) as network:
        serve = network.start("serve", "serve")
        first, second = network.start("first", "ingest,network"), network.start("second", "ingest,network")
        windows, more_windows = network.start("windows", "windows"), network.start("more windows", "windows")
        assert all(result["action"] == "created" for result in serve.apply(documents()))
        load = Load(serve, random.Random(2), ingest=[first, second])
        work(load, 1000)
        assert all(len(copy) == 3 for copy in copies()), "each partition has three copies"

        end_broker(load, 2)
        network.kill("windows")
        second.kill()
        load.run(0, 60, after=1)
        second.start()
        work(load, 1000)
        print("with two brokers left, a worker of each kind was killed, and one is back")
        start_broker(load)

        end_broker(load, 1)  # the first of the list that all of them have
        first.kill()
        load.run(0, 60, after=1)
        first.start()
        work(load, 1000)
        settle(load, 60, {"network": [first, second], "windows": [more_windows]})
        faults = check_all(serve, load, [(0, float("inf"))], enough=10, window_s=WINDOW_S)
        network.end()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
