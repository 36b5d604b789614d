#!/usr/bin/env python3
"""A storm of rebalances under load: workers for network and windows, one, three, two, one, three, each step a second or two after the
last one, so that groups have not settled yet. One goes in good order, one is killed, one is stopped past its session and goes on. They
come back under their old names, within their session and after it.

Then the rules of the test of kill -9 must hold. run.sh beside this file starts the broker.
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
from load import Load, documents  # noqa: E402
from network import Network, settle, work  # noqa: E402

WINDOW_S = 10
ROUNDS = int(os.environ.get("LENNE_STORMS", "2"))
SEED = int(os.environ.get("LENNE_SEED", "1"))
SETTINGS = [f"windows.sizes={WINDOW_S}s", "windows.grace=20s", "windows.spread=false", "windows.watermark_delay=2s"]


def main() -> int:
    os.environ["TZ"] = "UTC"
    time.tzset()
    dice = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="lenne-storm-") as common, Network(common, SETTINGS) as network:
        serve = network.start("serve", "ingest,serve")
        first = network.start("first", "network,windows")
        assert all(result["action"] == "created" for result in serve.apply(documents()))
        load = Load(serve, dice)
        work(load, 1000)
        others = [network.start(name, "network,windows") for name in ("second", "third")]
        begun = time.time()
        for number in range(ROUNDS):
            load.ask()
            load.run(0, 60, after=2)
            one, other = dice.sample([first, *others], 2)  # three
            if number == 0:
                one.process.send_signal(signal.SIGSTOP)
                load.run(0, 60, after=9)  # past its session, and its transaction's time
                one.process.send_signal(signal.SIGCONT)
                load.run(0, 60, after=2)
            assert one.stop() == 0
            load.ask()
            load.run(0, 60, after=2)  # two
            other.kill()
            load.ask()
            load.run(0, 60, after=2)  # one
            one.start()
            other.start()
        print(f"{ROUNDS} rounds in {time.time() - begun:.0f} s, {len(load.acknowledged)} acknowledgements")
        settle(load, 60, {"network": [first, *others], "windows": [first, *others]})
        print(f"shared out after {time.time() - begun:.0f} s")
        faults = check_all(serve, load, [(0, float("inf"))], enough=5, window_s=WINDOW_S)
        for server in (first, *others):
            told = server.counters()
            print("  " + ", ".join(f"{name} {told.get(f'lenne_storage_kafka_{name}_total', 0):.0f}" for name in
                                   ("network_rebalances", "network_interrupted", "network_rejoins", "windows_rebalances", "windows_interrupted")))
        network.end()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
