"""What an operator types: documents, exit codes (0 done, 1 refused with a reason, 2 wrong usage), events, read tokens."""
import asyncio
import json
import os
import subprocess
import tempfile
import urllib.request

from device import document
from lenne import LENNE
from scene import JOIN_EUI, TENANT, Scene, alone, scenario

OTHER = "olpe"


def device_fields(**more) -> dict:
    return {"kind": "Device", "dev_eui": "70b3d500ffff0001", "join_eui": JOIN_EUI, "name": "not to be", "tenant": TENANT, "region": "EU868", "mac_version": "1.0.3",
            "reg_params": "A", "class": "A", "activation": "OTAA", "app_key": "11" * 16, **more}


@scenario
async def applying_twice_changes_nothing(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    documents = [{"kind": "Site", "name": f"site-{scene.number}", "tenant": TENANT}, {"kind": "Gateway", "gateway_id": gateway.eui, "tenant": TENANT, "name": "here"},
                 document(device, TENANT, site=f"site-{scene.number}", f_cnt_up=3)]

    async def actions(*flags: str) -> list[str]:
        done = await scene.network.apply(documents, "--json", *flags)
        assert done.code == 0, done
        return [result["action"] for result in json.loads(done.out)["results"]]

    first = await actions("--dry-run")
    assert first == ["created"] * 3, first
    assert await actions() == ["created"] * 3, "a dry run has written nothing"
    for _ in range(2):
        assert await actions() == ["unchanged"] * 3
    await gateway.open(scene.network.server.udp_address)
    device.f_cnt_up = 3
    await scene.fence(device)
    assert await actions() == ["unchanged"] * 3, "neither does a counter that has moved on"
    documents[1]["name"] = "there"
    shown = await scene.network.apply(documents, "--dry-run")
    assert shown.code == 0 and "here" in shown.out and "there" in shown.out, shown
    assert await actions() == ["unchanged", "updated", "unchanged"]
    await scene.fence(device)


@scenario
async def what_is_not_built_is_refused_with_a_reason(scene: Scene) -> None:
    for fields, word in (({"mac_version": "1.1.0", "nwk_key": "22" * 16}, "1.1"), ({"mac_version": "1.1"}, "1.1"), ({"class": "B"}, "class B"), ({"region": "US915"}, "US915")):
        done = await scene.network.apply([device_fields(**fields)])
        assert done.code == 1 and word in done.out + done.err, (fields, done)
        done = await scene.network.apply([device_fields(**fields)], "--dry-run")
        assert done.code == 1, (fields, done)
    with tempfile.TemporaryDirectory() as folder:
        for setting, word in (("gateways.station=127.0.0.1:0", "station"), ("log.type=kafka", "kafka"), ("network.regions=US915", "US915")):
            done = await asyncio.to_thread(subprocess.run, [LENNE, "serve", "--set", f"data={folder}/data", "--set", "http.listen=127.0.0.1:0", "--set", "gateways.udp=127.0.0.1:0",
                                                            "--set", setting], capture_output=True, text=True, timeout=30)
            assert done.returncode == 1 and word in done.stderr and "ready" not in done.stdout, (setting, done)


@scenario
async def documents_that_are_wrong_are_refused_with_a_reason(scene: Scene) -> None:
    wrong = [{"app_key": "11"}, {"app_key": None}, {"dev_eui": "70b3d500ffff000"}, {"dev_eui": "xyz3d500ffff0001"}, {"activation": "maybe"}, {"class": "D"},
             {"mac_version": "0.9"}, {"no_such_field": 1}, {"tenant": "No Tenant!"}, {"f_cnt_up": -1}, {"activation": "ABP"}]
    for fields in wrong:
        done = await scene.network.apply([{name: value for name, value in device_fields(**fields).items() if value is not None}])
        assert done.code == 1 and len((done.out + done.err).strip()) > 10, (fields, done)
    done = await scene.network.apply([{"kind": "Nothing"}])
    assert done.code == 1, done


@scenario
async def exit_codes_say_done_refused_or_wrong_usage(scene: Scene) -> None:
    run = scene.network.command
    for code, arguments in [
        (0, ["events", "--json", "--from", "now"]), (0, ["--help"]), (0, ["frame", "--help"]),
        (0, ["frame", "40c3b2a1000000000501aabbccdd", "--json"]),
        (1, ["frame", "40c3b2", "--json"]), (1, ["frame", "zz", "--json"]),
        (1, ["events", "--json", "--from", "nowhere"]), (1, ["events", "--json", "--token", "wrong"]), (1, ["events", "--json", "--server", "http://127.0.0.1:1"]),
        (2, []), (2, ["no-such-command"]), (2, ["events", "--no-such-option"]), (2, ["frame"]), (2, ["apply"]), (2, ["apply", "/no/such/file.yaml"]),
        (2, ["frame", "40c3b2a1000000000501aabbccdd", "--key", "app_s_key=12"]), (2, ["frame", "40c3b2a1000000000501aabbccdd", "--version", "2.0"]),
    ]:
        done = await run(*arguments)
        assert done.code == code, f"lenne {' '.join(arguments)}: {done}"
        assert code == 0 or (done.out + done.err).strip(), f"lenne {' '.join(arguments)} says nothing"


@alone("auth.anonymous=none")
async def a_read_token_sees_its_tenant_only(scene: Scene) -> None:
    gateway = scene.gateway()
    mine, theirs = scene.abp(gateway), scene.abp(gateway)
    assert (await scene.network.apply([{"kind": "Tenant", "name": OTHER}])).code == 0
    await scene.declare()
    assert (await scene.network.apply([document(theirs, OTHER)])).code == 0, "moved to the other tenant"
    await gateway.open(scene.network.server.udp_address)
    for device in (mine, theirs):
        await scene.fence(device)
    made = await scene.network.command("token", "create", TENANT, "a school", "--json")
    assert made.code == 0, made
    token = json.loads(made.out)["token"]

    async def devices_seen(*arguments: str, by: str | None = token) -> set[str]:
        done = await scene.network.command("events", "--json", "--type", "uplink,reception", *arguments, token=by)
        assert done.code == 0, done
        return {json.loads(line)["dev_eui"] for line in done.out.splitlines()}

    assert await devices_seen(by=None) == {mine.dev_eui, theirs.dev_eui}, "the operator sees both"
    assert await devices_seen("--tenant", OTHER, by=None) == {theirs.dev_eui}
    assert await devices_seen() == {mine.dev_eui}
    assert await devices_seen("--tenant", TENANT) == {mine.dev_eui}
    other = await scene.network.command("events", "--json", "--tenant", OTHER, token=token)
    assert theirs.dev_eui not in other.out and mine.dev_eui not in other.out, other
    follow = await asyncio.create_subprocess_exec(LENNE, "events", "--json", "--follow", "--from", "beginning", stdout=asyncio.subprocess.PIPE,
                                                  env={**os.environ, "LENNE_SERVER": f"http://{scene.network.server.http}", "LENNE_TOKEN": token})
    for device in (theirs, mine):
        await scene.fence(device)
    seen = []
    async with asyncio.timeout(10):
        while sum(event["type"] == "reception" for event in seen) < 2:
            seen.append(json.loads(await follow.stdout.readline()))
    follow.terminate()
    await follow.wait()
    assert {event["dev_eui"] for event in seen} == {mine.dev_eui}, seen

    # It reads; it does not write.
    assert (await scene.network.apply([document(mine, TENANT, f_cnt_up=9)], token=token)).code == 1
    assert (await scene.network.command("token", "list", token=token)).code == 1
    assert (await scene.network.command("downlink", mine.dev_eui, "1", "00", token=token)).code == 1
    assert (await scene.network.command("events", "--json", token="")).code == 1, "nobody reads without a token"


@alone("auth.anonymous=none")
async def a_token_for_one_purpose_outlives_a_restart(scene: Scene) -> None:
    gateway = scene.gateway()
    device = scene.abp(gateway)
    await scene.declare()
    make = ("token", "create", TENANT, "a purpose", "--json", "--purpose")
    for wrong, word in (((*make, "marketing"), "marketing"), ((*make, "consent"), "at least one"), ((*make, "consent", "--device", "ff"), "devices"),
                        ((*make, "leaks", "--device", device.dev_eui), "consent")):
        done = await scene.network.command(*wrong)
        assert done.code == 1 and word in done.out + done.err, (wrong, done)
    tokens = {}
    for purpose, more in (("billing", ()), ("consent", ("--device", device.dev_eui))):
        made = await scene.network.command(*make, purpose, *more)
        assert made.code == 0, made
        row = json.loads(made.out)
        assert row["purpose"] == purpose and row["devices"] == list(more[1:]), row
        tokens[purpose] = row["token"]
    for restarted in (False, True):
        for purpose, token in tokens.items():
            done = await scene.network.command("events", "--json", token=token)
            assert done.code == 1 and f"a token for {purpose} does not read /v1/events" in done.out + done.err, (restarted, done)
            request = urllib.request.Request(f"http://{scene.network.server.http}/v1/devices", headers={"Authorization": f"Bearer {token}"})
            with await asyncio.to_thread(urllib.request.urlopen, request, timeout=30) as answer:
                assert device.dev_eui in answer.read().decode(), (purpose, restarted)
        if not restarted:
            await scene.network.restart()
    listed = await scene.network.command("token", "list", "--json")
    assert sorted(row["purpose"] for row in json.loads(listed.out)["items"]) == ["billing", "consent"], listed


@scenario
async def events_are_read_from_a_position_on(scene: Scene) -> None:
    device = scene.abp(scene.gateway())
    await scene.begin()
    for _ in range(3):
        await scene.fence(device)
    second = scene.seen("uplink", device)[1]
    done = await scene.network.command("events", "--json", "--type", "uplink", "--from", second["position"])
    assert done.code == 0, done
    later = [json.loads(line) for line in done.out.splitlines()]
    assert [event["f_cnt"] for event in later if event["dev_eui"] == device.dev_eui] == [2], "what came after that position"
    done = await scene.network.command("events", "--json", "--from", "now")
    assert done.code == 0 and device.dev_eui not in done.out, done
