"""LoRaWAN frames as the specification writes them (1.0.x: TS001-1.0.4, 1.1: TS001-1.1 with the errata on FOpts encryption),
for tests: bytes from fields and fields from bytes. It shares no code with Lenne; AES and CMAC are those of `cryptography`.

EUIs, DevAddr, NetID and nonces are integers, keys and payloads bytes."""
import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

UP, DOWN = 0, 1
JOIN_REQUEST, JOIN_ACCEPT, UNCONFIRMED_UP, UNCONFIRMED_DOWN, CONFIRMED_UP, CONFIRMED_DOWN, REJOIN_REQUEST, PROPRIETARY = range(8)


def encrypt_block(key: bytes, block: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def decrypt_block(key: bytes, block: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    return decryptor.update(block) + decryptor.finalize()


def cmac4(key: bytes, message: bytes) -> bytes:
    """The first four bytes of AES-CMAC: a MIC."""
    code = CMAC(algorithms.AES(key))
    code.update(message)
    return code.finalize()[:4]


def le24(number: int) -> bytes:
    return number.to_bytes(3, "little")


@dataclass(frozen=True)
class SessionKeys:
    """Of a 1.1 session; in a 1.0 session the three network keys are one, NwkSKey."""
    f_nwk_s_int: bytes
    s_nwk_s_int: bytes
    nwk_s_enc: bytes
    app_s: bytes

    @classmethod
    def of_1_0(cls, nwk_s: bytes, app_s: bytes) -> "SessionKeys":
        return cls(nwk_s, nwk_s, nwk_s, app_s)


def session_1_0(app_key: bytes, join_nonce: int, net_id: int, dev_nonce: int) -> SessionKeys:
    """6.2.5 of 1.0.4: 0x01 gives NwkSKey, 0x02 AppSKey."""
    def derive(kind: int) -> bytes:
        return encrypt_block(app_key, bytes([kind]) + le24(join_nonce) + le24(net_id) + struct.pack("<H", dev_nonce) + bytes(7))
    return SessionKeys.of_1_0(derive(1), derive(2))


def session_1_1(app_key: bytes, nwk_key: bytes, join_nonce: int, join_eui: int, dev_nonce: int) -> SessionKeys:
    """6.2.5 of 1.1, OptNeg set."""
    def derive(key: bytes, kind: int) -> bytes:
        return encrypt_block(key, bytes([kind]) + le24(join_nonce) + struct.pack("<QH", join_eui, dev_nonce) + bytes(2))
    return SessionKeys(derive(nwk_key, 1), derive(nwk_key, 3), derive(nwk_key, 4), derive(app_key, 2))


def js_int_key(nwk_key: bytes, dev_eui: int) -> bytes:
    return encrypt_block(nwk_key, b"\x06" + struct.pack("<Q", dev_eui) + bytes(7))


def js_enc_key(nwk_key: bytes, dev_eui: int) -> bytes:
    return encrypt_block(nwk_key, b"\x05" + struct.pack("<Q", dev_eui) + bytes(7))


def join_request(key: bytes, join_eui: int, dev_eui: int, dev_nonce: int) -> bytes:
    message = struct.pack("<BQQH", JOIN_REQUEST << 5, join_eui, dev_eui, dev_nonce)
    return message + cmac4(key, message)


def rejoin_request(key: bytes, kind: int, first: int, dev_eui: int, rj_count: int) -> bytes:
    """`first` is the NetID of kind 0 and 2, the JoinEUI of kind 1."""
    identity = struct.pack("<Q", first) if kind == 1 else le24(first)
    message = bytes([REJOIN_REQUEST << 5, kind]) + identity + struct.pack("<QH", dev_eui, rj_count)
    return message + cmac4(key, message)


@dataclass(frozen=True)
class JoinAccept:
    join_nonce: int
    net_id: int
    dev_addr: int
    dl_settings: int
    rx_delay: int
    cf_list: bytes = b""

    def fields(self) -> bytes:
        return le24(self.join_nonce) + le24(self.net_id) + struct.pack("<IBB", self.dev_addr, self.dl_settings, self.rx_delay) + self.cf_list


def join_accept(accept: JoinAccept, key: bytes, js_int: bytes | None = None, join_req_type: int = 0xFF, join_eui: int = 0, dev_nonce: int = 0) -> bytes:
    """Encrypted with `key`. With `js_int` the MIC is that of 1.1 with OptNeg, else that of 1.0."""
    header = bytes([JOIN_ACCEPT << 5])
    if js_int is None:
        mic = cmac4(key, header + accept.fields())
    else:
        mic = cmac4(js_int, struct.pack("<BQH", join_req_type, join_eui, dev_nonce) + header + accept.fields())
    clear = accept.fields() + mic
    return header + b"".join(decrypt_block(key, clear[i:i + 16]) for i in range(0, len(clear), 16))


def open_join_accept(frame: bytes, key: bytes) -> JoinAccept:
    """Of 1.0. Raises ValueError when the length or the MIC is wrong."""
    if len(frame) not in (17, 33) or frame[0] != JOIN_ACCEPT << 5:
        raise ValueError(f"no join-accept: {frame.hex()}")
    clear = b"".join(encrypt_block(key, frame[i:i + 16]) for i in range(1, len(frame), 16))
    if cmac4(key, frame[:1] + clear[:-4]) != clear[-4:]:
        raise ValueError("the join-accept's MIC is wrong")
    return JoinAccept(int.from_bytes(clear[0:3], "little"), int.from_bytes(clear[3:6], "little"), *struct.unpack("<IBB", clear[6:12]), clear[12:-4])


@dataclass(frozen=True)
class DataFrame:
    """All that a data frame says, in clear."""
    direction: int
    dev_addr: int
    f_cnt: int  # all 32 bits
    confirmed: bool = False
    adr: bool = False
    adr_ack_req: bool = False  # up
    ack: bool = False
    f_pending: bool = False  # down
    class_b: bool = False  # up; the same bit as f_pending
    f_opts: bytes = b""
    f_port: int | None = None
    payload: bytes = b""

    def header(self, f_opts: bytes) -> bytes:
        kind = {(UP, False): UNCONFIRMED_UP, (UP, True): CONFIRMED_UP, (DOWN, False): UNCONFIRMED_DOWN, (DOWN, True): CONFIRMED_DOWN}[self.direction, self.confirmed]
        control = self.adr << 7 | self.adr_ack_req << 6 | self.ack << 5 | (self.f_pending or self.class_b) << 4 | len(f_opts)
        return struct.pack("<BIBH", kind << 5, self.dev_addr, control, self.f_cnt & 0xFFFF) + f_opts


def key_stream(key: bytes, direction: int, dev_addr: int, f_cnt: int, size: int) -> bytes:
    """4.3.3: the A blocks."""
    blocks = (struct.pack("<B4xBIIxB", 1, direction, dev_addr, f_cnt, i + 1) for i in range((size + 15) // 16))
    return b"".join(encrypt_block(key, block) for block in blocks)


def crypt(key: bytes, direction: int, dev_addr: int, f_cnt: int, payload: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(payload, key_stream(key, direction, dev_addr, f_cnt, len(payload))))


def crypt_f_opts(key: bytes, direction: int, dev_addr: int, f_cnt: int, f_port: int | None, f_opts: bytes) -> bytes:
    """1.1 with the errata: byte 4 says which counter, 2 = AFCntDown (downlinks with FPort > 0), else 1; byte 15 is 1."""
    which = 2 if direction == DOWN and (f_port or 0) > 0 else 1
    stream = encrypt_block(key, struct.pack("<B3xBBIIxB", 1, which, direction, dev_addr, f_cnt, 1))
    return bytes(a ^ b for a, b in zip(f_opts, stream))


def data_mic(keys: SessionKeys, direction: int, dev_addr: int, f_cnt: int, message: bytes, version: str = "1.0", conf_f_cnt: int = 0, tx_dr: int = 0, tx_ch: int = 0) -> bytes:
    plain = struct.pack("<B4xBIIxB", 0x49, direction, dev_addr, f_cnt, len(message))
    if version == "1.0":
        return cmac4(keys.f_nwk_s_int, plain + message)
    if direction == DOWN:
        return cmac4(keys.s_nwk_s_int, struct.pack("<BH2xBIIxB", 0x49, conf_f_cnt, direction, dev_addr, f_cnt, len(message)) + message)
    with_radio = struct.pack("<BHBBBIIxB", 0x49, conf_f_cnt, tx_dr, tx_ch, direction, dev_addr, f_cnt, len(message))
    return cmac4(keys.s_nwk_s_int, with_radio + message)[:2] + cmac4(keys.f_nwk_s_int, plain + message)[:2]


def encode(frame: DataFrame, keys: SessionKeys, version: str = "1.0", conf_f_cnt: int = 0, tx_dr: int = 0, tx_ch: int = 0) -> bytes:
    f_opts = frame.f_opts
    if version == "1.1":
        f_opts = crypt_f_opts(keys.nwk_s_enc, frame.direction, frame.dev_addr, frame.f_cnt, frame.f_port, f_opts)
    message = frame.header(f_opts)
    if frame.f_port is not None:
        key = keys.nwk_s_enc if frame.f_port == 0 else keys.app_s
        message += bytes([frame.f_port]) + crypt(key, frame.direction, frame.dev_addr, frame.f_cnt, frame.payload)
    return message + data_mic(keys, frame.direction, frame.dev_addr, frame.f_cnt, message, version, conf_f_cnt, tx_dr, tx_ch)


def decode_down(phy: bytes, keys: SessionKeys, dev_addr: int, last_f_cnt: int) -> DataFrame:
    """A 1.0 downlink as its device reads it: the counter with all 32 bits, the smallest above `last_f_cnt` (-1 = none).
    Raises ValueError when it is not for this device or its MIC is wrong."""
    kind = phy[0] >> 5
    if phy[0] & 0x1F or kind not in (UNCONFIRMED_DOWN, CONFIRMED_DOWN) or len(phy) < 12:
        raise ValueError(f"no downlink of data: {phy.hex()}")
    addr, control, low = struct.unpack("<IBH", phy[1:8])
    if addr != dev_addr:
        raise ValueError(f"DevAddr {addr:08x} is not {dev_addr:08x}")
    f_cnt = (last_f_cnt + 1 & ~0xFFFF) | low
    if f_cnt <= last_f_cnt:
        f_cnt += 1 << 16
    if data_mic(keys, DOWN, addr, f_cnt, phy[:-4]) != phy[-4:]:
        # Perhaps one that was used before.
        f_cnt -= 1 << 16
        if f_cnt < 0 or data_mic(keys, DOWN, addr, f_cnt, phy[:-4]) != phy[-4:]:
            raise ValueError("the downlink's MIC is wrong")
    rest = phy[8 + (control & 0x0F):-4]
    if len(phy) < 12 + (control & 0x0F):
        raise ValueError("FOpts go beyond the downlink's end")
    f_port = rest[0] if rest else None
    payload = b""
    if f_port is not None:
        payload = crypt(keys.nwk_s_enc if f_port == 0 else keys.app_s, DOWN, addr, f_cnt, rest[1:])
    return DataFrame(DOWN, addr, f_cnt, confirmed=kind == CONFIRMED_DOWN, adr=bool(control & 0x80), ack=bool(control & 0x20), f_pending=bool(control & 0x10),
                     f_opts=phy[8:8 + (control & 0x0F)], f_port=f_port, payload=payload)


# Requests and answers that a network sends, by command identifier: length of what follows (5 of 1.0.4).
DOWN_COMMANDS = {0x02: 2, 0x03: 4, 0x04: 1, 0x05: 4, 0x06: 0, 0x07: 5, 0x08: 1, 0x09: 1, 0x0A: 4, 0x0D: 5}


def down_commands(data: bytes) -> list[tuple[int, bytes]]:
    """Raises ValueError at one that a 1.0.x device does not know or that is cut."""
    commands = []
    while data:
        size = DOWN_COMMANDS.get(data[0])
        if size is None or len(data) < 1 + size:
            raise ValueError(f"MAC commands that no 1.0.x device can read: {data.hex()}")
        commands.append((data[0], data[1:1 + size]))
        data = data[1 + size:]
    return commands
