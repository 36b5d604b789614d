#!/usr/bin/env python3
"""Makes each fault of mutations.py in a copy of the sources, builds what tests its folder, and says which faults
the tests do not see. A fault that does not compile counts as neither.

usage: run.py [NUMBER…]    (all of them without; a build directory of its own: build/mutation)
"""
import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mutations import MUTATIONS  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / "build" / "mutation" / "source"
BUILD = ROOT / "build" / "mutation" / "build"
# Programs in the order in which they are asked; the simulator sees what no single test does.
PROGRAMS = {"network/lorawan": ["tests_network_lorawan", "tests_network", "tests_sim"], "network": ["tests_network", "tests_sim"],
            "ingest": ["tests_ingest", "tests_sim"], "processing/meters": ["tests_processing_meters"], "processing": ["tests_processing"]}


def programs_of(file: str) -> list[str]:
    return next(programs for folder, programs in PROGRAMS.items() if file.startswith(folder + "/"))


def build(targets: list[str]) -> bool:
    return subprocess.run(["cmake", "--build", str(BUILD), "--target", *targets], capture_output=True).returncode == 0


def passes(program: str) -> bool:
    command = [str(next(BUILD.rglob(program))), "--gtest_brief=1", "--gtest_fail_fast"]
    try:
        # Fewer cases of each property than usual: what a few dozen do not find is left to the simulator.
        return subprocess.run(command, capture_output=True, timeout=600, env={**os.environ, "RC_PARAMS": "max_success=50"}).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("numbers", nargs="*", type=int)
    options = parser.parse_args()
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    known = set(listed)
    for old in [path for path in COPY.rglob("*") if path.is_file() and str(path.relative_to(COPY)) not in known]:
        old.unlink()  # it is gone since the last run
    for name in filter(None, listed):
        to = COPY / name
        if (ROOT / name).is_file() and (not to.exists() or to.read_bytes() != (ROOT / name).read_bytes()):
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to)
    subprocess.run(["cmake", "-S", str(COPY), "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DLENNE_PAGE=OFF", "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -w"],
                   check=True, capture_output=True)
    numbers = options.numbers or range(len(MUTATIONS))
    all_programs = sorted({program for number in numbers for program in programs_of(MUTATIONS[number][0])})
    assert build(all_programs), "the sources as they are do not build"
    for program in all_programs:
        assert passes(program), f"{program} fails without any fault"
    killed, survived, broken = 0, [], []
    for number in numbers:
        file, before, after = MUTATIONS[number]
        path, text = COPY / file, (ROOT / file).read_text()
        name = f"{number:2} {file}: {' '.join(before.split())} -> {' '.join(after.split()) or '(nothing)'}"
        if text.count(before) != 1:
            broken.append(name)
            print(f"stale    {name}", flush=True)
            continue
        started = time.time()
        path.write_text(text.replace(before, after))
        programs = programs_of(file)
        seen_by = None
        for program in programs:
            if not build([program]):
                broken.append(name)
                seen_by = "the compiler"
                break
            if not passes(program):
                killed += 1
                seen_by = program
                break
        path.write_text(text)
        if seen_by is None:
            survived.append(name)
        print(f"{'SURVIVED' if seen_by is None else 'killed  '} {name}  [{seen_by or '-'}, {time.time() - started:.0f} s]", flush=True)
    print(f"{killed} killed, {len(survived)} survived, {len(broken)} stale or not compiling")
    return 1 if survived or broken else 0


if __name__ == "__main__":
    sys.exit(main())
