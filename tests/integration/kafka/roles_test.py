#!/usr/bin/env python3
"""One network shared by several processes on Kafka, which come, go, are stopped for a while and are killed, under load, both ways.

Then what the test of kill -9 checks must hold: all that was acknowledged is published, once; no FCntDown carries two frames; each
request for a downlink has one outcome; the aggregates equal what is recomputed from the events. What a test of it needs is
started by run.sh beside this file.
"""
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from checks import check_all  # noqa: E402
from lenne import Server, port_to_keep, wait_until  # noqa: E402
from load import Load, documents  # noqa: E402
from network import PARTITIONS, Network, partitions_of, settle, work  # noqa: E402

WINDOW_S = 10
SETTINGS = [f"windows.sizes={WINDOW_S}s", "windows.grace=10s", "windows.spread=false", "windows.watermark_delay=2s"]


def ask(page: str, path: str, token: str) -> dict | None:
    """What the page's address answers; nothing when there is nobody."""
    request = urllib.request.Request(f"http://{page}{path}", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:
            return json.loads(answer.read())
    except OSError:
        return None


def held(server: Server) -> bool:
    return server.counters()["lenne_api_shared_held_total"] == 1


def main() -> int:
    os.environ["TZ"] = "UTC"
    time.tzset()
    with tempfile.TemporaryDirectory(prefix="lenne-roles-") as common, Network(common, SETTINGS) as network:
        page = f"127.0.0.1:{port_to_keep(socket.SOCK_STREAM)}"
        serve = network.start("serve", "serve", f"http.shared={page}")
        standby = network.start("standby", "serve", f"http.shared={page}")
        assert held(serve) and not held(standby)
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
        school = serve.request("POST", "/v1/tokens", {"tenant": "menden", "name": "school"})["token"]
        devices = len(ask(page, "/v1/devices?limit=10000", serve.token)["items"])
        killed = serve.kill()
        wait_until("the page", lambda: ask(page, "/v1/status", serve.token), 15)
        print(f"the other one had the page after {time.time() - killed:.1f} s")
        assert held(standby)
        assert len(ask(page, "/v1/devices?limit=10000", school)["items"]) == devices, "it knows the same, and the same tokens"
        load.run(0, 60, after=1)
        serve.start()
        assert not held(serve), "whoever comes back stands by"
        assert network.all.pop("standby").stop() == 0
        wait_until("the page again", lambda: held(serve) and ask(page, "/v1/status", school), 15)
        work(load, 500)
        # This program is deaf while it waits for a start, and a dozen programs share the processors: an acknowledgement may come late.
        faults = check_all(serve, load, [(0, float("inf"))], enough=10, window_s=WINDOW_S)
        network.end()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
