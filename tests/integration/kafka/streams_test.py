#!/usr/bin/env python3
"""An application of a tenant's own: the example in deploy/kafka/examples/java, built by Maven, reads the tenant's windows by Kafka Streams,
exactly once, and is killed meanwhile. What it makes of them, each device's greatest temperature of each UTC day, is what the server's
windows say."""
import os
import random
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "support"))
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402
from lenne import Server, wait_until  # noqa: E402
from load import Load, documents  # noqa: E402

EXAMPLE = ROOT / "deploy" / "kafka" / "examples" / "java"
FOLDER = Path(os.environ["LENNE_KAFKA_DIR"]).resolve() / "daily-maximum"
OUTPUT = "menden.daily-maximum"
WINDOW_S = 10


def brokers() -> str:
    return subprocess.run([ROOT / "deploy" / "kafka" / "kafka.sh", "bootstrap"], check=True, capture_output=True, text=True).stdout.strip()


def build() -> None:
    version = re.search("<kafka.version>(.*)</kafka.version>", (ROOT / "deploy" / "kafka" / "pom.xml").read_text())[1]
    assert f"<kafka.version>{version}</kafka.version>" in (EXAMPLE / "pom.xml").read_text(), "the example's Kafka is another one than the broker's"
    subprocess.run(["mvn", "--quiet", "--batch-mode", "-f", EXAMPLE / "pom.xml", f"-Dbuild.folder={FOLDER}", "compile", "dependency:copy-dependencies", "-DincludeScope=runtime",
                    f"-DoutputDirectory={FOLDER}/libs"], check=True, timeout=300)


def start(server: Server) -> subprocess.Popen:
    return subprocess.Popen(["java", "-Xmx160m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{FOLDER}/classes:{FOLDER}/libs/*", "DailyMaximum", brokers(),
                             f"http://{server.http}", "menden", "temperature", OUTPUT, str(Path(server.folder.name) / "streams")], stdout=server.log, stderr=server.log)


def computed() -> dict[str, tuple[Decimal, int]]:
    """The last committed value of each key: maximum and number of windows."""
    done = subprocess.run(["kcat", "-b", brokers(), "-C", "-t", OUTPUT, "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed", "-f", "%k\t%s\n"], check=True,
                          capture_output=True, text=True, timeout=60)
    values = {}
    for line in done.stdout.splitlines():
        key, value = line.split("\t")
        maximum, unit, windows = value.split(" ")
        assert unit == "Cel", value
        values[key] = Decimal(maximum), int(windows)
    return values


def told(server: Server) -> dict[str, tuple[Decimal, int]]:
    """The same by the server's windows."""
    rows = server.lines("query", "--measure", "temperature", "--resolution", f"{WINDOW_S}s", "--from", "2020-01-01T00:00:00Z", "--to", "2099-01-01T00:00:00Z", "--format", "json")
    values = {}
    for row in rows:
        if not row["final"]:
            continue
        key = f"{row['dev_eui']} {row['start'][:10]}"
        maximum, windows = values.get(key, (Decimal(str(row["max"])), 0))
        values[key] = max(maximum, Decimal(str(row["max"]))), windows + 1
    return values


def main() -> int:
    build()
    print("built by Maven")
    with Server(f"windows.sizes={WINDOW_S}s", "windows.grace=2s", "windows.spread=false", "windows.watermark_delay=2s") as server:
        server.apply(documents())
        admin = AdminClient({"bootstrap.servers": brokers()})
        admin.create_topics([NewTopic(OUTPUT, 1, 1, config={"cleanup.policy": "compact"})])[OUTPUT].result(30)
        load = Load(server, random.Random(3))
        load.run(400, 60)
        application = start(server)
        try:
            for _ in range(3):
                load.run(400, 60)
                load.listen(6)
            wait_until("results", lambda: application.poll() is not None or computed(), 90)
            application.kill()  # kill -9: its next start goes on from what is committed
            application.wait()
            load.run(400, 60)
            application = start(server)
            load.run(400, 60)
            load.listen(WINDOW_S + 6)
            load.run(100, 60)  # time passes in the log
            load.published()

            def same() -> bool:
                assert application.poll() is None, f"it has ended: {server.stderr()}"
                load.listen(1)
                self, other = computed(), told(server)
                return len(self) >= 300 and self == other
            try:
                wait_until("the same results", same, 120)
            except AssertionError:
                self, other = computed(), told(server)
                print([(key, self.get(key), other.get(key)) for key in sorted(self.keys() | other.keys()) if self.get(key) != other.get(key)][:5], server.stderr())
                raise
            results = computed()
            print(f"{len(results)} daily maxima of {sum(windows for _, windows in results.values())} windows, the same as the server's")
        finally:
            application.terminate()
            try:
                application.wait(30)
            except subprocess.TimeoutExpired:
                application.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
