#!/usr/bin/env python3
"""A broker that wants TLS, and to know who comes: with a password, a token or a certificate. What fits works, with no more rights
than `lenne topics plan` prints; what does not is refused within seconds, and the error names the setting. Secrets are in no log, no
error, no list of processes and no data directory.

  security_test.py [scram]    scram: passwords by SCRAM instead. A broker from 4.0 on refuses that of librdkafka before 2.6.1.
"""
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "support"))
from checks import check_uplinks  # noqa: E402
from lenne import LENNE, Server  # noqa: E402
from load import Load, documents  # noqa: E402
from token_endpoint import TokenEndpoint  # noqa: E402

KAFKA = ROOT / "deploy" / "kafka" / "kafka.sh"
SECURE = Path(os.environ["LENNE_KAFKA_DIR"]).resolve() / "secure"
PASSWORD = (SECURE / "password").read_text().strip()
TOKEN_LIFE_S = 5
WITHIN_S = 30  # of these, a process that starts waits 15 for a broker


def broker(listener: str) -> str:
    return subprocess.run([KAFKA, "bootstrap", listener], check=True, capture_output=True, text=True).stdout.strip()


SASL, MUTUAL, PLAIN = broker("sasl"), broker("mutual"), broker("plain")
TLS = [f"log.tls.ca={SECURE}/ca.pem"]
CERTIFICATE = [f"log.brokers={MUTUAL}", *TLS, f"log.tls.certificate={SECURE}/client.pem", f"log.tls.key={SECURE}/client.key"]


def user(mechanism: str, password_file: Path = SECURE / "password") -> list[str]:
    return [f"log.brokers={SASL}", *TLS, f"log.sasl.mechanism={mechanism}", "log.sasl.username=lenne", f"log.sasl.password_file={password_file}"]


def arguments(settings: list[str]) -> list[str]:
    return [part for setting in settings for part in ("--set", setting)]


class Secrets:
    """Whatever a program tells is looked through for them."""

    def __init__(self):
        self.all, self.seen = {PASSWORD}, []
        for name in ("client.key", "broker.key"):
            self.all.add((SECURE / name).read_text().splitlines()[3])

    def check(self, where: str, text: str) -> None:
        self.seen.append(text)
        assert not any(secret in text for secret in self.all), f"a secret is in {where}"

    def check_process(self, server: Server) -> None:
        process = Path("/proc", str(server.process.pid))
        self.check("its arguments", (process / "cmdline").read_text())
        self.check("its environment", (process / "environ").read_text())

    def check_folder(self, server: Server) -> None:
        for file in Path(server.folder.name).rglob("*"):
            if file.is_file():
                self.check(str(file), file.read_bytes().decode("latin-1"))


