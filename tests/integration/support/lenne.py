"""Starts a real `lenne serve` for a test and talks to it as any other program would."""
import json
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LENNE = os.environ.get("LENNE_BIN", str(ROOT / "build" / "release" / "lenne"))


def port_to_keep(kind: socket.SocketKind) -> int:
    """A free port that no other program is given by chance: a server that was killed must find it free again. The system gives
    those from 32768 on to whoever asks for any."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_768)  # none of a test's own numbers
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Server:
    """One data directory; the process in it may be killed and started again on the same ports."""

    def __init__(self, *settings: str, prepare=None, roles: str = "", common: str = "", folder: str | None = None):
        """LENNE_TEST_SETTINGS has settings that go before the test's own. `prepare` is called with the path of the data directory before
        the first start. `roles` of a process that shares a network; `common`: a folder with what all of them are given. `folder`: where the
        data directory shall lie."""
        self.roles, self.common = roles, common
        self.folder = tempfile.TemporaryDirectory(prefix="lenne-test-", dir=folder)
        if prepare:
            prepare(f"{self.folder.name}/data")
        self.settings = [*os.environ.get("LENNE_TEST_SETTINGS", "").split(), *settings]
        if common:
            self.settings += [f"keys.file={common}/kek", f"auth.operator_token_file={common}/operator.token"]
        self.udp = f"127.0.0.1:{port_to_keep(socket.SOCK_DGRAM)}"
        self.http = f"127.0.0.1:{port_to_keep(socket.SOCK_STREAM)}"
        self.process = None
        self.log = open(Path(self.folder.name) / "stderr.log", "ab")
        self.start()

    def start(self) -> None:
        command = [LENNE, "serve", *(["--roles", self.roles] if self.roles else [])]
        for setting in [f"data={self.folder.name}/data", f"gateways.udp={self.udp}", f"http.listen={self.http}", *self.settings]:
            command += ["--set", setting]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"not ready: {line!r}\n{self.stderr()}")
        bound = dict(part.split("=", 1) for part in line.split()[1:])
        self.udp, self.http = bound.get("udp", self.udp), bound["http"]

    def stderr(self) -> str:
        return (Path(self.folder.name) / "stderr.log").read_text()[-4000:]

    @property
    def udp_address(self) -> tuple[str, int]:
        host, port = self.udp.rsplit(":", 1)
        return host, int(port)

    @property
    def token(self) -> str:
        return (Path(self.common or f"{self.folder.name}/data") / "operator.token").read_text().strip()

    def environment(self) -> dict[str, str]:
        return {**os.environ, "LENNE_SERVER": f"http://{self.http}", "LENNE_TOKEN": self.token}

    def cli(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run([LENNE, *arguments], env=self.environment(), capture_output=True, text=True, timeout=120)
        if check and done.returncode != 0:
            raise RuntimeError(f"lenne {' '.join(arguments)} -> {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def lines(self, *arguments: str) -> list[dict]:
        return [json.loads(line) for line in self.cli(*arguments).splitlines()]

    def simulate(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen([LENNE, "simulate", "--udp", self.udp, *arguments], env=self.environment(), stdout=subprocess.PIPE, text=True)

    def apply(self, documents: list[dict]) -> list[dict]:
        return self.request("POST", "/v1/apply", documents)["results"]

    def request(self, method: str, path: str, body=None):
        request = urllib.request.Request(f"http://{self.http}{path}", method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def counters(self) -> dict[str, float]:
        """The counters of /metrics by their text, labels included."""
        request = urllib.request.Request(f"http://{self.http}/metrics", headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            rows = [line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, value in rows}

    def kill(self) -> float:
        """kill -9; returns when."""
        at = time.time()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return at

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        self.log.close()
        self.folder.cleanup()


def wait_until(what: str, condition, seconds: float = 30.0):
    """The first true value of condition(); fails with the name of what did not come."""
    end = time.time() + seconds
    while time.time() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"did not come within {seconds} s: {what}")


def read_truth(path: Path) -> tuple[list[dict], set[tuple[str, int]]]:
    """The generator's uplinks and its list of acknowledged ones. A last line may be cut."""
    uplinks, acknowledged = [], set()
    for line in path.read_text().splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if row["type"] == "uplink":
            uplinks.append(row)
        elif row["type"] == "ack":
            acknowledged.add((row["dev_eui"], row["f_cnt"]))
    return uplinks, acknowledged
