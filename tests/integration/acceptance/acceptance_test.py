#!/usr/bin/env python3
"""The whole program from outside: devices and gateways of our own (device.py, gateway.py) against a real `lenne serve`, told by
`lenne apply` and read by `lenne events --json`. Scenarios have their own devices and gateways and run at the same time,
because LoRaWAN's delays are real.

What is relied on: `lenne serve --set key=value` prints `ready udp=HOST:PORT http=HOST:PORT`; `lenne apply PATH` takes YAML
documents; `lenne downlink DEV_EUI F_PORT HEX [--confirmed]`; `lenne events --json [--follow] [--type T,…] [--tenant T] [--from
beginning|now|POSITION]` prints an event a line; GET /metrics; exit codes 0, 1 and 2.

acceptance_test.py [WORD…] runs the scenarios with one of these words in their names.
"""
import asyncio
import collections
import json
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import broken  # noqa: E402, F401  (importing a module registers its scenarios)
import downlinks  # noqa: E402, F401
import fixed_keys  # noqa: E402, F401
import gateways  # noqa: E402, F401
import joins  # noqa: E402, F401
import mac_commands  # noqa: E402, F401
import operators  # noqa: E402, F401
import restarts  # noqa: E402, F401
import uplinks  # noqa: E402, F401
from lenne import Server  # noqa: E402
from scene import SCENARIOS, TENANT, Network, Scene  # noqa: E402

PATIENCE_S = 85
# Each scenario begins with a command or two: not all at one moment.
BETWEEN_STARTS_S = 0.15
# Of the answers that belong into RX1. A machine that does much else besides may be late now and then.
MOST_LATE = 0.1


async def start(settings: tuple[str, ...]) -> Network:
    network = Network(await asyncio.to_thread(Server, *settings))
    done = await network.apply([{"kind": "Tenant", "name": TENANT, "title": "Stadt Menden"}])
    assert done.code == 0, done
    await network.follow()
    return network


def without_position(event: dict) -> str:
    """A position says how far all partitions were read, so it depends on who reads."""
    return json.dumps({name: value for name, value in event.items() if name != "position"}, sort_keys=True)


async def stop(network: Network) -> None:
    """Ends a server; what was told as it happened is what the log tells afterwards."""
    try:
        read = await network.command("events", "--json")
        assert read.code == 0, read
        later = [json.loads(line) for line in read.out.splitlines()]
        told, read_later = (collections.Counter(map(without_position, events)) for events in (network.events, later))
        assert told == read_later, f"followed and read later, events differ: {told - read_later} {read_later - told}"
        assert await asyncio.to_thread(network.server.stop) == 0
    finally:
        await network.close()
        network.server.__exit__()


@dataclass
class Played:
    name: str
    seconds: float
    wrong: str | None
    leads_s: list[float]  # how early PULL_RESPs came
    answers: int  # that were expected in RX1
    late: int  # and came in RX2


async def play(function, number: int, shared: Network, settings: tuple[str, ...] | None) -> Played:
    began = time.monotonic()
    network = shared
    scene = None
    wrong = None
    try:
        async with asyncio.timeout(PATIENCE_S):
            if settings is not None:
                network = await start(settings)
            scene = Scene(network, number)
            await function(scene)
            scene.check()
    except Exception:  # noqa: BLE001  every scenario reports
        wrong = traceback.format_exc()
        if scene:
            wrong += "".join(f"\n  {violation}" for each in (*scene.gateways, *scene.devices) for violation in each.violations)
            wrong += "".join(f"\n  {gateway.eui}: {sent}" for gateway in scene.gateways for sent in gateway.transmissions)
    if scene:
        scene.close()
    if settings is not None and network is not shared:
        try:
            await stop(network)
        except Exception:  # noqa: BLE001
            wrong = (wrong or "") + traceback.format_exc()
    leads_s = [sent.lead_s for gateway in scene.gateways for sent in gateway.transmissions if sent.window != "at once"] if scene else []
    return Played(function.__name__, time.monotonic() - began, wrong, leads_s, scene.answers if scene else 0, scene.late if scene else 0)


async def run(words: list[str]) -> int:
    chosen = [(number, function, settings) for number, (function, settings) in enumerate(SCENARIOS, 1) if not words or any(word in function.__name__ for word in words)]
    shared = await start(("auth.anonymous=none",))
    plays = []
    for number, function, settings in chosen:
        plays.append(asyncio.create_task(play(function, number, shared, settings)))
        await asyncio.sleep(BETWEEN_STARTS_S)
    results = await asyncio.gather(*plays)
    await stop(shared)
    for played in results:
        print(f"{'FAIL' if played.wrong else 'ok  '} {played.seconds:5.1f} s  {played.name.replace('_', ' ')}")
        if played.wrong:
            print(played.wrong)
    leads_s = sorted(lead for played in results for lead in played.leads_s)
    answers, late = sum(played.answers for played in results), sum(played.late for played in results)
    if leads_s:
        print(f"{len(leads_s)} PULL_RESPs came before their transmission by: earliest {leads_s[-1]:.2f} s, middle {leads_s[len(leads_s) // 2]:.2f} s, latest {leads_s[0]:.2f} s")
        print(f"{late} of {answers} answers came in RX2 because it was too late for RX1")
    failed = sum(played.wrong is not None for played in results)
    print(f"acceptance: {len(results) - failed} scenarios passed, {failed} failed")
    return 1 if failed or not results or late > MOST_LATE * max(answers, 20) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1:])))
