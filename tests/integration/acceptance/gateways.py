"""What gateways answer to a PULL_RESP, and what follows: RX2, the next gateway, nothing."""
import json
import time

from device import Device, Downlink, Heard
from gateway import Gateway, Radio, Transmission, airtime_s, row
from scene import SCENARIOS, Scene, scenario

ERROR_WORDS = ["TOO_LATE", "TOO_EARLY", "COLLISION_PACKET", "COLLISION_BEACON", "TX_FREQ", "TX_POWER", "GPS_UNLOCKED"]


async def refused_first(scene: Scene, device: Device, gateway: Gateway, words: list[str]) -> tuple[Downlink | None, list[Transmission]]:
    """A confirmed uplink whose first PULL_RESPs are refused with these words. Another one when the machine was too slow for RX1."""
    for _ in range(3):
        before = len(gateway.transmissions)
        gateway.refuse_with = list(words)
        answer = await device.downlink_of(await device.send(confirmed=True))
        tries = gateway.transmissions[before:]
        if tries and tries[0].window == "rx1" and tries[0].answer == words[0]:
            break
        scene.answers, scene.late = scene.answers + 1, scene.late + 1
    return answer, tries


def refused_in_rx1(word: str):
    async def run(scene: Scene) -> None:
        gateway = scene.gateway()
        device = scene.abp(gateway)
        await scene.begin()
        answer, tries = await refused_first(scene, device, gateway, [word])
        assert answer and answer.window == "rx2" and answer.frame.ack, answer
        assert [(sent.window, sent.answer) for sent in tries] == [("rx1", word), ("rx2", "NONE")], tries
        assert tries[0].phy == tries[1].phy, "the same frame, so the same FCntDown"
        await scene.event("txack", device, f_cnt_down=answer.frame.f_cnt, error=word.lower())
        await scene.event("txack", device, f_cnt_down=answer.frame.f_cnt, error="none")
        again = await device.downlink_of(await device.send(confirmed=True))
        assert scene.in_rx1(again) and again.frame.f_cnt == answer.frame.f_cnt + 1, again
    run.__name__ = f"{word.lower()}_in_rx1_means_rx2_with_the_same_frame"
    return run


SCENARIOS += [(refused_in_rx1(word), None) for word in ERROR_WORDS]


@scenario
async def both_windows_refused_means_the_second_gateway(scene: Scene) -> None:
    best, second, third = scene.gateway(), scene.gateway(), scene.gateway()
    device = scene.abp(Heard(best, -50, 10.0), Heard(third, -120, -15.0), Heard(second, -90, 3.0))
    await scene.begin()
    answer, tries = await refused_first(scene, device, best, ["TOO_LATE", "COLLISION_PACKET"])
    assert answer and answer.frame.ack, answer
    sent = tries + second.transmissions[-1:]
    assert [each.on_air for each in sent] == [False, False, True] and len({each.phy for each in sent}) == 1, sent
    assert not third.transmissions
    await scene.event("txack", device, error="none", gateway_id=second.eui)


