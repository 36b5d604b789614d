"""Downlinks of applications: `lenne downlink DEV_EUI F_PORT HEX [--confirmed]` (4.3.1 and 4.3.2 of LoRaWAN 1.0.4)."""
import asyncio
import time

from scene import Scene, alone, scenario


@scenario
async def queued_downlinks_leave_in_order_one_an_uplink(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.otaa(gateway)
    await scene.begin()
    await device.join()
    await scene.fence(device)
    queue = [(1, b"\x01"), (223, b"\x02\x02"), (10, bytes(range(40)))]
    for f_port, payload in queue:
        await scene.downlink(device, f_port, payload)
    await asyncio.sleep(1)
    sent = len(gateway.transmissions)
    assert sent == 1, "class A: nothing before the device has sent"
    for left, (f_port, payload) in zip((2, 1, 0), queue):
        # What the device asks for travels with it.
        uplink = await device.send(confirmed=left == 1)
        answer = await device.downlink_of(uplink)
        assert scene.in_rx1(answer), answer
        assert (answer.frame.f_port, answer.frame.payload, answer.frame.confirmed) == (f_port, payload, False), answer
        assert answer.frame.f_pending == (left > 0), f"FPending with {left} more in the queue"
        assert answer.frame.ack == (left == 1), answer
        await scene.event("txack", device, f_cnt_down=answer.frame.f_cnt, error="none", join_accept=False)
    uplink = await device.send()
    assert await device.downlink_of(uplink) is None, "the queue is empty"
    assert len(gateway.transmissions) == sent + 3


@scenario
async def a_confirmed_downlink_is_acknowledged_by_the_device(scene: Scene) -> None:
    device = scene.otaa(scene.gateway())
    await scene.begin()
    await device.join()
    await scene.fence(device)
    for payload in (b"\xaa", b"\xbb"):
        await scene.downlink(device, 7, payload, "--confirmed")
    for payload in (b"\xaa", b"\xbb"):
        uplink = await device.send()  # with the ACK bit for the one before
        answer = await device.downlink_of(uplink)
        assert answer and answer.frame.confirmed and answer.frame.payload == payload, answer
        assert not scene.seen("ack", device, f_cnt_down=answer.frame.f_cnt)
    uplink = await device.send()
    await scene.event("ack", device, 2)
    told = [(event["f_cnt_down"], event["acknowledged"]) for event in scene.seen("ack", device)]
    assert told == [(downlink.frame.f_cnt, True) for downlink in device.downlinks[-2:]], told
    await device.downlink_of(uplink)
    await scene.fence(device)
    assert len(scene.seen("ack", device)) == 2


@scenario
async def a_confirmed_downlink_that_is_never_acknowledged_is_told_once(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.otaa(gateway)
    await scene.begin()
    await device.join()
    await scene.fence(device)
    device.acknowledges = False
    await scene.downlink(device, 7, b"\xaa", "--confirmed")
    uplink = await device.send()
    answer = await device.downlink_of(uplink)
    assert answer and answer.frame.confirmed, answer
    for _ in range(3):
        uplink = await device.send()
        assert await device.downlink_of(uplink) is None, "it is not sent again by itself"
    await scene.fence(device)
    told = [(event["f_cnt_down"], event["acknowledged"]) for event in scene.seen("ack", device)]
    assert told == [(answer.frame.f_cnt, False)], told


@scenario
async def downlinks_refused_by_a_gateway_go_to_rx2(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.begin()
    await scene.fence(device)
    await scene.downlink(device, 3, b"\x01\x02\x03", "--confirmed")
    gateway.refuse_with = ["COLLISION_PACKET"]
    answer = await device.downlink_of(await device.send())
    assert answer and answer.window == "rx2" and answer.frame.payload == b"\x01\x02\x03", answer
    assert gateway.transmissions[0].phy == gateway.transmissions[1].phy
    await device.send()
    acknowledged = await scene.event("ack", device)
    assert acknowledged["acknowledged"] is True, acknowledged


@scenario
async def a_downlink_too_long_for_the_data_rate_waits(scene: Scene) -> None:
    """51 bytes are the most at DR0, in RX1 and in RX2: the first of the queue waits for a better one, and the others behind it."""
    device = scene.abp(scene.gateway(), data_rate=0)
    await scene.begin()
    await scene.fence(device)
    long, short = bytes(range(100)), b"\x01"
    await scene.downlink(device, 8, long)
    await scene.downlink(device, 8, short)
    uplink = await device.send(confirmed=True)
    answer = await device.downlink_of(uplink)
    assert answer and answer.frame.ack and answer.frame.f_port is None, "the acknowledgement goes without it"
    assert answer.frame.f_pending, "there is more"
    assert [event for event in scene.seen("log", device) if event["level"] == "warning"], "it is told"
    device.data_rate = 5
    for payload in (long, short):
        answer = await device.downlink_of(await device.send())
        assert scene.in_rx1(answer) and answer.frame.payload == payload, answer


@scenario
async def a_downlink_may_be_empty_and_use_any_port_of_applications(scene: Scene) -> None:
    device = scene.abp(scene.gateway())
    await scene.begin()
    for f_port, payload in ((1, b""), (223, bytes(222)), (224, b"\x01")):
        await scene.downlink(device, f_port, payload)
        answer = await device.downlink_of(await device.send())
        assert scene.in_rx1(answer) and (answer.frame.f_port, answer.frame.payload) == (f_port, payload), answer


@scenario
async def a_repeated_uplink_does_not_repeat_a_downlink(scene: Scene) -> None:
    device = scene.abp(scene.gateway())
    await scene.begin()
    for payload in (b"\x01", b"\x02"):
        await scene.downlink(device, 4, payload)
    uplink = await device.send(confirmed=True)
    first = await device.downlink_of(uplink)
    await asyncio.sleep(1.5)
    second = await device.downlink_of(await device.repeat(uplink))
    assert first and second and first.frame.ack and second.frame.ack
    assert [first.frame.payload, second.frame.payload] == [b"\x01", b"\x02"], (first, second)


@scenario
async def downlinks_that_cannot_be_are_refused(scene: Scene) -> None:
    device = scene.abp(scene.gateway())
    await scene.begin()
    for arguments in (["70b3d5ffffffffff", "1", "00"], [device.dev_eui, "0", "00"], [device.dev_eui, "225", "00"], [device.dev_eui, "256", "00"], [device.dev_eui, "-1", "00"], [device.dev_eui, "1", "0"], [device.dev_eui, "1", "xy"],
                      [device.dev_eui, "1", "00" * 243], ["notaneui", "1", "00"]):
        done = await scene.network.command("downlink", *arguments)
        assert done.code in (1, 2) and (done.out + done.err).strip(), (arguments, done)
    assert (await scene.network.command("downlink", device.dev_eui)).code == 2
    assert await device.downlink_of(await device.send()) is None, "none of them was queued"


@scenario
async def class_c_is_sent_to_at_once(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.otaa(gateway, device_class="C")
    await scene.begin()
    await device.join()
    uplink = await device.send(confirmed=True)
    answer = await device.downlink_of(uplink)
    assert answer and answer.window in ("rx1", "rx2"), "an acknowledgement waits for a class A window all the same"
    await asyncio.sleep(max(0.0, uplink.sent + 2.5 - time.time()))
    for payload in (b"\x01", b"\x02", b"\x03"):
        count, began = len(device.downlinks), time.monotonic()
        await scene.downlink(device, 9, payload)
        downlink = await device.downlink_after(count)
        assert time.monotonic() - began < 5, "at once"
        assert downlink.window == "at once" and downlink.frame.payload == payload and not downlink.frame.ack, downlink
        sent = gateway.transmissions[-1]
        assert sent.radio == device.rx2 and sent.lead_s < 2, sent
        await scene.event("txack", device, f_cnt_down=downlink.frame.f_cnt, error="none")
    # Confirmed: the ACK bit of the next uplink answers it.
    count = len(device.downlinks)
    await scene.downlink(device, 9, b"\x04", "--confirmed")
    downlink = await device.downlink_after(count)
    await device.send()
    acknowledged = await scene.event("ack", device, f_cnt_down=downlink.frame.f_cnt)
    assert acknowledged["acknowledged"] is True, acknowledged


@scenario
async def class_c_downlinks_do_not_overlap(scene: Scene) -> None:
    """Several at once: each of them more than a second on air at SF12, one after the other through one gateway."""
    gateway = scene.gateway()
    device = scene.abp(gateway, device_class="C")
    await scene.begin()
    await scene.fence(device)
    await asyncio.sleep(2.5)
    payloads = [bytes([number]) * 12 for number in range(3)]
    for payload in payloads:
        await scene.downlink(device, 9, payload)
    for number in range(len(payloads)):
        await device.downlink_after(number, 15)
    assert [downlink.frame.payload for downlink in device.downlinks] == payloads, device.downlinks


@alone("auth.anonymous=none")
async def the_queue_survives_a_kill(scene: Scene) -> None:
    gateway = scene.gateway()
    waiting, open_one = scene.abp(gateway), scene.abp(scene.gateway(), device_class="C")
    await scene.begin()
    for device in (waiting, open_one):
        await scene.fence(device)
    payloads = [b"\x01", b"\x02"]
    for payload in payloads:
        await scene.downlink(waiting, 6, payload, "--confirmed")
    await scene.network.restart()
    count = len(open_one.downlinks)
    await scene.downlink(open_one, 6, b"\x03")
    downlink = await open_one.downlink_after(count, 15)
    assert downlink.window == "at once", "class C works at once after a start: the gateway's address is remembered"
    got = []
    for _ in range(3):
        answer = await waiting.downlink_of(await waiting.send())
        got += [answer.frame.payload] if answer else []
    assert got == payloads, got
    await scene.event("ack", waiting, 2, acknowledged=True)


@alone("auth.anonymous=none", "network.rx1_delay=3s", "network.rx2_data_rate=3", "network.status_interval=1s")
async def receive_windows_and_status_as_the_settings_say(scene: Scene) -> None:
    """RX1 after 3 s and RX2 at DR3: joins tell it in the accept, devices with fixed keys learn RX2 by RXParamSetupReq and keep RX1. The device judges the rest."""
    gateway, other = scene.gateway(), scene.gateway()
    joined, fixed = scene.otaa(gateway), scene.abp(other)
    await scene.begin()
    accept = await joined.join()
    assert (accept.rx_delay, accept.dl_settings & 0x0F) == (3, 3), accept
    assert (await joined.downlink_of(await joined.send(confirmed=True))).window == "rx1"
    gateway.refuse_with = ["COLLISION_PACKET"]
    answer = await joined.downlink_of(await joined.send(confirmed=True))
    assert answer and answer.window == "rx2", answer
    assert gateway.transmissions[-1].radio.data_rate == "SF9BW125"

    for _ in range(2):  # asks, then takes the answer
        await fixed.downlink_of(await fixed.send(confirmed=True))
    assert fixed.rx2.data_rate == "SF9BW125", "RXParamSetupReq"
    other.refuse_with = ["COLLISION_PACKET"]
    answer = await fixed.downlink_of(await fixed.send(confirmed=True))
    assert answer and answer.window == "rx2" and other.transmissions[-1].radio.data_rate == "SF9BW125", answer
    for device in (joined, fixed):
        await device.downlink_of(await device.send())
        status = await scene.event("status", device)
        assert (status["battery_percent"], status["margin"]) == (100, 20), status
