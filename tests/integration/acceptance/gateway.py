"""A virtual gateway: a packet forwarder that speaks Semtech UDP (versions 1 and 2), judges each PULL_RESP as a radio would
have to, and puts on air only what the device it last heard is listening for."""
import asyncio
import base64
import json
import math
import struct
import time
from dataclasses import dataclass

PUSH_DATA, PUSH_ACK, PULL_DATA, PULL_RESP, PULL_ACK, TX_ACK = range(6)
PULL_EVERY_S = 5.0


@dataclass(frozen=True)
class Radio:
    hz: int
    data_rate: str | int  # SF7BW125, or bit/s of FSK


def airtime_s(radio: Radio, size: int) -> float:
    """Of a LoRa downlink (SX1276 data sheet, 4.1.1.7): preamble of 8, explicit header, no CRC, 4/5, low data rate optimisation at SF11 and SF12."""
    if isinstance(radio.data_rate, int):
        return (5 + 3 + 1 + size + 2) * 8 / radio.data_rate
    factor, bandwidth = (int(part) for part in radio.data_rate.removeprefix("SF").split("BW"))
    symbol_s = 2**factor / (bandwidth * 1e3)
    slow = 1 if symbol_s > 0.016 else 0
    payload = 8 + max(0, math.ceil((8 * size - 4 * factor + 28) / (4 * (factor - 2 * slow))) * 5)
    return (8 + 4.25 + payload) * symbol_s


def row(phy: bytes, radio: Radio, tmst: int, rssi: int = -60, snr: float = 9.5) -> dict:
    """A frame as an element of rxpk."""
    modulation = {"modu": "FSK"} if isinstance(radio.data_rate, int) else {"modu": "LORA", "codr": "4/5", "lsnr": snr}
    return {"tmst": tmst, "chan": 0, "rfch": 0, "freq": radio.hz / 1e6, "stat": 1, "datr": radio.data_rate, **modulation, "rssi": rssi, "size": len(phy),
            "data": base64.b64encode(phy).decode()}


@dataclass(frozen=True)
class Window:
    """When and how a device listens: a value of the gateway's counter, or nothing for always (class C)."""
    name: str
    tmst: int | None
    radio: Radio


@dataclass(frozen=True)
class Transmission:
    """A PULL_RESP and what became of it."""
    window: str  # rx1, rx2, at once
    phy: bytes
    radio: Radio
    power: int
    lead_s: float  # how long before the transmission it arrived
    answer: str | None  # the TX_ACK's error; none was sent when absent
    on_air: bool


