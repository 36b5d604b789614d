#!/usr/bin/env python3
"""A simulated past, then other rules for a use case: what `lenne backfill` makes of it against what rules.py computes from what the
generator says it sent. It is killed in the middle, which leaves nothing or all of it; the results that stand stay as they are, and
`lenne verify` and `lenne replay --log` still agree with the directory. Dropped, nothing is left of it.
"""
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "truth"))
from rules import HOUR, LENNE, US, Server, Size, compare, devices_of, finals, gauges, steps  # noqa: E402
from lenne import read_truth, wait_until  # noqa: E402

FROM, HOURS = "2026-05-04T06:00:00Z", 3
BEGIN = 1_777_874_400 * US
END = BEGIN + HOURS * HOUR
SPAN = ["--from", FROM, "--to", "2026-05-04T09:00:00Z"]
REGION = ["--towns", "olpe", "--gps-share", "1"]
SETTINGS = ["network.partitions=4", "windows.sizes=15m,1h"]
SIZE = Size("1h", HOUR)


def settings() -> list[str]:
    return [part for setting in SETTINGS for part in ("--set", setting)]


def lenne(*arguments: str) -> tuple[int, dict]:
    done = subprocess.run([LENNE, *arguments, "--json"], capture_output=True, text=True, timeout=300)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def backfill(data: str, rules: Path, *more: str) -> dict:
    code, done = lenne("backfill", data, "--use-case", str(rules), *SPAN, *settings(), *more)
    assert code == 0, done
    return done


def dropped(data: str, name: str) -> int:
    code, done = lenne("backfill", data, "--drop", name)
    assert code == 0, done
    return done["dropped"]


def kill_in_the_middle(data: str, rules: Path, seconds: float, whole: int) -> int:
    """After a part of the time that it takes. How many results it left."""
    process = subprocess.Popen([LENNE, "backfill", data, "--use-case", str(rules), *SPAN, *settings()], stdout=subprocess.DEVNULL)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    left = dropped(data, "school-air@3")
    assert left in (0, whole), f"{left} of {whole}"
    return left


def temperatures(truth: Path, documents: dict[str, dict]) -> dict[str, list[tuple[int, int]]]:
    """Of the rooms: (time, value in millionths)."""
    found = defaultdict(list)
    uplinks, acknowledged = read_truth(truth)
    for uplink in uplinks:
        if documents[uplink["dev_eui"]]["profile"] != "room-climate" or (uplink["dev_eui"], uplink["f_cnt"]) not in acknowledged:
            continue
        for sample in uplink["samples"]:
            if sample["measure"] == "temperature":
                found[uplink["dev_eui"]].append((sample.get("time_us", uplink["time_us"]), steps(sample["value"])))
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        truth, same, other = Path(folder) / "truth", Path(folder) / "same.json", Path(folder) / "other.json"

        def past(data: str) -> None:
            command = [LENNE, "simulate", "--data", data, "--from", FROM, "--duration", f"{HOURS}h", "--quiet", "1h", "--truth", str(truth)]
            subprocess.run([*command, *REGION, *settings()], check=True, stdout=subprocess.DEVNULL, timeout=300)

        with Server(*SETTINGS, prepare=past) as server:
            data = f"{server.folder.name}/data"
            intervals, _, documents = devices_of(REGION)
            sent = temperatures(truth, documents)
            values = sorted(value for all_of_one in sent.values() for _, value in all_of_one)
            bound = values[len(values) * 3 // 4]  # a quarter of all becomes implausible
            known = next(d for d in json.loads(subprocess.run([LENNE, "simulate", "--print", *REGION], capture_output=True, text=True).stdout)
                         if d["kind"] == "UseCase" and d["name"] == "school-air")
            quality = [rule for rule in known["quality"] if rule["measure"] != "temperature"]
            changed = {**known, "version": 3, "quality": [*quality, {"measure": "temperature", "max": f"{bound / US:.6f}"}]}
            same.write_text(json.dumps({**known, "version": 2}))
            other.write_text(json.dumps(changed))

            refused = server.apply([{**changed, "version": known["version"]}])[0]
            assert refused["action"] == "refused" and "needs a version above" in refused["reason"], refused
            stand = finals(server, "temperature", SIZE, BEGIN, END)
            assert server.apply([changed])[0]["action"] == "updated"  # from now on; the past stays what it is
            assert all(row["rules"].startswith(f"school-air@{known['version']}/") for row in stand.values() if row["dev_eui"] in sent)
            code, busy = lenne("backfill", data, "--use-case", str(other), *SPAN, *settings())
            assert code == 1 and busy["error"] == "directory_in_use", busy
            assert server.stop() == 0

            again = backfill(data, same, "--dry-run")
            print("the same rules:", again)
            assert again["records"] > 0 and again["equal"] > 0 and again["changed"] + again["added"] + again["missing"] == 0, again
            began = time.monotonic()
            looked = backfill(data, other, "--dry-run")
            took = time.monotonic() - began
            assert looked["written"] == 0 and looked["changed"] > 0 and looked["equal"] > 0, looked
            whole = looked["equal"] + looked["changed"] + looked["added"]
            left = [kill_in_the_middle(data, other, took * random.uniform(0.2, 1.2), whole) for _ in range(4)]
            print(f"killed within {took:.1f} s, results left:", left)

            done = backfill(data, other)
            assert done["written"] == whole, (done, whole)
            assert backfill(data, other)["written"] == 0
            code, verified = lenne("verify", data)
            assert code == 0 and verified["verified"], verified
            code, replayed = lenne("replay", "--log", data, *settings())
            assert code == 0 and replayed["equal"], replayed

            server.start()
            credible = {device: [one for one in all_of_one if one[1] <= bound] for device, all_of_one in sent.items()}
            expected = {key: value for key, value in gauges(credible, intervals, SIZE).items() if key[1] < END}
            wait_until("the views to have it", lambda: len(finals(server, "temperature@3", SIZE, BEGIN, END)) >= len(expected), 60)
            faults = compare("temperature@3", SIZE, expected, finals(server, "temperature@3", SIZE, BEGIN, END))
            rows = finals(server, "temperature@3", SIZE, BEGIN, END).values()
            assert all(row["rules"].startswith("school-air@3/") and " " not in row["rules"] for row in rows)
            assert finals(server, "temperature", SIZE, BEGIN, END) == stand, "what stands is as it was"
            assert server.stop() == 0
            assert dropped(data, "school-air@3") == whole
            server.start()
            wait_until("the views to drop it", lambda: not finals(server, "temperature@3", SIZE, BEGIN, END), 60)
            assert server.stop() == 0
            return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
