"""Frames made by support/lorawan.py: right ones, with wrong keys, with none, and such as cannot be parsed."""
import random
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lorawan  # noqa: E402
from lorawan import DOWN, UP, DataFrame, JoinAccept, SessionKeys  # noqa: E402

JOIN_FIELDS = dict.fromkeys(["join_eui", "dev_eui", "dev_nonce", "join_nonce", "net_id", "dev_addr", "dl_settings", "rx_delay", "cf_list", "rj_count"])
SESSION_FIELDS = ["app_s_key", "nwk_s_key", "f_nwk_s_int_key", "s_nwk_s_int_key", "nwk_s_enc_key"]


@dataclass(frozen=True)
class Case:
    """What `lenne frame` is given and what it must answer; `expect` is nothing where the frame cannot be parsed."""
    name: str
    hex: str
    arguments: list[str]
    expect: dict | None


def case(name: str, phy: bytes, version: str, keys: dict[str, bytes], more: dict, expect: dict | None) -> Case:
    named = [word for key, value in keys.items() for word in ("--key", f"{key}={value.hex()}")]
    options = [word for option, value in more.items() for word in (f"--{option}", str(value))]
    return Case(name, phy.hex(), ["--version", version, *named, *options], expect)


def type_of(frame: DataFrame) -> str:
    return f"{'' if frame.confirmed else 'un'}confirmed_{'down' if frame.direction == DOWN else 'up'}"


def named_keys(version: str, keys: SessionKeys) -> dict[str, bytes]:
    if version == "1.0":
        return {"nwk_s_key": keys.nwk_s_enc, "app_s_key": keys.app_s}
    return {"f_nwk_s_int_key": keys.f_nwk_s_int, "s_nwk_s_int_key": keys.s_nwk_s_int, "nwk_s_enc_key": keys.nwk_s_enc, "app_s_key": keys.app_s}


def draw_keys(dice: random.Random, version: str) -> SessionKeys:
    if version == "1.0":
        return SessionKeys.of_1_0(dice.randbytes(16), dice.randbytes(16))
    return SessionKeys(*(dice.randbytes(16) for _ in range(4)))


def draw_frame(dice: random.Random, direction: int, confirmed: bool, index: int) -> DataFrame:
    f_port = [None, 0, 1, dice.randrange(2, 224), 224][index % 5]
    size = dice.choice([0, 1, 15, 16, 17, 31, 32, 51, 222])
    return DataFrame(direction, dice.getrandbits(32), dice.choice([dice.randrange(65_536), 65_535, 65_536, dice.getrandbits(32), 2**32 - 1]), confirmed=confirmed,
                     adr=dice.random() < 0.5, adr_ack_req=direction == UP and dice.random() < 0.5, ack=dice.random() < 0.5, f_pending=direction == DOWN and dice.random() < 0.5,
                     class_b=direction == UP and dice.random() < 0.5, f_opts=b"" if f_port == 0 or index % 3 == 0 else dice.randbytes(dice.randrange(1, 16)), f_port=f_port,
                     payload=b"" if f_port is None else dice.randbytes(size))


def data_fields(frame: DataFrame) -> dict:
    return {"type": type_of(frame), "dev_addr": f"{frame.dev_addr:08x}", "f_cnt": frame.f_cnt, "adr": frame.adr, "adr_ack_req": frame.adr_ack_req, "ack": frame.ack,
            "f_pending": frame.f_pending, "class_b": frame.class_b, "f_opts": frame.f_opts.hex(), "f_port": frame.f_port,
            "payload": None if frame.f_port is None else frame.payload.hex(), "mic_valid": True}


