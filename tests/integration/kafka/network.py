"""One network shared by several processes on Kafka, for tests that let them come and go."""
import time

from lenne import Server
from load import Load

PARTITIONS = 4  # as run.sh says


class Network:
    def __init__(self, common: str, settings: list[str]):
        self.common, self.settings, self.all = common, settings, {}

    def start(self, name: str, roles: str, *settings: str) -> Server:
        self.all[name] = Server(*self.settings, *settings, roles=roles, common=self.common)
        return self.all[name]

    def kill(self, name: str) -> float:
        return self.all.pop(name).kill()

    def end(self) -> None:
        """All of them in good order."""
        for name in list(self.all):
            assert self.all.pop(name).stop() == 0, name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """What still runs has been left by a failure, and says why."""
        for server in self.all.values():
            print(f"--- {server.roles}\n{server.stderr()}")
            server.__exit__()


def partitions_of(server: Server, role: str) -> int:
    return int(server.counters().get(f"lenne_storage_kafka_{role}_partitions_total", -1))


def shared_out(servers: list[Server], role: str) -> bool:
    """Each of them has a part, and together they have all."""
    parts = [partitions_of(server, role) for server in servers]
    return all(part > 0 for part in parts) and sum(parts) == PARTITIONS


def settle(load: Load, seconds: float, roles: dict[str, list[Server]]) -> None:
    """Works until the partitions of each role are shared out among its servers."""
    until = time.time() + seconds
    while not all(shared_out(servers, role) for role, servers in roles.items()):
        work(load, 500)
        assert time.time() < until, "not shared out: " + ", ".join(f"{role} {[partitions_of(s, role) for s in servers]}" for role, servers in roles.items())


def work(load: Load, acks: int) -> None:
    """With requests for downlinks in between."""
    for _ in range(5):
        load.ask()
        load.run(acks // 5, 60)
