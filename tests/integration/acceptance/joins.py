"""Over-the-air activation (6.2 of LoRaWAN 1.0.4), a JoinNonce from 1 on, accept in JOIN_ACCEPT_DELAY1 = 5 s or DELAY2 = 6 s."""
import asyncio

import lorawan
from device import EU868_CHANNELS
from gateway import Radio
from scene import JOIN_EUI, TENANT, Scene, scenario


JOIN_WINDOWS_S = 6.0


@scenario
async def a_device_joins_and_is_heard(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.otaa(gateway)
    await scene.begin()
    request = await device.send_join_request()
    downlink = await device.downlink_of(request)
    assert scene.in_rx1(downlink), f"the accept comes in JOIN_ACCEPT_DELAY1: {downlink}"
    accept = downlink.frame
    assert accept.join_nonce == 1 and accept.net_id == 0, accept
    assert accept.rx_delay in (0, 1) and accept.dl_settings == 0, accept
    assert accept.dev_addr >> 25 == 0, f"{accept.dev_addr:08x} has not the prefix of NetID 000000"
    extra = device.channels[len(EU868_CHANNELS):]
    assert 1 <= len(extra) == len(set(extra)) and all(863_000_000 <= hz <= 870_000_000 for hz in extra), extra
    assert not set(extra) & set(EU868_CHANNELS), extra

    # Under the derived keys, on a channel of the CFList.
    uplink = await device.send(7, b"\x0a\x0b", hz=extra[0])
    joined = await scene.event("join", device)
    assert (joined["dev_addr"], joined["tenant"]) == (f"{accept.dev_addr:08x}", TENANT), joined
    event = await scene.event("uplink", device)
    expected = {"f_cnt": 0, "f_port": 7, "confirmed": False, "payload": "0a0b", "data_rate": "SF7BW125", "frequency": extra[0], "gateway_id": gateway.eui,
                "rssi": -60, "snr": 9.5, "tenant": TENANT, "dev_addr": f"{accept.dev_addr:08x}"}
    assert expected.items() <= event.items(), event
    reception = await scene.event("reception", device)
    assert reception["id"] == event["id"] and reception["retransmission"] is False, reception
    assert [heard["gateway_id"] for heard in reception["gateways"]] == [gateway.eui], reception
    assert await device.downlink_of(uplink) is None, "nothing was asked"
    await scene.fence(device)
    assert len(scene.seen("join", device)) == 1


@scenario
async def a_second_join_begins_a_new_session(scene: Scene) -> None:
    device = scene.otaa(scene.gateway())
    await scene.begin()
    first = await device.join()
    old_keys = device.keys
    await scene.fence(device)
    second = await device.join()
    assert (first.join_nonce, second.join_nonce) == (1, 2)
    assert device.keys != old_keys
    await scene.fence(device)
    assert [event["f_cnt"] for event in scene.seen("uplink", device)] == [0, 0], "counters begin anew with the session"
    assert len(scene.seen("join", device)) == 2


@scenario
async def a_lost_accept_leaves_the_running_session(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.otaa(gateway)
    await scene.begin()
    await device.join()
    await scene.fence(device)
    gateway.refuse_with = ["TOO_LATE", "TOO_LATE"]
    lost = await device.send_join_request()
    assert await device.downlink_of(lost) is None
    uplink = await device.send(confirmed=True)
    assert uplink.f_cnt == 1 and await device.downlink_of(uplink), "the old session goes on until the device is heard under new keys"
    accept = await device.join()
    assert accept.join_nonce == 3, "the JoinNonce of a lost accept is not used again"
    await scene.fence(device)


@scenario
async def a_replayed_dev_nonce_is_refused(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.otaa(gateway)
    await scene.begin()
    request = await device.send_join_request()
    assert await device.downlink_of(request)
    await scene.fence(device)
    sent = len(gateway.transmissions)
    assert await gateway.hear(request.phy, request.radio)
    await scene.event("log", device)
    uplink = await device.send(confirmed=True)
    answer = await device.downlink_of(uplink)
    assert uplink.f_cnt == 1 and answer and answer.frame.ack, "the session is untouched"
    await asyncio.sleep(JOIN_WINDOWS_S)
    assert len(gateway.transmissions) == sent + 1, "no second accept"
    assert len(scene.seen("join", device)) == 1


@scenario
async def a_forged_request_does_not_use_up_a_nonce(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.otaa(gateway)
    await scene.begin()
    request = device.join_request(1)
    for phy in (request[:-1] + bytes([request[-1] ^ 1]), lorawan.join_request(bytes(16), int(JOIN_EUI, 16), int(device.dev_eui, 16), 1)):
        assert await gateway.hear(phy, Radio(EU868_CHANNELS[0], "SF7BW125"))
    accept = await device.join()
    assert device.dev_nonce == 1 and accept.join_nonce == 1, accept
    await scene.fence(device)