def give_rights() -> None:
    plan = json.loads(subprocess.run([LENNE, "topics", "plan", "--json", "--tenant", "menden", *arguments(["log.type=kafka", f"log.brokers={PLAIN}"])],
                                     check=True, capture_output=True, text=True).stdout)
    giving = [subprocess.Popen([KAFKA, "acls", "--add", *shlex.split(right)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for right in plan["acls"]]
    for process in giving:
        said = process.communicate(timeout=120)[0]
        assert process.returncode == 0, said[-2000:]
    print(f"rights given: {len(giving)}")


def works(name: str, settings: list[str], secrets: Secrets, endpoint: TokenEndpoint | None = None, reads=lambda server, uplinks: None) -> int:
    with Server(*settings) as server:
        assert all(result["action"] == "created" for result in server.apply(documents()))
        load = Load(server, random.Random(5))
        load.run(1000, 60)
        if endpoint:
            for _ in range(2):
                load.run(500, 60, after=TOKEN_LIFE_S)  # others are asked for, and the broker closes what lives on an old one
            endpoint.away = True
            time.sleep(TOKEN_LIFE_S + 1)
            endpoint.away = False
            load.run(500, 60)
            secrets.all.update(endpoint.given)
        load.listen(3)
        print(f"{name}:")
        uplinks = load.published()
        faults = check_uplinks(load, uplinks, [(0, float("inf"))])
        reads(server, uplinks)
        secrets.check_process(server)
        assert server.stop() == 0
        secrets.check_folder(server)
        return faults


def analyst_reads(secrets: Secrets):
    """Who has rights for one tenant's topics reads these, with kcat and the example, and no others."""
    def reads(server: Server, uplinks: list[dict]) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="client-") as client:
            client.write(f"security.protocol=SASL_SSL\nssl.ca.location={SECURE}/ca.pem\nsasl.mechanism={MECHANISM}\nsasl.username=menden\nsasl.password={PASSWORD}\n")
            client.flush()
            example = subprocess.run(["/usr/bin/python3", ROOT / "deploy" / "kafka" / "examples" / "uplinks.py", "--brokers", SASL, "--tenant", "menden",
                                      "--server", f"http://{server.http}", "--client", client.name, "--end"], check=True, capture_output=True, text=True, timeout=60)
            assert len(example.stdout.splitlines()) == len(uplinks), (len(example.stdout.splitlines()), len(uplinks))
            kcat = ["kcat", "-F", client.name, "-b", SASL, "-C", "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed", "-f", "%o\\n", "-t"]
            own = subprocess.run([*kcat, "lenne.t.menden.measurement.v1"], check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()
            assert len(own) == len(uplinks), (len(own), len(uplinks))
            other = subprocess.run([*kcat, "lenne.int.event"], capture_output=True, text=True, timeout=60)
            assert "authorization failed" in other.stderr, other.stderr[-500:]
            secrets.check("the example's words", example.stdout + example.stderr)
        print(f"  the tenant's own reader: {len(own)} records; what is not the tenant's is refused")
    return reads


def refused(what: str, settings: list[str], words: list[str], secrets: Secrets) -> None:
    """By serve and by topics alike."""
    def end(command: str) -> tuple[float, str]:
        with tempfile.TemporaryDirectory(prefix="lenne-refused-") as folder:
            all_settings = ["log.type=kafka", "network.partitions=4", *settings]
            if command == "serve":
                all_settings += [f"data={folder}/data", "http.listen=127.0.0.1:0", "gateways.udp=127.0.0.1:0"]
            begun = time.time()
            done = subprocess.run([LENNE, *command.split(), *arguments(all_settings)], capture_output=True, text=True, timeout=WITHIN_S)
        secrets.check("an error", done.stdout + done.stderr)
        assert done.returncode == 1 and not done.stdout, (what, command, done.returncode, done.stdout[-300:], done.stderr[-300:])
        said = done.stderr.strip().splitlines()[-1]
        assert all(word in said for word in words), (what, command, words, said)
        return time.time() - begun, said

    with ThreadPoolExecutor() as both:
        ends = list(both.map(end, ["topics plan", "serve"]))
    print(f"refused after {ends[1][0]:.1f} s: {what}: {ends[1][1][:230]}")


MECHANISM = "SCRAM-SHA-512" if sys.argv[1:] == ["scram"] else "PLAIN"


def main() -> int:
    os.environ["TZ"] = "UTC"
    time.tzset()
    secrets = Secrets()
    give_rights()
    faults = works(MECHANISM, user(MECHANISM), secrets, reads=analyst_reads(secrets))
    with tempfile.TemporaryDirectory(prefix="lenne-secrets-") as folder:
        wrong = Path(folder, "wrong")
        wrong.write_text("not-the-password-8261\n")
        secrets.all.add("not-the-password-8261")
        refused("a wrong password", user(MECHANISM, wrong), ["log.sasl", "authentication"], secrets)
        if MECHANISM != "PLAIN":
            return 1 if faults + works("SCRAM-SHA-256", [*user("SCRAM-SHA-256"), "log.prefix=lenne.256."], secrets) else 0

        faults += works("client's certificate", [*CERTIFICATE, "log.prefix=lenne.certificate."], secrets)
        endpoint = TokenEndpoint(SECURE, "lenne", PASSWORD, "kafka write", TOKEN_LIFE_S)
        bearer = ["log.sasl.scope=kafka write", f"log.sasl.token_url={endpoint.url}"]
        faults += works("OAUTHBEARER", [*user("OAUTHBEARER"), *bearer, "log.prefix=lenne.bearer."], secrets, endpoint)
        print(f"  tokens given: {len(endpoint.given)}")
        assert len(endpoint.given) >= 4

        other = Path(folder, "other.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/other.key", "-out", other, "-subj", "/CN=lenne"],
                       check=True, capture_output=True)
        refused("a CA that is not the broker's", [*user("PLAIN"), f"log.tls.ca={other}"], ["log.tls.ca", "log_tls"], secrets)
        refused("no TLS", [f"log.brokers={SASL}"], ["log.tls", "log_open"], secrets)
        refused("TLS, and no word who it is", [f"log.brokers={SASL}", *TLS], ["log.sasl", "log_open"], secrets)
        refused("TLS where there is none", [f"log.brokers={PLAIN}", *TLS], ["log.tls", "log_tls"], secrets)
        refused("no certificate", [f"log.brokers={MUTUAL}", *TLS], ["log.tls.certificate", "log_tls"], secrets)
        refused("a certificate of another CA", [f"log.brokers={MUTUAL}", *TLS, f"log.tls.certificate={other}", f"log.tls.key={folder}/other.key"],
                ["log.tls.certificate", "log_tls"], secrets)
        refused("another certificate's key", [*CERTIFICATE, f"log.tls.key={folder}/other.key"], ["log.tls.key"], secrets)
        refused("no password's file", user("PLAIN", Path(folder, "nothing")), ["log.sasl.password_file", "settings_value"], secrets)
        refused("PLAIN without TLS", [*user("PLAIN"), "log.tls.ca="], ["log.tls.ca", "settings_value"], secrets)
        refused("SCRAM of an old librdkafka", user("SCRAM-SHA-512"), ["log.sasl", "2.6.1"], secrets)
        refused("a wrong client's secret", [*user("OAUTHBEARER", wrong), *bearer], ["log.sasl.token_url", "401", "invalid_client"], secrets)
        refused("another scope", [*user("OAUTHBEARER"), *bearer, "log.sasl.scope=other"], ["log.sasl.token_url", "invalid_scope"], secrets)
        refused("an endpoint of another CA", [*user("OAUTHBEARER"), *bearer, f"log.tls.ca={other}"], ["log.sasl.token_url", "certificate"], secrets)
        refused("no endpoint", [*user("OAUTHBEARER"), "log.sasl.token_url=https://127.0.0.1:1/token"], ["log.sasl.token_url", "refused"], secrets)
        refused("an endpoint without TLS", [*user("OAUTHBEARER"), "log.sasl.token_url=http://127.0.0.1/token"], ["log.sasl.token_url", "settings_value"], secrets)
        forger = TokenEndpoint(SECURE, "lenne", PASSWORD, "kafka write", TOKEN_LIFE_S, forged=True)
        refused("a forged token", [*user("OAUTHBEARER"), *bearer, f"log.sasl.token_url={forger.url}"], ["log.sasl", "log_access"], secrets)
        assert forger.given and not any(token in text for token in forger.given for text in secrets.seen)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