def data_cases(dice: random.Random, version: str, direction: int, confirmed: bool, index: int) -> list[Case]:
    """One frame: with its keys, with a wrong key or a turned bit, with no key."""
    frame, keys = draw_frame(dice, direction, confirmed, index), draw_keys(dice, version)
    radio = {}
    if version == "1.1":
        radio = {"conf_f_cnt": dice.randrange(65_536) if frame.ack else 0}
        if direction == UP:
            radio |= {"tx_dr": dice.randrange(16), "tx_ch": dice.randrange(72)}
    phy = lorawan.encode(frame, keys, version, **radio)
    more = {"f-cnt": frame.f_cnt, **{name.replace("_", "-"): value for name, value in radio.items()}}
    right, names = data_fields(frame), named_keys(version, keys)
    title = f"{version} {right['type']} {index}"
    cases = [case(title, phy, version, names, more, right)]

    # Another network key: the MIC is wrong; what it does not decrypt stays right.
    integrity = "nwk_s_key" if version == "1.0" else "s_nwk_s_int_key"
    wrong = dice.randbytes(16)
    expect = {**right, "mic_valid": False}
    if version == "1.0" and frame.f_port == 0:
        expect["payload"] = lorawan.crypt(wrong, direction, frame.dev_addr, frame.f_cnt, lorawan.crypt(keys.nwk_s_enc, direction, frame.dev_addr, frame.f_cnt, frame.payload)).hex()
    cases.append(case(f"{title}, wrong {integrity}", phy, version, {**names, integrity: wrong}, more, expect))

    # No key: what is in clear, and nothing said about the MIC. Without --f-cnt the 16 bits on air.
    expect = {**right, "f_cnt": frame.f_cnt & 0xFFFF, "payload": None, "mic_valid": None}
    if version == "1.1" and frame.f_opts:
        expect["f_opts"] = None
    cases.append(case(f"{title}, no key", phy, version, {}, {}, expect))

    # A bit turned in the MIC; and a counter that is not the frame's.
    flip = 1 << dice.randrange(8)
    cases.append(case(f"{title}, a bit of the MIC", phy[:-1] + bytes([phy[-1] ^ flip]), version, names, more, {**right, "mic_valid": False}))
    if version == "1.1" and direction == UP:
        cases.append(case(f"{title}, other TxDr", phy, version, names, {**more, "tx-dr": radio["tx_dr"] ^ 1}, {**right, "mic_valid": False}))
    return cases


def join_cases(dice: random.Random, version: str) -> list[Case]:
    root = "app_key" if version == "1.0" else "nwk_key"
    key, join_eui, dev_eui, dev_nonce = dice.randbytes(16), dice.getrandbits(64), dice.getrandbits(64), dice.getrandbits(16)
    phy = lorawan.join_request(key, join_eui, dev_eui, dev_nonce)
    right = {"type": "join_request", **JOIN_FIELDS, "join_eui": f"{join_eui:016x}", "dev_eui": f"{dev_eui:016x}", "dev_nonce": dev_nonce, "mic_valid": True}
    return [case(f"{version} join_request", phy, version, {root: key}, {}, right),
            case(f"{version} join_request, wrong key", phy, version, {root: dice.randbytes(16)}, {}, {**right, "mic_valid": False}),
            case(f"{version} join_request, no key", phy, version, {}, {}, {**right, "mic_valid": None})]


def session_fields(keys: SessionKeys, one_network_key: bool) -> dict:
    network = {"f_nwk_s_int_key": keys.f_nwk_s_int.hex(), "s_nwk_s_int_key": keys.s_nwk_s_int.hex(), "nwk_s_enc_key": keys.nwk_s_enc.hex()}
    return {"app_s_key": keys.app_s.hex(), "nwk_s_key": keys.nwk_s_enc.hex() if one_network_key else None, **network}


def accept_cases(dice: random.Random, version: str, opt_neg: bool, req_type: int) -> list[Case]:
    accept = JoinAccept(dice.getrandbits(24), dice.getrandbits(24), dice.getrandbits(32), dice.randrange(128) | opt_neg << 7, dice.randrange(16), dice.choice([b"", dice.randbytes(16)]))
    app_key, nwk_key, join_eui, dev_eui, dev_nonce = dice.randbytes(16), dice.randbytes(16), dice.getrandbits(64), dice.getrandbits(64), dice.getrandbits(16)
    js_int, js_enc = lorawan.js_int_key(nwk_key, dev_eui), lorawan.js_enc_key(nwk_key, dev_eui)
    root = app_key if version == "1.0" else nwk_key
    if opt_neg:
        phy = lorawan.join_accept(accept, root if req_type == 0xFF else js_enc, js_int, req_type, join_eui, dev_nonce)
        session = lorawan.session_1_1(app_key, nwk_key, accept.join_nonce, join_eui, dev_nonce)
    else:
        phy = lorawan.join_accept(accept, root)
        session = lorawan.session_1_0(root, accept.join_nonce, accept.net_id, dev_nonce)
    keys = {"app_key": app_key} if version == "1.0" else {"app_key": app_key, "nwk_key": nwk_key, "js_int_key": js_int, "js_enc_key": js_enc}
    more = {"dev-nonce": dev_nonce} if version == "1.0" else {"dev-nonce": dev_nonce, "join-eui": f"{join_eui:016x}", "join-req-type": req_type}
    right = {"type": "join_accept", **JOIN_FIELDS, "join_nonce": accept.join_nonce, "net_id": f"{accept.net_id:06x}", "dev_addr": f"{accept.dev_addr:08x}",
             "dl_settings": accept.dl_settings, "rx_delay": accept.rx_delay, "cf_list": accept.cf_list.hex() or None, **session_fields(session, not opt_neg), "mic_valid": True}
    title = f"{version} join_accept{' OptNeg' if opt_neg else ''} of {req_type}"
    nothing = {"type": "join_accept", **JOIN_FIELDS, **dict.fromkeys(SESSION_FIELDS), "mic_valid": None}
    cases = [case(title, phy, version, keys, more, right), case(f"{title}, no key", phy, version, {}, {}, nothing)]
    without_nonce = {**right, **dict.fromkeys(SESSION_FIELDS)}
    if not opt_neg:
        cases.append(case(f"{title}, no DevNonce", phy, version, keys, {}, without_nonce))
    return cases


