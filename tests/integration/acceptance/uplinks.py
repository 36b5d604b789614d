"""Data frames up: acknowledgements, repetitions, copies, counters (4.3.1 of LoRaWAN 1.0.4)."""
import asyncio
import time

from device import EU868_CHANNELS, Heard
from gateway import Radio, row
from scene import Scene, scenario


@scenario
async def a_confirmed_uplink_is_acknowledged_in_rx1(scene: Scene) -> None:
    gateway = scene.gateway(drift_ppm=40)
    device = scene.otaa(gateway)
    await scene.begin()
    await device.join()
    for f_cnt, rate in enumerate((5, 0, 3)):
        device.data_rate = rate
        uplink = await device.send(confirmed=True)
        answer = await device.downlink_of(uplink)
        assert scene.in_rx1(answer), answer
        assert answer.frame.ack and not answer.frame.confirmed and answer.frame.f_cnt == f_cnt, answer
    await scene.event("reception", device, 3)
    assert [event["confirmed"] for event in scene.seen("uplink", device)] == [True] * 3
    for f_cnt in range(3):
        acknowledged = await scene.event("txack", device, f_cnt_down=f_cnt, join_accept=False)
        assert acknowledged["gateway_id"] == gateway.eui, acknowledged


@scenario
async def a_repeated_uplink_is_one_uplink_with_a_fresh_acknowledgement(scene: Scene) -> None:
    device = scene.otaa(scene.gateway())
    await scene.begin()
    await device.join()
    uplink = await device.send(confirmed=True)
    answers = [await device.downlink_of(uplink)]
    for hz in (device.channels[1], uplink.radio.hz):  # seconds later, elsewhere and on the same channel
        await asyncio.sleep(1.2)
        again = await device.repeat(uplink, hz)
        answers.append(await device.downlink_of(again))
    assert all(scene.in_rx1(answer) and answer.frame.ack for answer in answers), answers
    assert [answer.frame.f_cnt for answer in answers] == [0, 1, 2], "each acknowledgement has a new FCntDown"
    await scene.event("reception", device, 3, f_cnt=uplink.f_cnt)
    assert [event["retransmission"] for event in scene.seen("reception", device)] == [False, True, True]
    assert len({event["id"] for event in scene.seen("reception", device)}) == 1
    await scene.fence(device)
    assert len(scene.seen("uplink", device, f_cnt=uplink.f_cnt)) == 1


