"""ABP: devices with fixed keys, moved from another network (start values) or that forget their counters (f_cnt_reset)."""
from device import EU868_CHANNELS
from gateway import Radio
from scene import Scene, scenario


@scenario
async def counters_start_where_the_document_says(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    device.f_cnt_up, device.last_f_cnt_down = 1_000, 499
    await scene.begin(f_cnt_up=1_000, f_cnt_down=500)
    assert await gateway.hear(device.encode(999), Radio(EU868_CHANNELS[0], "SF7BW125")), "refused, but acknowledged"
    await scene.event("log", device)
    uplink = await device.send(confirmed=True)
    answer = await device.downlink_of(uplink)
    assert answer and answer.frame.f_cnt == 500, answer
    # Declared once more, with lower start values: counters that were used stay used.
    await scene.declare(f_cnt_up=7, f_cnt_down=3)
    assert await gateway.hear(device.encode(800), Radio(EU868_CHANNELS[0], "SF7BW125"))
    await scene.event("log", device, 2)
    uplink = await device.send(confirmed=True)
    answer = await device.downlink_of(uplink)
    assert answer and answer.frame.f_cnt == 501, answer
    assert [event["f_cnt"] for event in scene.seen("uplink", device)] == [1_000, 1_001]


@scenario
async def a_device_may_forget_its_counters_where_that_is_declared(scene: Scene) -> None:
    device = scene.abp(scene.gateway())
    await scene.begin(f_cnt_reset=True)
    for start in (b"\x01", b"\x02"):
        device.f_cnt_up, device.last_f_cnt_down = 0, -1  # it was without power: it counts anew in both directions
        for f_cnt in range(2):
            uplink = await device.send(5, start + bytes([f_cnt]), confirmed=True)
            answer = await device.downlink_of(uplink)
            assert answer and answer.frame.f_cnt == f_cnt, answer
    assert [(event["f_cnt"], event["payload"]) for event in scene.seen("uplink", device)] == [(0, "0100"), (1, "0101"), (0, "0200"), (1, "0201")]


@scenario
async def a_device_may_not_forget_its_counters_elsewhere(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.begin()
    for _ in range(2):
        await scene.fence(device)
    assert await gateway.hear(device.encode(0, payload=b"\x0b"), Radio(EU868_CHANNELS[0], "SF7BW125"))
    await scene.event("log", device)
    await scene.fence(device)
    assert [event["f_cnt"] for event in scene.seen("uplink", device)] == [0, 1, 2]


@scenario
async def two_devices_may_share_an_address(scene: Scene) -> None:
    """DevAddr is not unique: the MIC says whose frame it is."""
    gateway = scene.gateway()
    one = scene.abp(gateway)
    two = scene.abp(gateway, dev_addr=one.dev_addr)
    await scene.begin()
    for device, payload in ((one, b"\x01"), (two, b"\x02"), (one, b"\x03"), (two, b"\x04")):
        uplink = await device.send(5, payload, confirmed=True)
        answer = await device.downlink_of(uplink)
        assert answer and answer.frame.ack, answer
    assert [event["payload"] for event in scene.seen("uplink", one)] == ["01", "03"]
    assert [event["payload"] for event in scene.seen("uplink", two)] == ["02", "04"]
