#!/usr/bin/env python3
"""Frames of two encoders that share nothing with Lenne (npm's lora-packet and our own in Python) through `lenne frame HEX
--version 1.0|1.1 [--key NAME=HEX]… --json`: every field of the answer is compared. Exit code 0, or 1 with an `error` for what
cannot be parsed. LENNE_SEED draws other frames."""
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from lenne import LENNE  # noqa: E402
from python_frames import Case, all_cases  # noqa: E402

SEED = int(os.environ.get("LENNE_SEED", "1"))
LEAST = 490


def lora_packet_cases() -> list[Case]:
    if not (HERE / "node_modules" / "lora-packet").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=HERE, check=True)
    made = subprocess.run(["node", "lora_packet_frames.mjs", str(SEED)], cwd=HERE, check=True, capture_output=True, text=True)
    return [Case(**json.loads(line)) for line in made.stdout.splitlines()]


def judge(case: Case) -> str | None:
    """What is wrong with the answer."""
    done = subprocess.run([LENNE, "frame", case.hex, *case.arguments, "--json"], capture_output=True, text=True, timeout=60)
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        return f"exit {done.returncode}, no JSON: {done.stdout!r} {done.stderr!r}"
    if case.expect is None:
        good = done.returncode == 1 and isinstance(answer.get("error"), str) and answer["error"] and "type" not in answer
        return None if good else f"exit {done.returncode}: {answer} instead of an error"
    if done.returncode != 0:
        return f"exit {done.returncode}: {answer}"
    differences = {name: (answer.get(name, "absent"), case.expect.get(name, "absent")) for name in answer.keys() | case.expect.keys()
                   if name not in answer or name not in case.expect or answer[name] != case.expect[name]}
    return f"got, expected: {differences}" if differences else None


def main() -> int:
    made = {"lora-packet": lora_packet_cases(), "python": all_cases(SEED)}
    good = [case for cases in made.values() for case in cases if case.expect]
    types = {case.expect["type"] for case in good}
    assert len(good) >= LEAST and len(types) == 10, (len(good), types)
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for source, cases in made.items():
            for case, problem in zip(cases, pool.map(judge, cases)):
                if problem:
                    wrong += 1
                    print(f"FAIL {source}: {case.name}\n  lenne frame {case.hex} {' '.join(case.arguments)}\n  {problem}")
    counts = collections.Counter({source: len(cases) for source, cases in made.items()})
    print(f"frames: seed {SEED}, {dict(counts)}, of these {sum(counts.values()) - len(good)} unparsable, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
