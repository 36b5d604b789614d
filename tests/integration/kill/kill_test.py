#!/usr/bin/env python3
"""kill -9 and restart under load, both ways. The generator shares no code with Lenne.

Some hundred devices send as fast as they are acknowledged through twenty gateways; every fifth uplink is confirmed and
applications ask for downlinks meanwhile. The server is killed again and again, each time after at least LENNE_KILL_ACKS
PUSH_ACKs. With Kafka as its log (LENNE_KAFKA_DIR: where its broker lies) every third time the broker is killed instead, while
the gateways go on sending, and once both at the same moment; and once the broker is away for LENNE_OUTAGE seconds. Then:
  every acknowledged uplink is published once, none twice, none that was never sent; what is published without an
  acknowledgement was in flight at a kill
  no FCntDown of a device carries two different frames
  each downlink request that was accepted has one outcome, and no payload reaches the air under two counters
  the aggregates equal what is recomputed here from the exported events
"""
import os
import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from checks import check_all  # noqa: E402
from lenne import Server  # noqa: E402
from load import Load, documents  # noqa: E402

KILLS = int(os.environ.get("LENNE_KILLS", "10"))
ACKS = int(os.environ.get("LENNE_KILL_ACKS", "1000"))
SEED = int(os.environ.get("LENNE_SEED", "1"))
OUTAGE = float(os.environ.get("LENNE_OUTAGE", "15"))
KAFKA = os.environ.get("LENNE_KAFKA_DIR")
WINDOW_S = 10


def kill_server(server: Server, load: Load) -> tuple[float, float]:
    at = server.kill()
    load.listen(0.05)
    server.start()
    return at, at


def kill_broker(server: Server, load: Load, away: float, server_too: bool) -> tuple[float, float]:
    """Gateways go on sending while it is away. Returns from when to when nothing was acknowledged."""
    script = Path(__file__).resolve().parents[3] / "deploy" / "kafka" / "kafka.sh"
    environment = {**os.environ, "LENNE_KAFKA_PORT": Path(KAFKA, "port").read_text().strip()}
    at = time.time()
    subprocess.run([script, "kill9"], env=environment, check=True)
    if server_too:
        server.kill()
    load.run(0, 600, after=away)
    with open(Path(KAFKA, "start.log"), "ab") as log:
        starting = subprocess.Popen([script, "start"], env=environment, stdout=log, stderr=log)
    while starting.poll() is None:
        load.run(0, 600, after=0.2)
    assert starting.returncode == 0, "the broker does not start again"
    if server_too:
        server.start()
    load.run(640, 60)  # the server is the same process as before (unless it was killed, too), and goes on
    return at, time.time() + 2.5


def main() -> int:
    os.environ["TZ"] = "UTC"
    time.tzset()
    dice = random.Random(SEED)
    print(f"seed {SEED}, {KILLS} kills, at least {ACKS} acknowledgements between them")
    with Server(f"windows.sizes={WINDOW_S}s", "windows.grace=10s", "windows.spread=false", "windows.watermark_delay=2s") as server:
        assert all(result["action"] == "created" for result in server.apply(documents()))
        load = Load(server, dice)
        load.run(500, 60)
        kills = []
        for number in range(KILLS):
            for _ in range(5):
                load.ask()
                load.run(1, 30)
            load.run(ACKS, 120, after=dice.uniform(0.0, 1.0))
            if KAFKA and number % 3 == 2:
                last = number + 3 >= KILLS
                kills.append(kill_broker(server, load, away=OUTAGE if last else dice.uniform(0.0, 2.0), server_too=number == 2))
                print(f"broker away for {kills[-1][1] - kills[-1][0]:.1f} s")
            else:
                kills.append(kill_server(server, load))
        load.run(500, 60)
        load.listen(3)
        faults = check_all(server, load, kills, enough=KILLS, window_s=WINDOW_S)
        assert server.stop() == 0
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
