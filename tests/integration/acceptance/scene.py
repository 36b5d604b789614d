"""What scenarios share: one server, its events as they come, its commands; and for each scenario a scene of its own with its
own devices and gateways, so that scenarios do not meet."""
import asyncio
import json
import random
from pathlib import Path

import yaml

import lorawan
from device import Device, Downlink, Heard, document
from gateway import Gateway
from lenne import LENNE, Server

TENANT = "menden"
JOIN_EUI = "70b3d5000000ffff"
SCENARIOS = []


def scenario(function):
    """Runs beside the others against the one server that they share."""
    SCENARIOS.append((function, None))
    return function


def alone(*settings: str):
    """Runs on a server of its own, started with these settings."""
    def register(function):
        SCENARIOS.append((function, settings))
        return function
    return register



class Finished:
    """A command that has ended."""

    def __init__(self, code: int, out: str, err: str):
        self.code, self.out, self.err = code, out, err

    def __repr__(self) -> str:
        return f"exit {self.code}\n{self.out[-1500:]}{self.err[-1500:]}"


class Network:
    """A running server and `lenne events --follow` on it."""

    def __init__(self, server: Server):
        self.server = server
        self.events: list[dict] = []
        self._more = asyncio.Condition()
        self._follower = None
        self._tasks: list[asyncio.Task] = []

    async def follow(self) -> None:
        self._follower = await asyncio.create_subprocess_exec(
            LENNE, "events", "--json", "--follow", "--from", "beginning", env=self.server.environment(), stdout=asyncio.subprocess.PIPE, limit=1 << 20)
        self._tasks.append(asyncio.create_task(self._read()))

    async def _read(self) -> None:
        async for line in self._follower.stdout:
            async with self._more:
                self.events.append(json.loads(line))
                self._more.notify_all()

    async def close(self) -> None:
        if self._follower and self._follower.returncode is None:
            self._follower.terminate()
            await self._follower.wait()
        for task in self._tasks:
            await task
        self._tasks.clear()

    async def restart(self) -> None:
        """kill -9 and a start on the same ports and data; events are read again from the beginning."""
        await asyncio.to_thread(self.server.kill)
        await self.close()
        self.events.clear()
        await asyncio.to_thread(self.server.start)
        await self.follow()

    async def command(self, *arguments: str, token: str | None = None, seconds: float = 60) -> Finished:
        environment = self.server.environment()
        if token is not None:
            environment["LENNE_TOKEN"] = token
        process = await asyncio.create_subprocess_exec(LENNE, *arguments, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        async with asyncio.timeout(seconds):
            out, err = await process.communicate()
        return Finished(process.returncode, out.decode(), err.decode())

    async def apply(self, documents: list[dict], *flags: str, token: str | None = None) -> Finished:
        path = Path(self.server.folder.name) / f"{random.randrange(1 << 48):012x}.yaml"
        path.write_text(yaml.safe_dump(documents))
        return await self.command("apply", str(path), *flags, token=token)

    async def refusals(self) -> float:
        """All that the server says it refused, whatever it was."""
        counters = await asyncio.to_thread(self.server.counters)
        return sum(value for name, value in counters.items() if "refused" in name)

    def seen(self, kind: str, **fields) -> list[dict]:
        return [event for event in self.events if event["type"] == kind and all(event.get(name) == value for name, value in fields.items())]

    async def event(self, kind: str, count: int = 1, seconds: float = 15, **fields) -> dict:
        """The `count`th event of a kind with these fields, as soon as it is there."""
        try:
            async with asyncio.timeout(seconds), self._more:
                await self._more.wait_for(lambda: len(self.seen(kind, **fields)) >= count)
        except TimeoutError:
            near = [event for event in self.events if event.get("dev_eui") == fields.get("dev_eui")][-12:]
            raise AssertionError(f"no {kind} event number {count} with {fields} in {seconds} s; of this device: " + "\n  ".join(map(json.dumps, near))) from None
        return self.seen(kind, **fields)[count - 1]


class Scene:
    """One scenario's devices and gateways. Numbers are its own, so several run at the same time on one server."""

    def __init__(self, network: Network, number: int):
        self.network, self.number = network, number
        self.dice = random.Random(number)
        self.gateways: list[Gateway] = []
        self.undeclared: set[str] = set()
        self.devices: list[Device] = []
        self.answers, self.late = 0, 0

    def gateway(self, declared: bool = True, **how) -> Gateway:
        gateway = Gateway(f"aa0000000000{self.number:02x}{len(self.gateways) + 1:02x}", **how)
        self.gateways.append(gateway)
        if not declared:
            self.undeclared.add(gateway.eui)
        return gateway

    def _eui(self) -> str:
        return f"70b3d50000{self.number:02x}{len(self.devices) + 1:04x}"

    def _add(self, device: Device) -> Device:
        self.devices.append(device)
        return device

    def otaa(self, *reach: Heard | Gateway, **how) -> Device:
        return self._add(Device(self._eui(), JOIN_EUI, _heard(reach), app_key=self.dice.randbytes(16), **how))

    def abp(self, *reach: Heard | Gateway, dev_addr: int | None = None, **how) -> Device:
        addr = dev_addr if dev_addr is not None else 0x01000000 | self.number << 16 | len(self.devices) << 8 | self.dice.randrange(256)
        return self._add(Device(self._eui(), JOIN_EUI, _heard(reach), dev_addr=addr, keys=lorawan.SessionKeys.of_1_0(self.dice.randbytes(16), self.dice.randbytes(16)), **how))

    async def begin(self, **fields) -> None:
        """Declares all gateways and devices; `fields` go into each device's document."""
        await self.declare(**fields)
        for gateway in self.gateways:
            await gateway.open(self.network.server.udp_address)

    async def declare(self, **fields) -> None:
        documents = [{"kind": "Gateway", "gateway_id": gateway.eui, "tenant": TENANT, "name": gateway.eui[-4:]} for gateway in self.gateways if gateway.eui not in self.undeclared]
        documents += [document(device, TENANT, **fields) for device in self.devices]
        done = await self.network.apply(documents)
        assert done.code == 0, done

    async def downlink(self, device: Device, f_port: int, payload: bytes, *flags: str) -> None:
        done = await self.network.command("downlink", device.dev_eui, str(f_port), payload.hex(), *flags)
        assert done.code == 0, done

    async def event(self, kind: str, device: Device, count: int = 1, **fields) -> dict:
        return await self.network.event(kind, count, dev_eui=device.dev_eui, **fields)

    def seen(self, kind: str, device: Device, **fields) -> list[dict]:
        return self.network.seen(kind, dev_eui=device.dev_eui, **fields)

    async def fence(self, device: Device) -> None:
        """One more uplink, published with its reception: whatever the device's earlier frames caused is published before it."""
        mark = self.dice.randbytes(6)
        await device.send(5, mark)
        published = await self.event("uplink", device, payload=mark.hex())
        await self.event("reception", device, id=published["id"])

    def in_rx1(self, answer: Downlink | None) -> bool:
        """Whether a downlink came in RX1; true also for RX2 when the machine was too slow for RX1, which is counted (`late`)."""
        if answer is None or answer.window not in ("rx1", "rx2"):
            return False
        self.answers += 1
        self.late += answer.window == "rx2"
        return True

    def check(self) -> None:
        wrong = [violation for each in (*self.gateways, *self.devices) for violation in each.violations]
        assert not wrong, "against the specification:\n  " + "\n  ".join(wrong)

    def close(self) -> None:
        for gateway in self.gateways:
            gateway.close()


def _heard(reach: tuple[Heard | Gateway, ...]) -> list[Heard]:
    return [each if isinstance(each, Heard) else Heard(each) for each in reach]