@scenario
async def an_unconfirmed_repetition_is_not_answered(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.begin()
    uplink = await device.send()
    await asyncio.sleep(2.5)
    again = await device.repeat(uplink, EU868_CHANNELS[2])
    assert await device.downlink_of(again) is None
    await scene.fence(device)
    assert len(scene.seen("uplink", device, f_cnt=uplink.f_cnt)) == 1
    assert [event["retransmission"] for event in scene.seen("reception", device, f_cnt=uplink.f_cnt)] == [False, True]
    assert not gateway.transmissions


@scenario
async def three_gateways_make_one_uplink(scene: Scene) -> None:
    weak, best, fair = scene.gateway(), scene.gateway(tmst=4_000_000_000), scene.gateway(tmst=77)
    device = scene.otaa(Heard(weak, -113, -9.8), Heard(best, -70, 8.2), Heard(fair, -101, 1.0))
    await scene.begin()
    await device.join()
    uplink = await device.send(confirmed=True)
    answer = await device.downlink_of(uplink)
    assert answer and answer.frame.ack, answer
    assert len(best.transmissions) == 2 and not weak.transmissions and not fair.transmissions, "the accept and the acknowledgement through the best"
    await scene.fence(device)
    assert len(scene.seen("join", device)) == 1, "copies are no replay"
    assert len(scene.seen("uplink", device, f_cnt=uplink.f_cnt)) == 1
    receptions = scene.seen("reception", device, f_cnt=uplink.f_cnt)
    assert len(receptions) == 1, receptions
    heard = {each["gateway_id"]: (each["rssi"], each["snr"]) for each in receptions[0]["gateways"]}
    assert heard == {weak.eui: (-113, -9.8), best.eui: (-70, 8.2), fair.eui: (-101, 1.0)}, heard


@scenario
async def a_late_copy_is_no_second_uplink(scene: Scene) -> None:
    quick, slow = scene.gateway(), scene.gateway()
    device = scene.abp(quick)
    await scene.begin()
    moment = time.monotonic()
    uplink = await device.send(confirmed=True)
    await asyncio.sleep(0.9)
    assert await slow.hear(uplink.phy, uplink.radio, -90, 5.0, moment)
    answer = await device.downlink_of(uplink)
    assert answer and answer.frame.ack, answer
    await scene.fence(device)
    assert len(scene.seen("uplink", device, f_cnt=uplink.f_cnt)) == 1
    assert not scene.seen("reception", device, retransmission=True)
    told = [heard["gateway_id"] for event in scene.seen("reception", device, f_cnt=uplink.f_cnt) for heard in event["gateways"]]
    assert sorted(told) == [quick.eui, slow.eui], told
    assert not slow.transmissions and len({sent.phy for sent in quick.transmissions}) == 1


@scenario
async def leakage_into_another_channel_is_the_strongest_only(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.begin()
    phy, tmst = device.encode(0, confirmed=True), gateway.tmst_at(time.monotonic())
    own, next_one = Radio(868_300_000, "SF7BW125"), Radio(868_500_000, "SF7BW125")
    uplink = device.listen_after(phy, 0, own, {gateway: tmst})
    assert await gateway.push([row(phy, next_one, tmst, -110, -4.0), row(phy, own, tmst, -50, 10.0)])
    answer = await device.downlink_of(uplink)
    assert scene.in_rx1(answer), answer
    reception = await scene.event("reception", device)
    assert [(heard["gateway_id"], heard["rssi"]) for heard in reception["gateways"]] == [(gateway.eui, -50)], reception
    assert reception["frequency"] == 868_300_000, reception
    device.f_cnt_up = 1
    await scene.fence(device)
    assert len(scene.seen("uplink", device)) == 2 and not scene.seen("reception", device, retransmission=True)


@scenario
async def the_gateway_counter_wraps_before_rx1(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.begin()
    gateway.start_counter(2**32 - 400_000)
    uplink = await device.send(confirmed=True)
    assert gateway.windows[0].tmst < 1_000_000, "RX1 lies behind the wrap"
    answer = await device.downlink_of(uplink)
    assert scene.in_rx1(answer) and answer.frame.ack, answer
    again = await device.send(confirmed=True)
    assert scene.in_rx1(await device.downlink_of(again))


@scenario
async def a_restarted_gateway_counts_anew(scene: Scene) -> None:
    gateway = scene.gateway(tmst=3_000_000_000)
    device = scene.abp(gateway)
    await scene.begin()
    first = await device.send(confirmed=True)
    assert await device.downlink_of(first)
    gateway.start_counter(5_000)
    second = await device.send(confirmed=True)
    answer = await device.downlink_of(second)
    assert scene.in_rx1(answer), answer


@scenario
async def counters_roll_over_sixteen_bits(scene: Scene) -> None:
    device = scene.abp(scene.gateway())
    device.f_cnt_up, device.last_f_cnt_down = 65_534, 65_534
    await scene.begin(f_cnt_up=65_534, f_cnt_down=65_535)
    for f_cnt in (65_534, 65_535, 65_536):
        uplink = await device.send(confirmed=True)
        answer = await device.downlink_of(uplink)
        assert uplink.f_cnt == f_cnt and answer and answer.frame.f_cnt == f_cnt + 1, answer
    assert [event["f_cnt"] for event in scene.seen("uplink", device)] == [65_534, 65_535, 65_536]


@scenario
async def counters_end(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    last = 2**32 - 1
    device.f_cnt_up, device.last_f_cnt_down = last - 1, last - 1
    await scene.begin(f_cnt_up=last - 1, f_cnt_down=last)
    uplink = await device.send(confirmed=True)
    answer = await device.downlink_of(uplink)
    assert answer and answer.frame.f_cnt == last, answer
    uplink = await device.send(confirmed=True)
    event = await scene.event("uplink", device, f_cnt=last)
    assert event["f_cnt"] == last
    assert await device.downlink_of(uplink) is None, "no FCntDown is left"
    assert len(gateway.transmissions) == 1
    # The counter with 32 bits is at its end: 16 bits of zero are no new frame.
    device.f_cnt_up = 0
    await gateway.hear(device.encode(0), uplink.radio)
    await scene.event("log", device)
    assert len(scene.seen("uplink", device)) == 2


@scenario
async def a_large_gap_is_allowed_from_1_0_4_on(scene: Scene) -> None:
    """MAX_FCNT_GAP of 16384 went with 1.0.4: a device that was silent for a year is heard again."""
    device = scene.abp(scene.gateway())
    await scene.begin(mac_version="1.0.4")
    for f_cnt in (0, 60_000, 120_000):
        device.f_cnt_up = f_cnt
        await scene.fence(device)
    assert [event["f_cnt"] for event in scene.seen("uplink", device)] == [0, 60_000, 120_000]


@scenario
async def a_large_gap_is_refused_before_1_0_4(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.begin(mac_version="1.0.2")
    await scene.fence(device)
    assert await gateway.hear(device.encode(16_385), Radio(EU868_CHANNELS[0], "SF7BW125"))
    await scene.event("log", device)
    device.f_cnt_up = 16_384
    await scene.fence(device)
    assert [event["f_cnt"] for event in scene.seen("uplink", device)] == [0, 16_384]


@scenario
async def ports_and_payloads_of_all_kinds(scene: Scene) -> None:
    device = scene.abp(scene.gateway())
    await scene.begin()
    cases = [(None, b""), (1, b""), (223, b"\x01"), (224, b"\x02"), (10, bytes(range(222))), (0, b"")]
    for f_port, payload in cases:
        uplink = await device.send(f_port, payload)
        event = await scene.event("uplink", device, f_cnt=uplink.f_cnt)
        assert "f_port" in event and (event["f_port"], event["payload"]) == (f_port, payload.hex()), event


@scenario
async def every_data_rate_is_answered_in_its_own(scene: Scene) -> None:
    """DR6 is 250 kHz wide, DR7 FSK."""
    device = scene.abp(scene.gateway())
    await scene.begin()
    for data_rate, name in ((6, "SF7BW250"), (7, "FSK50000"), (4, "SF8BW125")):
        device.data_rate = data_rate
        uplink = await device.send(confirmed=True, hz=868_800_000 if data_rate == 7 else 868_300_000)
        answer = await device.downlink_of(uplink)
        assert scene.in_rx1(answer), answer
        event = await scene.event("uplink", device, f_cnt=uplink.f_cnt)
        assert event["data_rate"] == name, event
