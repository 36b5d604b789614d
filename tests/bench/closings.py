#!/usr/bin/env python3
"""Whether windows that close together delay downlinks: as many series as a region has close within the minute over which their results
are spread, and meanwhile confirmed uplinks are acknowledged. Tells how early before RX1 at 1 s the acknowledgements come without
anything that closes, and while all of it closes. Windows have a minute here, so that nobody waits for quarter hours; the grace of a
minute spreads them as the default of five does.

usage: closings.py [SERIES]     LENNE_BIN and LENNE_BENCH_UPLINKS name the programs
"""
import asyncio
import sys
import time

from bench import Own, declare
from downlinks import leads, start

SERIES_OF_A_DEVICE = 2
RATE = 5_000
FINALS = "lenne_windows_finals_total"
UPLINKS_OF_LEADS = 200  # some 50 s


async def main() -> int:
    series = int(sys.argv[1]) if len(sys.argv) > 1 else 159_000
    devices = series // SERIES_OF_A_DEVICE
    network = await start(("windows.sizes=1m", "windows.grace=60s", "windows.watermark_delay=30s"))
    try:
        generator = Own(devices)
        await asyncio.to_thread(declare, network.server, generator)
        await asyncio.sleep(62 - time.time() % 60)
        began = time.time()
        sent = await asyncio.to_thread(generator.send, network.server, RATE, -(-devices // RATE))
        assert time.time() - began < 55, "the uplinks lie in two windows"
        await asyncio.sleep(3)
        await leads(network, UPLINKS_OF_LEADS, 1, ", nothing closes")
        before = network.server.counters()[FINALS]
        await asyncio.sleep(max(0, began - 2 + 60 + 90 + 3 - time.time()))
        between = network.server.counters()[FINALS]
        await leads(network, UPLINKS_OF_LEADS, 2, ", all close")
        after = network.server.counters()[FINALS]
        print(f"uplinks: {sent['uplinks']}; results: {between - before:.0f} before the second measurement, {after - between:.0f} within it")
        assert after - between > 0.8 * series, "most of it closed at another time"
        return 0
    finally:
        await network.close()
        network.server.__exit__()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