def rejoin_cases(dice: random.Random, kind: int) -> list[Case]:
    first, dev_eui, count, key = dice.getrandbits(64 if kind == 1 else 24), dice.getrandbits(64), dice.getrandbits(16), dice.randbytes(16)
    name = "js_int_key" if kind == 1 else "s_nwk_s_int_key"
    phy = lorawan.rejoin_request(key, kind, first, dev_eui, count)
    right = {"type": f"rejoin_request_{kind}", **JOIN_FIELDS, **({"join_eui": f"{first:016x}"} if kind == 1 else {"net_id": f"{first:06x}"}), "dev_eui": f"{dev_eui:016x}",
             "rj_count": count, "mic_valid": True}
    return [case(f"1.1 rejoin_request_{kind}", phy, "1.1", {name: key}, {}, right),
            case(f"1.1 rejoin_request_{kind}, wrong key", phy, "1.1", {name: dice.randbytes(16)}, {}, {**right, "mic_valid": False}),
            case(f"1.1 rejoin_request_{kind}, no key", phy, "1.1", {}, {}, {**right, "mic_valid": None})]


def unparsable(dice: random.Random) -> list[Case]:
    keys = draw_keys(dice, "1.0")
    data = lorawan.encode(DataFrame(UP, 0x01020304, 7, f_port=5, payload=b"\x01\x02\x03"), keys)
    request = lorawan.join_request(keys.app_s, 1, 2, 3)
    accept = lorawan.join_accept(JoinAccept(1, 2, 3, 4, 5), keys.app_s)
    rejoins = [lorawan.rejoin_request(keys.app_s, kind, 1, 2, 3) for kind in (0, 1, 2)]
    frames = {"empty": b""}
    for size in range(1, 12):
        frames[f"data of {size} bytes"] = data[:size]
    for kind in (lorawan.UNCONFIRMED_DOWN, lorawan.CONFIRMED_UP, lorawan.CONFIRMED_DOWN):
        frames[f"FType {kind} of 11 bytes"] = bytes([kind << 5]) + data[1:11]
    for extra in (-22, -1, 1):
        frames[f"join-request of {23 + extra} bytes"] = (request + b"\0")[:23 + extra]
    for size in (1, 16, 18, 32, 34):
        frames[f"join-accept of {size} bytes"] = (accept + bytes(17))[:size]
    for kind, rejoin in enumerate(rejoins):
        frames[f"rejoin-request {kind}, one byte less"] = rejoin[:-1]
        frames[f"rejoin-request {kind}, one byte more"] = rejoin + b"\0"
    frames["rejoin-request of type 3"] = b"\xc0\x03" + rejoins[0][2:]
    for size in (1, 4, 15):
        frames[f"FOptsLen {size} beyond the end"] = struct.pack("<BIBH", 0x40, 1, size, 0) + bytes(size - 1) + bytes(4)
    frames["FPort 0 with FOpts"] = lorawan.encode(DataFrame(UP, 1, 1, f_opts=b"\x02", f_port=0, payload=b"\x02"), keys)
    for major in (1, 2, 3):
        frames[f"Major {major}"] = bytes([data[0] | major]) + data[1:]
    return [case(f"{version} {name}", phy, version, {}, {}, None) for name, phy in frames.items() for version in ("1.0", "1.1")]


def proprietary(dice: random.Random) -> list[Case]:
    cases = []
    for size in (1, 16, 242):
        payload = dice.randbytes(size)
        cases += [case(f"{version} proprietary", b"\xe0" + payload, version, {}, {}, {"type": "proprietary", "payload": payload.hex(), "mic_valid": None}) for version in ("1.0", "1.1")]
    return cases


def all_cases(seed: int) -> list[Case]:
    dice = random.Random(seed)
    cases = []
    for version in ("1.0", "1.1"):
        for direction in (UP, DOWN):
            for confirmed in (False, True):
                for index in range(15):
                    cases += data_cases(dice, version, direction, confirmed, index)
        for _ in range(5):
            cases += join_cases(dice, version)
            cases += accept_cases(dice, version, False, 0xFF)
    for req_type in (0xFF, 0, 1, 2):
        for _ in range(3):
            cases += accept_cases(dice, "1.1", True, req_type)
    for _ in range(3):
        for kind in (0, 1, 2):
            cases += rejoin_cases(dice, kind)
    return cases + proprietary(dice) + unparsable(dice)
