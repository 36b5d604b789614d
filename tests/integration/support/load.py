"""A generator that keeps a bounded number of uplinks in flight, both ways, and writes down what was acknowledged. It shares
no code with Lenne."""
import base64
import collections
import json
import random
import select
import socket
import struct
import time
import urllib.error

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from lenne import Server, wait_until

DEVICES, GATEWAYS = 400, 20
NWK, APP = algorithms.AES(bytes(range(16))), algorithms.AES(bytes(range(16, 32)))


def mic(message: bytes) -> bytes:
    code = CMAC(NWK)
    code.update(message)
    return code.finalize()[:4]


def crypt(addr: int, f_cnt: int, payload: bytes, down: int) -> bytes:
    blocks = b"".join(struct.pack("<B4xBIIxB", 1, down, addr, f_cnt, i // 16 + 1) for i in range(0, len(payload), 16))
    stream = Cipher(APP, modes.ECB()).encryptor().update(blocks)
    return bytes(a ^ b for a, b in zip(payload, stream))


def frame_of(addr: int, f_cnt: int, payload: bytes, confirmed: bool) -> bytes:
    frame = struct.pack("<BIBHB", 0x80 if confirmed else 0x40, addr, 0, f_cnt, 5) + crypt(addr, f_cnt, payload, 0)
    return frame + mic(struct.pack("<B4xBIIxB", 0x49, 0, addr, f_cnt, len(frame)) + frame)


class Device:
    def __init__(self, number: int):
        self.number = number
        self.eui = f"70b3d5000000{number:04x}"
        self.addr = 0x00A00000 + number
        self.f_cnt = 0


class Gateway:
    def __init__(self, number: int, server: tuple[str, int]):
        self.eui = f"aa000000000000{number:02x}"
        self.number = number
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.server = server
        self.socket.connect(server)
        self.socket.setblocking(False)
        self.token = 0
        self.open = {}  # token -> (device, f_cnt, sent at)
        self.late = {}  # the same, of those that others are sent instead of: on a slow machine their answer comes yet
        self.pulled = 0.0

    def move(self, server: tuple[str, int]) -> None:
        """Its operator, or a load balancer, gives it another server."""
        self.server = server
        self.socket.connect(server)
        self.pulled = 0.0

    def send(self, kind: int, token: int, body: bytes = b"") -> None:
        try:
            self.socket.send(b"\x02" + struct.pack(">H", token) + bytes([kind]) + bytes.fromhex(self.eui) + body)
        except (ConnectionRefusedError, BlockingIOError):
            pass  # nobody there: it was killed

    def pull(self, now: float) -> None:
        if now - self.pulled > 2:
            self.pulled = now
            self.send(2, 0)

    def push(self, device: Device, now: float, confirmed: bool, temperature: int) -> None:
        self.token = (self.token + 1) % 65536
        frame = frame_of(device.addr, device.f_cnt, struct.pack(">Bh", 1, temperature), confirmed)
        channel = (8681, 8683, 8671, 8673)[device.number % 4]
        rx = {"tmst": int(now * 1e6) % 2**32, "chan": 0, "rfch": 0, "freq": channel / 10, "stat": 1, "modu": "LORA", "datr": "SF7BW125", "codr": "4/5",
              "rssi": -60, "lsnr": 9.5, "size": len(frame), "data": base64.b64encode(frame).decode()}
        self.late.pop(self.token, None)
        self.open[self.token] = (device, device.f_cnt, now)
        device.f_cnt += 1
        self.send(0, self.token, json.dumps({"rxpk": [rx]}).encode())


class Load:
    """Keeps a bounded number of uplinks in flight, and writes down what happened."""

    def __init__(self, server: Server, dice: random.Random, ingest: list[Server] | None = None):
        """`server` answers requests; gateways take turns with the servers of `ingest`, if these are others. A device is heard by gateways of
        one of them: two could pass on its frames in another order, as it sends the next one before the last one is known to be stored."""
        ingest = ingest or [server]
        self.server, self.dice = server, dice
        self.devices = [Device(n) for n in range(DEVICES)]
        self.gateways = [Gateway(n, ingest[n % len(ingest)].udp_address) for n in range(GATEWAYS)]
        self.sent = {}           # (eui, f_cnt) -> when
        self.acknowledged = set()
        self.frames = collections.defaultdict(set)  # (addr, FCntDown) -> frames
        self.asked = {}          # request_id -> payload
        self.next = [0] * len(ingest)

    def receive(self, gateway: Gateway) -> None:
        while True:
            try:
                datagram = gateway.socket.recv(4096)
            except (BlockingIOError, ConnectionRefusedError):
                return
            token = struct.unpack(">H", datagram[1:3])[0]
            answered = gateway.open.pop(token, None) or gateway.late.pop(token, None) if datagram[3] == 1 else None
            if answered:
                device, f_cnt, _ = answered
                self.acknowledged.add((device.eui, f_cnt))
            elif datagram[3] == 3:
                gateway.send(5, token)
                phy = base64.b64decode(json.loads(datagram[4:])["txpk"]["data"])
                addr, _, f_cnt = struct.unpack("<IBH", phy[1:8])
                self.frames[addr, f_cnt].add(phy)

    def run(self, acks: int, seconds: float, after: float = 0.0) -> None:
        """Until so many more were acknowledged, and for some random time after that."""
        goal, end, last = len(self.acknowledged) + acks, time.time() + seconds, None
        while time.time() < end:
            now = time.time()
            if len(self.acknowledged) >= goal:
                last = last or now + after
                if now >= last:
                    return
            for gateway in self.gateways:
                gateway.pull(now)
                for token in [t for t, (_, _, at) in gateway.open.items() if now - at > 2]:
                    gateway.late[token] = gateway.open.pop(token)
                while len(gateway.open) < 16:
                    group = gateway.number % len(self.next)
                    device = self.devices[self.next[group] * len(self.next) + group]
                    self.next[group] = (self.next[group] + 1) % (DEVICES // len(self.next))
                    self.sent[device.eui, device.f_cnt] = now
                    gateway.push(device, now, confirmed=device.f_cnt % 5 == 4, temperature=self.dice.randint(-300, 400))
            for gateway in select.select(self.gateways_by_socket(), [], [], 0.01)[0]:
                self.receive(self.by_socket[gateway])
        assert len(self.acknowledged) >= goal, f"{acks} acknowledgements did not come within {seconds} s"

    def gateways_by_socket(self) -> list[socket.socket]:
        self.by_socket = {gateway.socket: gateway for gateway in self.gateways}
        return list(self.by_socket)

    def listen(self, seconds: float) -> None:
        end = time.time() + seconds
        while time.time() < end:
            for gateway in self.gateways:
                gateway.pull(time.time())
                self.receive(gateway)
            time.sleep(0.02)

    def published(self, seconds: float = 60) -> list[dict]:
        """All uplink events, once everything that was acknowledged is among them."""
        def complete() -> list[dict] | None:
            events = self.server.lines("events", "--json", "--type", "uplink", "--from", "beginning")
            self.missing = self.acknowledged - {(e["dev_eui"], e["f_cnt"]) for e in events}
            return None if self.missing else events
        try:
            return wait_until("all acknowledged uplinks", complete, seconds)
        except AssertionError:
            print(f"missing {len(self.missing)}, sent at {sorted(self.sent[key] for key in self.missing)[:5]} {sorted(self.missing)[:10]}")
            raise

    def ask(self) -> None:
        device = self.dice.choice(self.devices)
        payload = f"{len(self.asked):08x}" + self.dice.randbytes(2).hex()
        try:
            answer = self.server.request("POST", f"/v1/devices/{device.eui}/downlinks", {"f_port": 9, "payload": payload})
            self.asked[answer["request_id"]] = payload
        except (urllib.error.HTTPError, urllib.error.URLError, ConnectionError):
            pass


def documents() -> list[dict]:
    device = {"kind": "Device", "tenant": "menden", "profile": "room", "region": "EU868", "mac_version": "1.0.4", "activation": "ABP",
              "join_eui": "00" * 8, "nwk_s_key": bytes(range(16)).hex(), "app_s_key": bytes(range(16, 32)).hex()}
    return [{"kind": "Tenant", "name": "menden"}, {"kind": "Profile", "name": "room", "schema": "elsys/ers", "nominal_interval_s": 10},
            *({"kind": "Gateway", "gateway_id": f"aa000000000000{n:02x}", "tenant": "menden"} for n in range(GATEWAYS)),
            *({**device, "dev_eui": d.eui, "name": d.eui, "dev_addr": f"{d.addr:08x}"} for d in map(Device, range(DEVICES)))]
