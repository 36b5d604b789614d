"""MAC commands that a device begins: LinkCheckReq (5.1 of 1.0.4), DeviceTimeReq (5.9), DevStatusAns (5.5)."""
import struct
import time

from device import Heard
from scene import Scene, scenario

# GPS time began on 1980-01-06 and has no leap seconds; UTC has had 18 since (none after 2017).
GPS_MINUS_UNIX_S = 18 - 315_964_800


@scenario
async def link_check_is_answered_with_margin_and_gateways(scene: Scene) -> None:
    near, far = scene.gateway(), scene.gateway()
    device = scene.abp(Heard(far, -118, -12.0), Heard(near, -80, 2.5))
    await scene.begin()
    for data_rate, floor in ((5, -7.5), (0, -20.0)):  # demodulation floor of SF7 and SF12
        device.data_rate = data_rate
        uplink = await device.send(f_opts=b"\x02")
        answer = await device.downlink_of(uplink)
        assert answer and answer.commands == [(0x02, bytes([int(2.5 - floor), 2]))], answer
        assert not answer.frame.ack
    # The request in an encrypted FRMPayload of FPort 0.
    uplink = await device.send(0, b"\x02")
    answer = await device.downlink_of(uplink)
    assert answer and answer.commands[0][0] == 0x02, answer


@scenario
async def device_time_is_gps_time_at_the_end_of_the_uplink(scene: Scene) -> None:
    device = scene.abp(scene.gateway())
    await scene.begin()
    uplink = await device.send(f_opts=b"\x0d")
    answer = await device.downlink_of(uplink)
    assert answer and [command for command, _ in answer.commands] == [0x0D], answer
    seconds, fraction = struct.unpack("<IB", answer.commands[0][1])
    assert abs(seconds + fraction / 256 - GPS_MINUS_UNIX_S - uplink.sent) < 0.5, answer

    # A gateway with GPS says it exactly: tmms, in ms.
    exact = round((time.time() + GPS_MINUS_UNIX_S) * 1000) // 1000 * 1000 + 250
    uplink = await device.send(f_opts=b"\x0d\x02", confirmed=True, gps_ms=exact)
    answer = await device.downlink_of(uplink)
    assert answer and answer.frame.ack, answer
    assert dict(answer.commands)[0x0D] == struct.pack("<IB", exact // 1000, 64), answer
    assert 0x02 in dict(answer.commands), answer


@scenario
async def a_status_becomes_an_event(scene: Scene) -> None:
    device = scene.abp(scene.gateway())
    await scene.begin()
    told = ((254, 20, 100, False), (0, -32, None, True), (255, 31, None, False), (127, -1, 50, False))
    for count, (battery, margin, percent, external) in enumerate(told, 1):
        await device.send(f_opts=bytes([0x06, battery, margin & 0x3F]))
        status = await scene.event("status", device, count)
        assert (status["battery_percent"], status["external_power"], status["margin"]) == (percent, external, margin), status


@scenario
async def an_unknown_command_hides_none_before_it(scene: Scene) -> None:
    device = scene.abp(scene.gateway())
    await scene.begin()
    uplink = await device.send(f_opts=b"\x02\xfe\x0d\x02")
    answer = await device.downlink_of(uplink)
    assert answer and [command for command, _ in answer.commands] == [0x02], answer


@scenario
async def a_good_link_gets_a_faster_data_rate(scene: Scene) -> None:
    """Some 30 dB over the floor of SF12, on each of the last twenty uplinks."""
    device = scene.otaa(scene.gateway())
    await scene.begin()
    await device.join()
    device.adr, device.data_rate = True, 0
    commanded: list[bytes] = []
    for _ in range(24):
        answer = await device.downlink_of(await device.send())
        commanded = [data for command, data in answer.commands if command == 0x03] if answer else []
        if commanded:
            break
    assert commanded, "no LinkADRReq in 24 uplinks"
    assert device.data_rate == 5, commanded
    for _ in range(2):  # the first with LinkADRAns
        uplink = await device.send(confirmed=True)
        answer = await device.downlink_of(uplink)
        assert answer and answer.frame.ack and not [data for command, data in answer.commands if command == 0x03], answer
        event = await scene.event("uplink", device, f_cnt=uplink.f_cnt)
        assert event["data_rate"] == "SF7BW125", event


@scenario
async def a_device_that_refuses_a_data_rate_keeps_its_own(scene: Scene) -> None:
    """LinkADRAns without all three bits: nothing was changed, so answers go on at the old data rate; and it is not asked for ever."""
    device = scene.abp(scene.gateway(), data_rate=3)
    device.adr, device.link_adr_status = True, 0x05
    await scene.begin()
    asked = 0
    for _ in range(26):
        answer = await device.downlink_of(await device.send())
        asked += bool(answer and [data for command, data in answer.commands if command == 0x03])
    assert 1 <= asked <= 5, asked
    assert device.data_rate == 3
