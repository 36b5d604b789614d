#!/usr/bin/env python3
"""How early downlinks reach a gateway, over loopback, one gateway: the lead before RX1 at 1 s of acknowledgements of confirmed
uplinks, and the time from a request for a class C downlink to its PULL_RESP. Prints a line each, in milliseconds.

usage: downlinks.py [UPLINKS] [REQUESTS]    LENNE_BIN names the program
"""
import asyncio
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "integration" / "support"), str(TESTS / "integration" / "acceptance")]

from acceptance_test import start  # noqa: E402
from scene import Scene  # noqa: E402

BETWEEN_UPLINKS_S = 0.25
# One frame at SF12 lasts 1.2 s: the next one would collide.
BETWEEN_REQUESTS_S = 1.7


def told(what: str, values_ms: list[float], low_is_bad: bool) -> None:
    values = sorted(values_ms, reverse=low_is_bad)
    middle, worst = values[len(values) // 2], values[min(len(values) - 1, len(values) * 99 // 100)]
    print(f"{what}: {len(values)} measured, p50 {middle:.1f} ms, p99 {worst:.1f} ms, worst {values[-1]:.1f} ms")


async def leads(network, count: int, number: int = 1, when: str = "") -> None:
    """`number`: of the scene, another one each time in a network."""
    scene = Scene(network, number)
    gateway = scene.gateway()
    devices = [scene.abp(gateway) for _ in range(40)]
    await scene.begin()

    async def one(turn: int) -> None:
        device = devices[turn % len(devices)]
        gateway.windows = []
        await device.send(confirmed=True)

    # The windows of all devices at once: here only the time of arrival counts.
    arrived = []
    gateway._transmit = lambda token, packet, at: (arrived.append((packet["tmst"], at)), gateway.acknowledge(token, "NONE"))
    for turn in range(count):
        await one(turn)
        await asyncio.sleep(BETWEEN_UPLINKS_S)
    await asyncio.sleep(2)
    ahead = [((tmst - gateway.tmst_at(at) + 2**31) % 2**32 - 2**31) / 1e3 for tmst, at in arrived]
    told(f"lead before RX1 at 1 s ({count} confirmed uplinks{when})", ahead, low_is_bad=True)
    scene.close()


async def class_c(network, count: int) -> None:
    scene = Scene(network, 2)
    gateway = scene.gateway()
    devices = [scene.abp(gateway, device_class="C") for _ in range(20)]
    await scene.begin()
    arrivals: asyncio.Queue = asyncio.Queue()
    gateway._transmit = lambda token, packet, at: (arrivals.put_nowait(at), gateway.acknowledge(token, "NONE"))
    for device in devices:
        await device.send()
    await asyncio.sleep(3)
    waits = []
    for number in range(count):
        device = devices[number % len(devices)]
        asked = time.monotonic()
        await asyncio.to_thread(network.server.request, "POST", f"/v1/devices/{device.dev_eui}/downlinks", {"f_port": 5, "payload": "0a0b"})
        waits.append((await asyncio.wait_for(arrivals.get(), 10) - asked) * 1e3)
        await asyncio.sleep(BETWEEN_REQUESTS_S)
    told(f"class C, request to PULL_RESP ({count} requests)", waits, low_is_bad=False)
    scene.close()


async def main() -> None:
    given = [int(word) for word in sys.argv[1:3]]
    uplinks, requests = (given + [400, 100][len(given):])[:2]
    network = await start(())
    try:
        await leads(network, uplinks)
        await class_c(network, requests)
    finally:
        await network.close()
        network.server.__exit__()


if __name__ == "__main__":
    asyncio.run(main())
