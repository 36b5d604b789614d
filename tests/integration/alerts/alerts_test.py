"""A river by hand: uplinks over UDP raise an alert that anybody can see within 2 s; an operator takes care of it; a killed server
forgets nothing; it ends when the value says so; a silent device is one of its own; and the data directory proves all of it.
Real time: so the intervals of this use case are seconds."""
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lenne import LENNE, Server, wait_until  # noqa: E402
from load import Device, Gateway  # noqa: E402

SEEN_WITHIN_S = 2.0
SILENT_AFTER_S = 6


def use_case(version: int, **changes) -> dict:
    rule = {"name": "hot", "measure": "temperature", "comparison": "above", "threshold": 40, "parameter": "hot_at", "hysteresis": 2, "consecutive": 2,
            "clear_after": "2s", "severity": "alarm", "text": {"de": "Zu heiß", "en": "Too hot"}, **changes}
    return {"kind": "UseCase", "name": "cold-store", "version": version, "stale_after": SILENT_AFTER_S, "alerts": [rule]}


def documents() -> list[dict]:
    device = {"kind": "Device", "tenant": "menden", "profile": "store", "region": "EU868", "mac_version": "1.0.4", "activation": "ABP", "join_eui": "00" * 8,
              "nwk_s_key": bytes(range(16)).hex(), "app_s_key": bytes(range(16, 32)).hex()}
    return [{"kind": "Tenant", "name": "menden"}, use_case(1), {"kind": "Gateway", "gateway_id": "aa00000000000000", "tenant": "menden"},
            {"kind": "Profile", "name": "store", "schema": "elsys/ers", "nominal_interval_s": 1, "use_case": "cold-store"},
            {**device, "dev_eui": Device(0).eui, "name": "one", "dev_addr": f"{Device(0).addr:08x}", "parameters": {"hot_at": 28}},
            {**device, "dev_eui": Device(1).eui, "name": "two", "dev_addr": f"{Device(1).addr:08x}"}]


class Town:
    def __init__(self, server: Server):
        self.server = server
        self.gateway = Gateway(0, server.udp_address)
        self.one, self.two = Device(0), Device(1)

    def measure(self, celsius: float, device: Device | None = None) -> float:
        """Sends an uplink; returns when."""
        at = time.time()
        self.gateway.push(device or self.one, at, False, round(celsius * 10))
        return at

    def alerts(self, query: str = "") -> dict[tuple[str, str], dict]:
        return {(row["device"], row["rule"]): row for row in self.server.request("GET", f"/v1/alerts{query}")["items"]}

    def wait_for(self, device: str, rule: str, state: str, seconds: float = 10.0) -> dict:
        def found() -> dict | None:
            row = self.alerts().get((device, rule))
            return row if row and row["state"] == state else None
        return wait_until(f"{rule} of {device} {state}", found, seconds)


def prove(data: str) -> None:
    for command in (["verify", data], ["replay", "--log", data]):
        done = subprocess.run([LENNE, *command, "--json"], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        print(f"{command[0]}: {done.stdout.strip()[:300]}")


def main() -> None:
    with Server() as server:
        assert all(result["action"] == "created" for result in server.apply(documents())), "the town is declared"
        town = Town(server)

        town.measure(25)
        town.measure(25, town.two)
        time.sleep(1)
        town.measure(29)
        town.wait_for("one", "hot", "pending")
        sent = town.measure(29.5)
        alert = town.wait_for("one", "hot", "firing")
        took = time.time() - sent
        print(f"seen {took * 1000:.0f} ms after the uplink was sent")
        assert took < SEEN_WITHIN_S, took
        assert alert["severity"] == "alarm" and alert["text"]["de"] == "Zu heiß" and alert["threshold"] == 28
        assert (alert["first"]["value"], alert["last"]["value"], alert["now"]["value"], alert["observations"]) == (29, 29.5, 29.5, 2)
        town.measure(35, town.two)
        town.measure(36, town.two)

        shown = json.loads(server.cli("get", "alerts"))["items"]
        assert [(row["device"], row["rule"]) for row in shown] == [("one", "hot")], "the other device has the rule's own threshold"
        server.cli("alert", "ack", town.one.eui, "hot", "--actor", "caretaker", "--note", "doors are closed now")
        alert = town.wait_for("one", "hot", "acknowledged")
        assert (alert["actor"], alert["note"]) == ("caretaker", "doors are closed now")
        again = subprocess.run([LENNE, "alert", "ack", town.one.eui, "hot"], env=server.environment(), capture_output=True, text=True, timeout=30)
        assert again.returncode == 1 and "not_firing" in again.stderr, again

        server.kill()
        server.start()
        town.gateway.move(server.udp_address)
        alert = town.wait_for("one", "hot", "acknowledged")
        assert alert["actor"] == "caretaker", "a killed server forgets nothing"

        town.measure(20)
        time.sleep(2.2)
        town.measure(20)
        alert = town.wait_for("one", "hot", "resolved")
        assert alert["extreme"]["value"] == 29.5
        changes = [change["state"] for change in server.request("GET", f"/v1/alerts/{town.one.eui}/hot")["changes"]]
        assert changes == ["resolved", "acknowledged", "firing", "pending"], changes

        stale = town.wait_for("two", "stale", "firing", 60)
        assert stale["silent_after_s"] == SILENT_AFTER_S and stale["last"] is None and stale["last_sample"], stale
        town.measure(41, town.two)
        town.wait_for("two", "stale", "resolved")
        time.sleep(1)
        town.measure(41, town.two)
        town.wait_for("two", "hot", "firing")
        server.apply([use_case(2, threshold=45)])
        assert town.wait_for("two", "hot", "resolved")["reason"] == "rule_changed"

        counters = server.counters()
        assert not any(count for name, count in counters.items() if "alerts_refused" in name), counters
        assert server.stop() == 0
        prove(f"{server.folder.name}/data")


main()
