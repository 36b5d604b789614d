#!/usr/bin/env python3
"""What compose.yaml and the manifests would run in containers, run as plain processes on a real broker: the same arguments, the same
text of settings, the secrets as the documentation makes them, the same probes. Only what a machine has once is changed: where the
mounts lie, which ports are listened on, where the broker is. And the broker's own tool reads the brokers' settings.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from confluent_kafka.admin import AdminClient, ConfigResource

from deployments import DEPLOY, Process, compose, kubernetes

LENNE = os.environ["LENNE_BIN"]
BROKER = [setting for setting in os.environ["LENNE_TEST_SETTINGS"].split() if setting.startswith("log.brokers=")][0]
READY_S = 60


def too_late(*_) -> None:
    raise TimeoutError(f"not all are ready after {READY_S} s")


signal.signal(signal.SIGALRM, too_late)


class Sick(BaseHTTPRequestHandler):
    """What a probe must not take for healthy."""

    def do_GET(self):
        self.send_error(503)

    def log_message(self, *_):
        pass


SICK = ThreadingHTTPServer(("127.0.0.1", 0), Sick)
threading.Thread(target=SICK.serve_forever, daemon=True).start()


def make_secrets(folder: Path) -> Path:
    """Runs the documented command."""
    (command,) = re.findall(r"^\(umask .*\)$", (DEPLOY.parent / "docs" / "kafka.md").read_text(), re.M)
    (folder / "deploy" / "kafka").mkdir(parents=True)
    subprocess.run(["bash", "-ec", command], cwd=folder, check=True)
    return folder / "deploy" / "kafka" / "secrets"


class Container:
    """A process of Lenne whose mounts lie in a folder."""

    def __init__(self, process: Process, folder: Path, secrets: Path, prefix: str):
        self.process, self.folder = process, folder
        for path in process.volumes:
            (folder / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
        for path, name in process.secrets.items():
            target = folder / path.lstrip("/")
            if any(path.startswith(volume + "/") for volume in process.volumes):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((secrets / name).read_bytes())
            target.chmod(0o440 if process.prepare else 0o600)  # as a kubelet, and as Docker, give it
        for path, text in process.texts.items():
            target = folder / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.moved(text))
        if process.prepare:
            subprocess.run([self.moved(each) for each in process.prepare], check=True)
        own = [BROKER, "log.replication=1", "network.partitions=4", f"log.prefix={prefix}", "gateways.udp=127.0.0.1:0", "http.listen=127.0.0.1:0"]
        command = [LENNE, *(self.moved(each) for each in process.arguments), *(word for each in own for word in ("--set", each))]
        self.log = open(folder / "stderr.log", "wb")
        self.running = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=self.log, text=True)

    def moved(self, text: str) -> str:
        for mount in [*self.process.texts, *self.process.secrets, *self.process.volumes]:
            text = re.sub(rf"(?<![\w/]){re.escape(mount)}(?![\w-])", f"{self.folder}{mount}", text)
        return text

    def await_ready(self) -> None:
        line = self.running.stdout.readline()
        assert line.startswith("ready "), f"{self.process.name}: {line!r}\n{(self.folder / 'stderr.log').read_text()}"
        bound = dict(part.split("=", 1) for part in line.split()[1:])
        assert ("udp" in bound) == ("ingest" in self.process.roles), line
        self.http = bound["http"]

    def probe(self) -> None:
        if len(self.process.probe) == 1:
            with urllib.request.urlopen(f"http://{self.http}{self.process.probe[0]}", timeout=10) as answer:
                assert answer.status == 200
            return
        assert self.asked(int(self.http.rsplit(":", 1)[1])) == 0, f"{self.process.name}: {self.process.probe}"
        assert self.asked(SICK.server_port) != 0, f"{self.process.name}: its probe takes any answer"

    def asked(self, port: int) -> int:
        command = [each.replace(f"/{self.process.port} ", f"/{port} ") for each in self.process.probe]
        assert command != self.process.probe, command
        return subprocess.run(command, timeout=10).returncode

    def end(self) -> int:
        self.running.send_signal(signal.SIGTERM)
        return self.running.wait(timeout=30)


def run_all(name: str, processes: list[Process], folder: Path) -> None:
    secrets = make_secrets(folder)
    containers = []
    try:
        for process in processes:
            containers.append(Container(process, folder / process.name, secrets, f"{name}."))
        signal.alarm(READY_S)
        for container in containers:
            container.await_ready()
        signal.alarm(0)
        for container in containers:
            container.probe()
        (page,) = [container for container in containers if "serve" in container.process.roles]
        token = (secrets / "operator.token").read_text().strip()
        request = urllib.request.Request(f"http://{page.http}/v1/status", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(f"http://{page.http}/", timeout=10) as answer:
            assert b"<title>" in answer.read()
        print(f"{name}: {len(containers)} processes are ready, answer their probes and share one key and one token")
        for container in containers:
            code = container.end()
            assert code == 0, f"{container.process.name}: {code}\n{(container.folder / 'stderr.log').read_text()}"
        for container in containers:  # all that it wrote is in its volumes
            written = {path for path in container.folder.rglob("*") if path.is_file()} - {container.folder / "stderr.log"}
            for path in written:
                container.process.place(f"/{path.relative_to(container.folder)}")
    finally:
        for container in containers:
            if container.running.poll() is None:
                container.running.kill()
            container.running.wait()
            container.log.close()


def names_of_broker_settings() -> set[str]:
    """The running broker's: the tool passes over names that it does not know."""
    client = AdminClient({"bootstrap.servers": BROKER.split("=")[1].strip("[]")})
    (answer,) = client.describe_configs([ConfigResource(ConfigResource.Type.BROKER, "1")]).values()
    return set(answer.result(timeout=30))


def check_brokers(folder: Path) -> None:
    """Kafka's own tool reads the settings and makes a broker's folder by them."""
    document, _ = compose()
    known = names_of_broker_settings()
    libraries = f"{os.environ['LENNE_KAFKA_DIR']}/libs/*"
    for name, service in document["services"].items():
        if "KAFKA_NODE_ID" not in service.get("environment", {}):
            continue
        settings = {key.removeprefix("KAFKA_").lower().replace("_", "."): value for key, value in service["environment"].items() if key.startswith("KAFKA_")}
        settings.pop("heap.opts")  # is of the JVM
        settings["log.dirs"] = str(folder / name)
        file = folder / f"{name}.properties"
        file.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        tool = ["java", "-Xmx128m", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={DEPLOY}/kafka/log4j2.yaml", "-cp", libraries,
                "kafka.tools.StorageTool", "format", "-t", service["environment"]["CLUSTER_ID"], "-c", str(file)]
        done = subprocess.run(tool, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        assert f"node.id={service['environment']['KAFKA_NODE_ID']}\n" in (folder / name / "meta.properties").read_text()
        assert not settings.keys() - known, f"{name}: no broker knows {settings.keys() - known}"
    print("the broker's own tool takes the settings of the three brokers")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="lenne-deploy-") as folder:
        for name, read in (("compose", compose), ("kubernetes", kubernetes)):
            run_all(name, read()[1], Path(folder) / name)
        (Path(folder) / "brokers").mkdir()
        check_brokers(Path(folder) / "brokers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
