#!/usr/bin/env python3
"""A disk that is full, and one that reads back something else.

Full: a limit of the file size (RLIMIT_FSIZE) makes the next write fail. The server says why and ends with an error, it
does not start while nothing can be written, and afterwards every acknowledged uplink is published once.
Damaged: bytes of the stored files are turned over. `lenne verify` finds it; the server, or what it answers, says what it
could not read; with the right bytes everything is there again.
"""
import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from checks import check_uplinks  # noqa: E402
from lenne import LENNE, Server  # noqa: E402
from load import DEVICES, Load, documents  # noqa: E402

ROUNDS = 3


def reason_in(code: int, text: str) -> str:
    """Why the server has ended by itself: with 1, not by a signal."""
    reason = [line for line in text.splitlines() if line.startswith("lenne: ")]
    assert code == 1 and reason, (code, text[-2000:])
    return reason[-1]


def refuses_to_start(server: Server, limit: int | None) -> str:
    command = [LENNE, "serve", "--set", f"data={server.folder.name}/data", "--set", "gateways.udp=127.0.0.1:0", "--set", "http.listen=127.0.0.1:0"]
    prepare = None if limit is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=prepare, timeout=60)
    assert not done.stdout, "it is ready although it cannot be"
    return reason_in(done.returncode, done.stderr)


def fill_the_disk(server: Server, load: Load) -> float:
    log = Path(server.folder.name) / "stderr.log"
    before = len(log.read_text())
    assert before < 4096  # it must be able to say why
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    at = time.time()
    while server.process.poll() is None and time.time() < at + 20:
        load.run(0, 1, after=0.2)
    load.listen(0.1)
    print(f"full while it ran: {reason_in(server.process.wait(timeout=30), log.read_text()[before:])}")
    log.write_text("")
    return time.time()


def damage(data: Path, copy: Path, dice: random.Random) -> None:
    """A few bytes of each table, anywhere but at its end: that would be found at once."""
    shutil.copytree(data, copy)
    for table in data.rglob("*.sst"):
        content = bytearray(table.read_bytes())
        for at in dice.sample(range(len(content) * 2 // 3), min(32, len(content) * 2 // 3)):
            content[at] ^= 0xFF
        table.write_bytes(content)


def what_a_damaged_one_says(server: Server) -> str:
    """It may start when nothing of what it reads then is damaged: who reads the rest is told."""
    log = Path(server.folder.name) / "stderr.log"
    log.write_text("")
    try:
        server.start()
        server.lines("events", "--json", "--type", "uplink", "--from", "beginning")
    except RuntimeError as refused:
        told = str(refused).strip().splitlines()[-1]
        code = server.stop() if server.process.poll() is None else server.process.wait()
        return told if code == 0 else reason_in(code, log.read_text())
    raise AssertionError("it has read damaged tables and says nothing")


def main() -> int:
    dice = random.Random(7)
    with Server("windows.sizes=10s", "windows.grace=10s") as server:
        assert all(result["action"] == "created" for result in server.apply(documents()))
        load = Load(server, dice)
        load.run(1000, 60)
        ends = []
        for _ in range(ROUNDS):
            full = fill_the_disk(server, load)
            ends.append((full, full))
            print(f"full when it starts: {refuses_to_start(server, 0)}")
            server.start()
            load.run(1000, 60)
        load.listen(1)
        uplinks = load.published()
        faults = check_uplinks(load, uplinks, ends)
        assert server.stop() == 0

        data, copy = Path(server.folder.name) / "data", Path(server.folder.name) / "copy"
        damage(data, copy, dice)
        proof = subprocess.run([LENNE, "verify", str(data), "--json"], capture_output=True, text=True, timeout=120)
        assert proof.returncode == 1, (proof.stdout, proof.stderr)
        print(f"damaged, lenne verify: {proof.stdout.strip()[:300]}")
        print(f"damaged, lenne serve: {what_a_damaged_one_says(server)}")
        shutil.rmtree(data)
        shutil.move(copy, data)
        server.start()
        load.run(DEVICES, 60)
        load.listen(1)
        again = load.published()
        faults += check_uplinks(load, again, ends)
        assert server.stop() == 0
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