class Gateway:
    def __init__(self, eui: str, version: int = 2, tmst: int = 1_000_000, drift_ppm: float = 0.0, silent: bool = False):
        """`tmst` is where its counter of microseconds stands now; `silent` sends, but never a TX_ACK."""
        self.eui, self.version, self.silent = eui, version, silent
        self.refuse_with: list[str] = []  # error words for the next PULL_RESPs, which are not sent then
        self.transmissions: list[Transmission] = []
        self.violations: list[str] = []
        self.windows: list[Window] = []
        self.listener = None  # the device heard last
        self.last_token = 0
        self._zero, self._start, self._rate = time.monotonic(), tmst, 1 + drift_ppm * 1e-6
        self._token = int(eui[-4:], 16)
        self._waiting: dict[tuple[int, int], asyncio.Future] = {}
        self._busy: list[tuple[float, float]] = []
        self._tasks: set[asyncio.Task] = set()
        self._transport = None

    async def open(self, server: tuple[str, int], pull: bool = True) -> None:
        gateway = self

        class Protocol(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, _address) -> None:
                gateway._received(data)

        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Protocol, remote_addr=server)
        if pull:
            assert await self._ask(PULL_DATA, PULL_ACK), f"{self.eui}: no PULL_ACK"
            self._spawn(self._keep_path_open())

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._transport:
            self._transport.close()

    async def move(self, server: tuple[str, int]) -> None:
        """Goes on from another port, as behind a NAT that forgot it."""
        self._transport.close()
        await self.open(server)

    def start_counter(self, tmst: int) -> None:
        """The counter stands at `tmst` now: a forwarder that began anew."""
        self._zero, self._start = time.monotonic(), tmst

    def tmst_at(self, moment: float) -> int:
        """The counter at a moment of time.monotonic()."""
        return (self._start + int((moment - self._zero) * 1e6 * self._rate)) % 2**32

    async def push(self, rxpk: list[dict]) -> bool:
        """Says whether it was acknowledged."""
        return await self.push_body(json.dumps({"rxpk": rxpk}).encode())

    async def push_body(self, body: bytes) -> bool:
        return await self._ask(PUSH_DATA, PUSH_ACK, body)

    async def hear(self, phy: bytes, radio: Radio, rssi: int = -60, snr: float = 9.5, moment: float | None = None, **more) -> bool:
        """Passes a frame on that ended at `moment`; says whether it was acknowledged."""
        tmst = self.tmst_at(time.monotonic() if moment is None else moment)
        return await self.push([{**row(phy, radio, tmst, rssi, snr), **more}])

    def acknowledge(self, token: int, error: str) -> None:
        self.last_token = token
        self._transport.sendto(self._datagram(TX_ACK, token, json.dumps({"txpk_ack": {"error": error}}).encode()))

    def _datagram(self, kind: int, token: int, body: bytes = b"") -> bytes:
        return struct.pack(">BHB", self.version, token, kind) + bytes.fromhex(self.eui) + body

    async def _ask(self, kind: int, answer: int, body: bytes = b"", seconds: float = 3.0) -> bool:
        self._token = (self._token + 1) % 65536
        key = (answer, self._token)
        self._waiting[key] = asyncio.get_running_loop().create_future()
        self._transport.sendto(self._datagram(kind, self._token, body))
        try:
            async with asyncio.timeout(seconds):
                await self._waiting[key]
            return True
        except TimeoutError:
            return False
        finally:
            del self._waiting[key]

    async def _keep_path_open(self) -> None:
        while True:
            await asyncio.sleep(PULL_EVERY_S)
            await self._ask(PULL_DATA, PULL_ACK)

    def _spawn(self, work) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _received(self, datagram: bytes) -> None:
        arrived = time.monotonic()
        version, token, kind = struct.unpack(">BHB", datagram[:4])
        if version != self.version:
            self.violations.append(f"{self.eui} speaks version {self.version} and got {version}: {datagram!r}")
        if kind == PULL_RESP:
            return self._transmit(token, json.loads(datagram[4:])["txpk"], arrived)
        future = self._waiting.get((kind, token))
        if future and not future.done():
            future.set_result(None)

    def _transmit(self, token: int, packet: dict, arrived: float) -> None:
        window, wrong = self._judge(packet)
        if wrong:
            self.violations.append(f"{self.eui}: {wrong}: {packet} among {self.windows}")
            return
        phy = base64.b64decode(packet["data"])
        # The counter's difference as a signed number: it may wrap in between.
        lead_s = 0.0 if packet.get("imme") else ((packet["tmst"] - self.tmst_at(arrived) + 2**31) % 2**32 - 2**31) / 1e6
        radio = Radio(round(packet["freq"] * 1e6), packet["datr"])
        starts = arrived + max(lead_s, 0.0)
        ends = starts + airtime_s(radio, len(phy))
        error = self.refuse_with.pop(0) if self.refuse_with else "TOO_LATE" if lead_s < 0 else "NONE"
        if error == "NONE" and any(begin < ends and starts < end for begin, end in self._busy):
            self.violations.append(f"{self.eui}: two transmissions at one time: {packet}")
        answer = None
        if self.version == 2 and not self.silent:
            answer = error
            self.acknowledge(token, error)
        self.transmissions.append(Transmission(window.name, phy, radio, packet["powe"], lead_s, answer, error == "NONE"))
        if error != "NONE":
            return
        self._busy.append((starts, ends))
        self._spawn(self._put_on_air(self.listener, window, phy, starts))

    async def _put_on_air(self, device, window: Window, phy: bytes, starts: float) -> None:
        await asyncio.sleep(max(0.0, starts - time.monotonic()))
        device.hear(phy, window.name)

    def _judge(self, packet: dict) -> tuple[Window | None, str | None]:
        """The window that a PULL_RESP is for, or what is wrong with it."""
        if isinstance(packet["datr"], int):
            if packet.get("modu") != "FSK" or packet.get("fdev") != 25_000:
                return None, "not a LoRaWAN downlink in FSK: modu, fdev"
        elif not (packet.get("ipol") is True and packet.get("ncrc") is True and packet.get("codr") == "4/5" and packet.get("modu") == "LORA"):
            return None, "not a LoRaWAN downlink: ipol, ncrc, codr 4/5, modu LORA"
        if not packet.get("powe", 99) <= 27:
            return None, "more power than a forwarder's table holds"
        if packet.get("rfch") != 0 or len(base64.b64decode(packet["data"], validate=True)) != packet.get("size"):
            return None, "rfch or size"
        radio = Radio(round(packet["freq"] * 1e6), packet["datr"])
        if packet.get("imme") and "tmst" in packet:
            return None, "imme and tmst at once"
        by_time = [window for window in self.windows if window.tmst is not None and window.tmst == packet.get("tmst")]
        for window in by_time:
            return (window, None) if window.radio == radio else (None, f"not the radio of {window.name}")
        for window in self.windows:
            if window.tmst is None:
                return (window, None) if window.radio == radio else (None, f"not the radio of {window.name}")
        return None, "at a time when no device listens"
