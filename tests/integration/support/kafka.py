"""The broker that run.sh has started, and what its topics hold, told by kcat."""
import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[3] / "deploy" / "kafka" / "kafka.sh"


class Broker:
    def __init__(self):
        self.folder = Path(os.environ["LENNE_KAFKA_DIR"])
        self.bootstrap = subprocess.run([SCRIPT, "bootstrap"], check=True, capture_output=True, text=True).stdout.strip()
        # Who was killed comes back on the same port.
        self.environment = {**os.environ, "LENNE_KAFKA_PORT": (self.folder / "port").read_text().strip()}

    def kill(self) -> None:
        subprocess.run([SCRIPT, "kill9"], env=self.environment, check=True)

    def starting(self) -> subprocess.Popen:
        with open(self.folder / "start.log", "ab") as log:
            return subprocess.Popen([SCRIPT, "start"], env=self.environment, stdout=log, stderr=log)

    def start(self) -> None:
        assert self.starting().wait(timeout=60) == 0, "the broker does not start again"


def read(broker: Broker, topic: str) -> list[tuple[str, str]]:
    """The headers and the value of each committed record. A value is text, or its bytes stand for letters of Latin-1."""
    between, after = "\x1f", "\x1e\x1d\x1e"
    done = subprocess.run(["kcat", "-b", broker.bootstrap, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed",
                           "-f", f"%h{between}%s{after}"], check=True, capture_output=True, timeout=120)
    try:
        text = done.stdout.decode("utf-8")
    except UnicodeDecodeError:
        text = done.stdout.decode("latin-1")
    return [tuple(record.split(between, 1)) for record in text.split(after)[:-1]]


def headers_of(line: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in line.split(","))
