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
from lenne import Server, wait_until  # noqa: E402
from load import Load, documents  # noqa: E402

WINDOW_S = 10
PARTITIONS = 4
SETTINGS = [f"windows.sizes={WINDOW_S}s", "windows.grace=10s", "windows.spread=false", "windows.watermark_delay=2s"]


class Network:
    def __init__(self, common: str):
        self.common, self.all = common, {}

    def start(self, name: str, roles: str) -> Server:
        self.all[name] = Server(*SETTINGS, roles=roles, common=self.common)
        return self.all[name]

    def kill(self, name: str) -> float:
        return self.all.pop(name).kill()

    def gone(self, name: str) -> None:
        assert self.all.pop(name).stop() == 0


def partitions_of(server: Server, role: str) -> int:
    return int(server.counters().get(f"lenne_storage_kafka_{role}_partitions_total", -1))


def shared_out(servers: list[Server], role: str) -> bool:
    """Each of them has a part, and together they have all."""
    parts = [partitions_of(server, role) for server in servers]
    return all(part > 0 for part in parts) and sum(parts) == PARTITIONS


def work(load: Load, acks: int) -> None:
    for _ in range(5):
        load.ask()
        load.run(acks // 5, 60)


def main() -> int:
    os.environ["TZ"] = "UTC"
    time.tzset()
    with tempfile.TemporaryDirectory(prefix="lenne-roles-") as common:
        network = Network(common)
        try:
            serve = network.start("serve", "serve")
            first, second = network.start("first", "ingest,network"), network.start("second", "ingest,network")
            windows = network.start("windows", "windows")
            assert all(result["action"] == "created" for result in serve.apply(documents()))
            load = Load(serve, random.Random(1), ingest=[first, second])
            work(load, 2000)

            third, more_windows = network.start("third", "network"), network.start("more windows", "windows")
            until = time.time() + 60
            while not (shared_out([first, second, third], "network") and shared_out([windows, more_windows], "windows")):
                work(load, 500)
                assert time.time() < until, "the partitions are not shared out"
            print("three for the network, two for windows")

            third.process.send_signal(signal.SIGSTOP)
            load.run(0, 60, after=9)  # past its session
            third.process.send_signal(signal.SIGCONT)
            work(load, 1000)
            until = time.time() + 60
            while not shared_out([first, second, third], "network"):
                work(load, 500)
                assert time.time() < until, "who was stopped does not come back"
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
            for name in list(network.all):
                network.gone(name)
        finally:
            for server in network.all.values():
                print(f"--- {server.roles}\n{server.stderr()}")
                server.__exit__()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
