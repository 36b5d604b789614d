#!/usr/bin/env python3
"""Datagrams of an encoder that shares nothing with Lenne (Python, AES from `cryptography`): good ones are accepted and decoded
right; frames with a wrong MIC, replayed, truncated, of unknown devices and gateways are refused and counted by reason."""
import base64
import json
import socket
import struct
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lenne import Server, wait_until  # noqa: E402

GATEWAYS = ["aa00000000000001", "aa00000000000002", "aa00000000000003"]
NWK, APP, APP_KEY = bytes.fromhex("11" * 16), bytes.fromhex("22" * 16), bytes.fromhex("33" * 16)
ADDR = 0x00A1B2C3
ABP, OTAA = "70b3d50000000001", "70b3d50000000002"
JOIN_EUI = "70b3d5000000ffff"


def aes(key: bytes, block: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def mic(key: bytes, message: bytes) -> bytes:
    code = CMAC(algorithms.AES(key))
    code.update(message)
    return code.finalize()[:4]


def crypt(key: bytes, addr: int, f_cnt: int, payload: bytes) -> bytes:
    out = b""
    for i in range(0, len(payload), 16):
        stream = aes(key, struct.pack("<B4xBIIxB", 1, 0, addr, f_cnt, i // 16 + 1))
        out += bytes(a ^ b for a, b in zip(payload[i:i + 16], stream))
    return out


def uplink(f_cnt: int, f_port: int, payload: bytes, nwk=NWK, app=APP, addr=ADDR) -> bytes:
    frame = struct.pack("<BIBHB", 0x40, addr, 0, f_cnt & 0xFFFF, f_port) + crypt(app, addr, f_cnt, payload)
    return frame + mic(nwk, struct.pack("<B4xBIIxB", 0x49, 0, addr, f_cnt, len(frame)) + frame)


class Gateway:
    def __init__(self, eui: str, server: tuple[str, int]):
        self.eui = bytes.fromhex(eui)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(server)
        self.token = 0
        self.inbox = []
        self.zero = time.time()

    def tmst(self) -> int:
        return int((time.time() - self.zero) * 1e6) % 2**32

    def send(self, kind: int, body: bytes = b"") -> bytes:
        self.token += 1
        token = struct.pack(">H", self.token % 65536)
        self.socket.send(b"\x02" + token + bytes([kind]) + self.eui + body)
        return token

    def answer(self, kind: int, token: bytes | None, seconds: float = 2.0) -> bytes | None:
        """The datagram of this kind (and token); others are kept."""
        end = time.time() + seconds
        while True:
            for datagram in self.inbox:
                if datagram[3] == kind and token in (None, datagram[1:3]):
                    self.inbox.remove(datagram)
                    return datagram
            self.socket.settimeout(max(0.001, end - time.time()))
            try:
                self.inbox.append(self.socket.recv(4096))
            except TimeoutError:
                return None

    def push(self, frame: bytes, frequency=868.1, tmst=None, **fields) -> bool:
        """Sends one frame; says whether it was acknowledged."""
        rx = {"tmst": self.tmst() if tmst is None else tmst, "chan": 0, "rfch": 0, "freq": frequency, "stat": 1, "modu": "LORA", "datr": "SF7BW125", "codr": "4/5",
              "rssi": -60, "lsnr": 9.5, "size": len(frame), "data": base64.b64encode(frame).decode(), **fields}
        return self.answer(1, self.send(0, json.dumps({"rxpk": [rx]}).encode())) is not None


def documents() -> list[dict]:
    device = {"kind": "Device", "tenant": "menden", "site": "rathaus", "profile": "room", "region": "EU868", "mac_version": "1.0.3", "reg_params": "A", "class": "A"}
    return [{"kind": "Tenant", "name": "menden", "title": "Menden"}, {"kind": "Site", "name": "rathaus", "tenant": "menden"},
            {"kind": "Profile", "name": "room", "schema": "elsys/ers", "nominal_interval_s": 600},
            *({"kind": "Gateway", "gateway_id": eui, "tenant": "menden", "name": eui[-2:]} for eui in GATEWAYS),
            {**device, "dev_eui": ABP, "join_eui": JOIN_EUI, "name": "abp", "activation": "ABP", "dev_addr": f"{ADDR:08x}", "nwk_s_key": NWK.hex(), "app_s_key": APP.hex()},
            {**device, "dev_eui": OTAA, "join_eui": JOIN_EUI, "name": "otaa", "activation": "OTAA", "app_key": APP_KEY.hex()}]


def join(server: Server, gateway: Gateway) -> tuple[int, bytes, bytes]:
    """Joins over UDP as a device would; returns DevAddr, NwkSKey, AppSKey."""
    gateway.answer(4, gateway.send(2))
    nonce = 0x1234
    request = struct.pack("<BQQH", 0, int(JOIN_EUI, 16), int(OTAA, 16), nonce)
    request += mic(APP_KEY, request)
    sent = gateway.tmst()
    assert gateway.push(request, tmst=sent)
    datagram = gateway.answer(3, None, 8)
    assert datagram, "no PULL_RESP for the join-request"
    gateway.socket.send(b"\x02" + datagram[1:3] + b"\x05" + gateway.eui + b'{"txpk_ack":{"error":"NONE"}}')
    packet = json.loads(datagram[4:])["txpk"]
    assert (packet["tmst"] - sent) % 2**32 in (5_000_000, 6_000_000), packet
    assert packet["ipol"] is True and packet["ncrc"] is True and packet["powe"] <= 27, packet
    accept = base64.b64decode(packet["data"])
    clear = accept[:1] + b"".join(aes(APP_KEY, accept[i:i + 16]) for i in range(1, len(accept), 16))
    assert mic(APP_KEY, clear[:-4]) == clear[-4:], "the join-accept's MIC"
    join_nonce, net_id, addr = clear[1:4], clear[4:7], struct.unpack("<I", clear[7:11])[0]
    assert int.from_bytes(join_nonce, "little") == 1, "JoinNonce starts at 1"
    keys = [aes(APP_KEY, bytes([kind]) + join_nonce + net_id + struct.pack("<H", nonce) + bytes(7)) for kind in (1, 2)]
    # The same request once more, long after its copies could come: a replayed nonce. The session must not change.
    time.sleep(3)
    gateway.push(request)
    wait_until("the replayed nonce to be refused", lambda: any("nonce" in name for name, value in refused(server).items() if value))
    return addr, *keys


def refused(server: Server) -> dict[str, float]:
    return {name: value for name, value in server.counters().items() if "refused" in name}


def main() -> int:
    with Server("auth.anonymous=none") as server:
        results = server.apply(documents())
        assert all(result["action"] == "created" for result in results), results
        assert all(result["action"] == "unchanged" for result in server.apply(documents())), "applied again, nothing changes"
        one, two, three = (Gateway(eui, server.udp_address) for eui in GATEWAYS)
        wait_until("gateways to be known", lambda: one.push(uplink(0, 5, bytes.fromhex("0100e2"))), 10)

        def events(kind: str) -> list[dict]:
            return server.lines("events", "--json", "--type", kind, "--from", "beginning")

        # Good: temperature 22.6 °C, humidity 41 %; three gateways, one uplink, one reception of three.
        payload = bytes.fromhex("0100e20229")
        frame = uplink(1, 5, payload)
        tmst = [gateway.tmst() for gateway in (one, two, three)]
        for gateway, at in zip((one, two, three), tmst):
            assert gateway.push(frame, tmst=at)
        found = wait_until("the uplink", lambda: [e for e in events("uplink") if e["f_cnt"] == 1])
        assert len(found) == 1, found
        event = found[0]
        assert event["payload"] == payload.hex() and event["f_port"] == 5 and event["dev_eui"] == ABP and event["dev_addr"] == f"{ADDR:08x}", event
        assert event["decoded"]["temperature"] == 22.6 and event["decoded"]["humidity"] == 41, event
        assert event["data_rate"] == "SF7BW125" and event["frequency"] == 868_100_000 and event["gateway_id"] == GATEWAYS[0] and event["snr"] == 9.5, event
        reception = wait_until("the reception", lambda: [e for e in events("reception") if e["f_cnt"] == 1])
        assert len(reception) == 1 and len(reception[0]["gateways"]) == 3, reception

        # Bad ones: none becomes an uplink, each has its counter.
        before = refused(server)
        assert one.push(frame[:-1] + bytes([frame[-1] ^ 1]), tmst=7), "a frame with a wrong MIC is still acknowledged"
        time.sleep(2.5)
        assert two.push(uplink(0, 5, payload)), "a replay"
        assert one.push(uplink(2, 5, payload)[:9]), "a truncated frame"
        assert one.push(uplink(2, 5, payload, addr=0x00DEAD01)), "an unknown device"
        stranger = Gateway("bb00000000000009", server.udp_address)
        assert not stranger.push(uplink(2, 5, payload)), "an unknown gateway is not acknowledged"
        one.push(uplink(2, 5, payload), stat=-1)
        one.push(uplink(2, 5, payload), size=99)
        wait_until("six refusals", lambda: sum(refused(server).values()) - sum(before.values()) >= 6)
        for name, value in sorted(refused(server).items()):
            if value > before.get(name, 0):
                print(f"  {name}: {value:.0f}")
        assert {e["f_cnt"] for e in events("uplink")} <= {0, 1}, events("uplink")

        # Rollover of the 16 bits on air within the allowed gap: 1 -> 16000 -> … -> 65536.
        for f_cnt in (16_000, 32_000, 48_000, 64_000, 65_535, 65_536):
            assert one.push(uplink(f_cnt, 5, payload))
        wait_until("65536", lambda: [e for e in events("uplink") if e["f_cnt"] == 65_536])

        addr, nwk, app = join(server, one)
        assert one.push(uplink(0, 5, bytes.fromhex("0100ff"), nwk, app, addr))
        first = wait_until("the first uplink after the join", lambda: [e for e in events("uplink") if e["dev_eui"] == OTAA])
        assert first[0]["decoded"]["temperature"] == 25.5, first
        joins = events("join")
        assert len(joins) == 1 and joins[0]["dev_addr"] == f"{addr:08x}", joins
        assert server.stop() == 0
    print("encoder: accepted what is right, refused what is wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