@scenario
async def a_join_accept_refused_in_rx1_comes_in_rx2(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.otaa(gateway)
    await scene.begin()
    gateway.refuse_with = ["COLLISION_PACKET"]
    downlink = await device.downlink_of(await device.send_join_request())
    assert downlink and downlink.window == "rx2" and downlink.frame.join_nonce == 1, downlink
    assert gateway.transmissions[0].phy == gateway.transmissions[1].phy
    await scene.fence(device)


@scenario
async def refused_everywhere_is_told_and_uses_up_the_counter(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.begin()
    answer, tries = await refused_first(scene, device, gateway, ["TX_FREQ", "TX_FREQ"])
    assert answer is None and len(tries) == 2, tries
    told = await scene.event("txack", device, 2, error="tx_freq")
    again = await device.downlink_of(await device.send(confirmed=True))
    assert again and again.frame.f_cnt == told["f_cnt_down"] + 1, again


@scenario
async def a_version_1_gateway_needs_no_tx_ack(scene: Scene) -> None:
    gateway = scene.gateway(version=1)
    device = scene.otaa(gateway)
    await scene.begin()
    await device.join()
    for f_cnt in range(2):
        uplink = await device.send(confirmed=True)
        answer = await device.downlink_of(uplink)
        assert scene.in_rx1(answer) and answer.frame.f_cnt == f_cnt, answer
    assert [sent.window for sent in gateway.transmissions] == ["rx1"] * 3, gateway.transmissions
    await scene.event("txack", device, 3, error="none")


@scenario
async def a_gateway_that_never_answers_is_told(scene: Scene) -> None:
    gateway = scene.gateway(silent=True)
    device = scene.abp(gateway)
    await scene.begin()
    for f_cnt in range(2):
        uplink = await device.send(confirmed=True)
        answer = await device.downlink_of(uplink)
        assert scene.in_rx1(answer) and answer.frame.f_cnt == f_cnt, answer
        told = await scene.event("txack", device, f_cnt_down=f_cnt)
        assert told["error"] == "no_answer", told
    await scene.fence(device)
    assert len(scene.seen("txack", device)) == 2
    assert len(gateway.transmissions) == 2, "nothing is sent twice on a guess"


@scenario
async def a_gateway_that_never_asked_gets_nothing(scene: Scene) -> None:
    """Downlinks go to the address of the last PULL_DATA: without one there is none."""
    mute, other = scene.gateway(), scene.gateway()
    device = scene.abp(Heard(mute, -40, 12.0), Heard(other, -100, -3.0))
    await scene.declare()
    await mute.open(scene.network.server.udp_address, pull=False)
    await other.open(scene.network.server.udp_address)
    uplink = await device.send(confirmed=True)
    answer = await device.downlink_of(uplink)
    assert answer and answer.frame.ack and not mute.transmissions and len(other.transmissions) == 1, answer


@scenario
async def an_unknown_tx_ack_is_ignored(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.begin()
    for token in (0, 1, 0xFFFF):
        gateway.acknowledge(token, "TOO_LATE")
    uplink = await device.send(confirmed=True)
    answer = await device.downlink_of(uplink)
    assert scene.in_rx1(answer), answer
    await scene.event("txack", device, error="none")
    gateway.acknowledge(gateway.last_token, "TOO_LATE")  # a second answer to the same
    await scene.fence(device)
    assert [event["error"] for event in scene.seen("txack", device)] == ["none"]
    assert len(gateway.transmissions) == 1


@scenario
async def forwarders_of_all_dialects_are_understood(scene: Scene) -> None:
    """What is found in the field: base64 without padding, fields of later versions, several antennas, odd numbers, a body that ends in a NUL."""
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.begin()
    radio = Radio(868_100_000, "SF7BW125")

    def without(packet: dict, *names: str) -> dict:
        return {name: value for name, value in packet.items() if name not in names}

    def body(packet: dict, **more) -> bytes:
        return json.dumps({"rxpk": [packet], **more}).encode()

    antennas = [{"ant": 0, "chan": 1, "lsnr": 3.5, "rssic": -101}, {"ant": 1, "chan": 1, "lsnr": 7.8, "rssic": -95}]
    dialects = {
        "several antennas": lambda packet: body({**without(packet, "rssi", "lsnr"), "rsig": antennas}),
        "base64 without padding": lambda packet: body({**packet, "data": packet["data"].rstrip("=")}),
        "fields of later versions": lambda packet: body({**packet, "jver": 2, "brd": 1, "aesk": 0, "foff": -120, "rssis": -62, "x": {"y": [1]}}),
        "a time with nanoseconds": lambda packet: body({**packet, "time": "2026-11-26T10:00:00.123456789Z", "tmms": 1_448_000_000_000}),
        "a time without fraction": lambda packet: body({**packet, "time": "2026-11-26T10:00:00Z"}),
        "a time that is none": lambda packet: body({**packet, "time": "yesterday"}),
        "a frequency as a float rounds it": lambda packet: body({**packet, "freq": 868.0999999}),
        "a frequency with zeros": lambda packet: body(packet).replace(b"868.1", b"868.100000"),
        "few fields": lambda packet: body(without(packet, "chan", "rfch", "codr")),
        "whole numbers with a fraction": lambda packet: body({**packet, "rssi": -119.0, "lsnr": -12}),
        "a status beside it": lambda packet: body(packet, stat={"time": "2026-11-26 10:00:00 GMT", "rxnb": 2, "rxok": 2, "rxfw": 2, "ackr": 100.0, "dwnb": 2, "txnb": 2}),
        "white space": lambda packet: json.dumps({"rxpk": [packet]}, indent=2).encode() + b"\n",
        "a NUL at the end": lambda packet: body(packet) + b"\0",
    }
    for f_cnt, (what, dialect) in enumerate(dialects.items()):
        packet = row(device.encode(f_cnt), radio, gateway.tmst_at(time.monotonic()))
        assert await gateway.push_body(dialect(packet)), what
        event = await scene.event("uplink", device, f_cnt=f_cnt)
        assert event["frequency"] == 868_100_000, (what, event)
    strongest = scene.seen("uplink", device, f_cnt=0)[0]
    assert (strongest["rssi"], strongest["snr"]) == (-95, 7.8), strongest


@scenario
async def two_devices_in_one_datagram(scene: Scene) -> None:
    gateway = scene.gateway()
    one, two = scene.abp(gateway), scene.abp(gateway)
    await scene.begin()
    tmst, radio = gateway.tmst_at(time.monotonic()), Radio(868_100_000, "SF7BW125")
    assert await gateway.push([row(device.encode(0), radio, tmst) for device in (one, two)])
    for device in (one, two):
        await scene.event("uplink", device, f_cnt=0)
        await scene.event("reception", device, f_cnt=0)


@scenario
async def a_gateway_is_answered_where_it_pulled_last(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.begin()
    assert scene.in_rx1(await device.downlink_of(await device.send(confirmed=True)))
    await gateway.move(scene.network.server.udp_address)
    assert scene.in_rx1(await device.downlink_of(await device.send(confirmed=True)))


@scenario
async def the_duty_cycle_of_a_gateway_is_kept(scene: Scene) -> None:
    """868.7 to 869.2 MHz may be used for 0.1 % of an hour, 3.6 s: three acknowledgements of 1.2 s at SF12. The next one goes to RX2, whose band has 10 %."""
    gateway = scene.gateway()
    device = scene.abp(gateway, data_rate=0)
    await scene.begin()
    windows = []
    for _ in range(5):
        answer = await device.downlink_of(await device.send(confirmed=True, hz=868_850_000))
        assert answer and answer.frame.ack, answer
        windows.append(answer.window)
    on_air_s = sum(airtime_s(sent.radio, len(sent.phy)) for sent in gateway.transmissions if sent.radio.hz == 868_850_000)
    assert on_air_s <= 3.6 and windows[-2:] == ["rx2", "rx2"], (on_air_s, windows)
    await scene.event("txack", device, error="duty_cycle")
