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


def read(broker: Broker, topic: str) -> list[tuple[dict[str, str], bytes]]:
    """The headers and the value of each committed record."""
    done = subprocess.run(["kcat", "-b", broker.bootstrap, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed",
                           "-f", "%h\\n%S\\n%s"], check=True, capture_output=True, timeout=120)
    records, text, at = [], done.stdout, 0
    while at < len(text):
        headers_end = text.index(b"\n", at)
        size_end = text.index(b"\n", headers_end + 1)
        value_end = size_end + 1 + int(text[headers_end + 1:size_end])
        headers = dict(part.split("=", 1) for part in text[at:headers_end].decode().split(","))
        records.append((headers, text[size_end + 1:value_end]))
        at = value_end
    return records
