"""Frames and datagrams that no network may take: each is refused once, counted, and becomes no uplink. The frames carry right
MICs wherever the fault is elsewhere."""
import base64
import struct

import lorawan
from device import EU868_CHANNELS
from gateway import Radio, row
from scene import JOIN_EUI, Scene, alone

RADIO = Radio(EU868_CHANNELS[0], "SF7BW125")


def signed(device, message: bytes, f_cnt: int) -> bytes:
    return message + lorawan.data_mic(device.keys, lorawan.UP, device.dev_addr, f_cnt, message)


def broken_frames(device, joining, f_cnt: int) -> dict[str, bytes]:
    """`f_cnt` is the next one that would be accepted."""
    good = device.encode(f_cnt)
    header = struct.pack("<BIBH", 0x40, device.dev_addr, 0, f_cnt)
    request = joining.join_request(1)
    stranger = lorawan.join_request(bytes(16), int(JOIN_EUI, 16), 0x0102030405060708, 1)
    return {
        "wrong MIC": good[:-1] + bytes([good[-1] ^ 0x80]),
        "a bit of the payload turned": good[:9] + bytes([good[9] ^ 1]) + good[10:],
        "another device's key": lorawan.encode(lorawan.DataFrame(lorawan.UP, device.dev_addr, f_cnt, f_port=5, payload=b"\x01"), joining_keys()),
        "the MIC of another counter": good[:-4] + device.encode(f_cnt + 65_536)[-4:],
        "cut to 11 bytes": good[:11],
        "one byte": good[:1],
        "FOptsLen beyond the end": signed(device, header[:5] + b"\x0f" + header[6:], f_cnt),
        "FPort 0 with FOpts": device.encode(f_cnt, 0, b"\x02", f_opts=b"\x0d"),
        "Major 1": signed(device, b"\x41" + header[1:] + b"\x05\x01", f_cnt),
        "a downlink": lorawan.encode(lorawan.DataFrame(lorawan.DOWN, device.dev_addr, f_cnt, f_port=5, payload=b"\x01"), device.keys),
        "a confirmed downlink": lorawan.encode(lorawan.DataFrame(lorawan.DOWN, device.dev_addr, f_cnt, confirmed=True), device.keys),
        "a join-accept": lorawan.join_accept(lorawan.JoinAccept(1, 0, device.dev_addr, 0, 1), joining.app_key),
        "an unknown DevAddr": lorawan.encode(lorawan.DataFrame(lorawan.UP, 0x01EEEEEE, 0, f_port=5, payload=b"\x01"), device.keys),
        "the last FCnt with another payload": device.encode(f_cnt - 1, payload=b"\xff\xff"),
        "an older FCnt": device.encode(0, payload=b"\xff\xff"),
        "an FCnt before the rollover of 16 bits": device.encode(f_cnt + 40_000),
        "a join-request of 22 bytes": request[:-1],
        "a join-request with a wrong MIC": request[:-1] + bytes([request[-1] ^ 1]),
        "a join-request of an unknown DevEUI": stranger,
        "a join-request with another JoinEUI": lorawan.join_request(joining.app_key, 1, int(joining.dev_eui, 16), 1),
        "a join-request of an ABP device": lorawan.join_request(bytes(16), int(JOIN_EUI, 16), int(device.dev_eui, 16), 1),
        "a rejoin-request of a 1.0.x device": lorawan.rejoin_request(bytes(16), 0, 0, int(device.dev_eui, 16), 0),
        "a rejoin-request of 18 bytes": lorawan.rejoin_request(bytes(16), 0, 0, int(device.dev_eui, 16), 0)[:-1],
        "FType 7": b"\xe0" + bytes(16),
    }


def joining_keys() -> lorawan.SessionKeys:
    return lorawan.SessionKeys.of_1_0(b"\x77" * 16, b"\x78" * 16)


def broken_rows(phy: bytes) -> dict[str, dict]:
    """Changes to a good row of rxpk."""
    return {
        "a CRC error": {"stat": -1},
        "a size that is not the data's": {"size": len(phy) + 1},
        "data that is not base64": {"data": "???"},
        "no data": {"data": "", "size": 0},
        "more than 255 bytes": {"data": base64.b64encode(bytes(256)).decode(), "size": 256},
        "a data rate that is none": {"datr": "SF99BW1"},
        "a frequency that is none": {"freq": -1},
    }


@alone("auth.anonymous=none")
async def broken_frames_are_refused_and_counted(scene: Scene) -> None:
    gateway = scene.gateway()
    device, joining = scene.abp(gateway), scene.otaa(gateway)
    await scene.begin()
    for _ in range(3):
        await scene.fence(device)

    async def refused_once(what: str, acknowledged: bool, expect_ack: bool) -> None:
        nonlocal refused
        assert acknowledged is expect_ack, f"{what}: acknowledged {acknowledged}"
        for _ in range(60):
            now = await scene.network.refusals()
            if now != refused:
                break
        assert now == refused + 1, f"{what}: refused {now - refused:+.0f}"
        refused = now
        assert len(scene.network.seen("uplink")) == 3, f"{what} became an uplink"

    refused = await scene.network.refusals()
    for what, phy in broken_frames(device, joining, device.f_cnt_up).items():
        await refused_once(what, await gateway.hear(phy, RADIO), True)
    good = device.encode(device.f_cnt_up)
    fine = row(good, RADIO, 1)
    for what, change in broken_rows(good).items():
        await refused_once(what, await gateway.push([{**fine, **change}]), True)

    # Whole datagrams: nobody is told that they arrived.
    await refused_once("a body that is no JSON", await gateway.push_body(b'{"rxpk":['), False)
    stranger = scene.gateway(declared=False)
    await stranger.open(scene.network.server.udp_address, pull=False)
    await refused_once("an unknown gateway", await stranger.hear(good, RADIO), False)

    # A good frame beside bad ones is taken all the same, and all that was refused has harmed nothing.
    assert await gateway.push([{**fine, "stat": -1}, fine, {**fine, "size": 1}])
    await scene.event("uplink", device, f_cnt=device.f_cnt_up)
    assert await scene.network.refusals() == refused + 2
    device.f_cnt_up += 1
    accept = await joining.join()
    assert joining.dev_nonce == 1 and accept.join_nonce == 1, "a forged request uses up no nonce"
    await scene.fence(joining)
    assert not scene.network.seen("ack") and len(gateway.transmissions) == 1, "the accept alone was sent"
