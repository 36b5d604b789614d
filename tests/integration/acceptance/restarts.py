"""The server killed and started again: nothing that was told is forgotten, no counter is used twice."""
import asyncio

from scene import Scene, alone


@alone("auth.anonymous=none")
async def sessions_survive_a_kill(scene: Scene) -> None:
    gateway = scene.gateway()
    joined, fixed = scene.otaa(gateway), scene.abp(gateway)
    await scene.begin()
    accept = await joined.join()
    request = joined.join_request(joined.dev_nonce)
    for device in (joined, fixed):
        assert await device.downlink_of(await device.send(confirmed=True))
    # Killed between an uplink and its answer: whatever becomes of that answer, its FCntDown is not used again.
    cut = await joined.send(confirmed=True)
    await scene.network.restart()
    await joined.downlink_of(cut)
    for device in (joined, fixed):
        # The device checks that FCntDown grows. The gateway has not pulled again: its address is remembered.
        answer = await device.downlink_of(await device.send(confirmed=True))
        assert answer and answer.frame.ack, answer
    sent = len(gateway.transmissions)
    await gateway.hear(request, cut.radio)
    await scene.event("log", joined)
    await asyncio.sleep(1)
    assert len(gateway.transmissions) == sent, "a nonce that was used before the kill stays used"
    again = await joined.join()
    assert again.join_nonce == accept.join_nonce + 1
    await scene.fence(joined)
    f_cnts = [event["f_cnt"] for event in scene.seen("uplink", joined)]
    assert f_cnts == [0, 1, 2, 0], f_cnts
