#!/usr/bin/env python3
"""kill -9 and restart under load: every uplink on the generator's own list of PUSH_ACKs is published once, and those that are
published without an acknowledgement were in flight at a kill.

LENNE_KILLS (default 10) says how often.
"""
import collections
import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lenne import Server, read_truth, wait_until  # noqa: E402

KILLS = int(os.environ.get("LENNE_KILLS", "10"))
SEED = int(os.environ.get("LENNE_SEED", "1"))


def main() -> int:
    dice = random.Random(SEED)
    print(f"seed {SEED}, {KILLS} kills")
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        truth_file = Path(folder) / "truth.jsonl"
        # Every device sends once a second: some hundred uplinks a second.
        simulator = server.simulate("--declare", "--towns", "olpe", "--hurry", "100000", "--truth", str(truth_file))
        wait_until("uplinks", lambda: truth_file.exists() and len(read_truth(truth_file)[1]) > 500, 60)
        kills = []
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.5, 2.5))
            kills.append(server.kill())
            server.start()
        time.sleep(2)
        simulator.terminate()
        print("simulated:", simulator.communicate(timeout=30)[0].strip())

        uplinks, acknowledged = read_truth(truth_file)
        sent_at = {(u["dev_eui"], u["f_cnt"]): u["time_us"] / 1e6 for u in uplinks}

        def published() -> collections.Counter:
            return collections.Counter((event["dev_eui"], event["f_cnt"]) for event in server.lines("events", "--json", "--type", "uplink", "--from", "beginning"))

        wait_until("the last uplinks", lambda: not (acknowledged - published().keys()), 20)
        events = published()
        twice = {key: count for key, count in events.items() if count > 1}
        missing = acknowledged - events.keys()
        unknown = events.keys() - sent_at.keys()
        unacknowledged = events.keys() - acknowledged
        stray = [key for key in unacknowledged if not any(kill - 1.5 < sent_at[key] < kill + 0.1 for kill in kills)]
        print(f"sent {len(uplinks)}, acknowledged {len(acknowledged)}, published {len(events)}, of these unacknowledged {len(unacknowledged)}")
        print(f"acknowledged but missing {len(missing)}, published twice {len(twice)}, never sent {len(unknown)}, unacknowledged away from a kill {len(stray)}")
        assert len(acknowledged) > 500 * KILLS / 10, "too little load to mean anything"
        assert server.stop() == 0
        return 1 if twice or missing or unknown or stray else 0


if __name__ == "__main__":
    sys.exit(main())
