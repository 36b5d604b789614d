#!/usr/bin/env python3
"""A real server with a simulated town, recorded; killed once and stopped at the end.

`lenne verify` proves what each of them left behind, `lenne replay` gives the same from the recording each time, and
`lenne replay --log` finds in the data directory what its log leads to. A damaged directory is not proved, and one that is
in use neither looked at nor served twice.
"""
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lenne import LENNE, Server, read_truth, wait_until  # noqa: E402

REGION = ["--towns", "olpe", "--hurry", "2000"]
SETTINGS = ["windows.sizes=10s,1m", "windows.grace=2s", "windows.watermark_delay=1s", "windows.spread=false"]


def lenne(*arguments: str) -> tuple[int, dict | str, str]:
    """Exit code, standard output (JSON if it is), standard error."""
    done = subprocess.run([LENNE, *arguments], capture_output=True, text=True, timeout=300)
    try:
        return done.returncode, json.loads(done.stdout), done.stderr
    except json.JSONDecodeError:
        return done.returncode, done.stdout, done.stderr


def with_settings(*more: str) -> list[str]:
    return [part for setting in [*SETTINGS, *more] for part in ("--set", setting)]


def check_in_use(data: Path) -> None:
    second = lenne("serve", *with_settings(f"data={data}", "gateways.udp=127.0.0.1:0", "http.listen=127.0.0.1:0"))
    assert second[0] == 1 and "directory_in_use" in second[2] and str(data) in second[2], second
    for command in (["verify", str(data)], ["replay", "--log", str(data), *with_settings()]):
        refused = lenne(*command, "--json")
        assert refused[0] == 1 and refused[1]["error"] == "directory_in_use", refused


def check_directory(data: Path) -> dict:
    code, found, errors = lenne("verify", str(data), "--json")
    assert code == 0 and found["verified"], (found, errors)
    code, again, errors = lenne("replay", "--log", str(data), *with_settings(), "--json")
    assert code == 0 and again["equal"] and not again["left_out"], (again, errors)
    records = {topic["topic"]: topic["records"] for topic in found["topics"]}
    for topic in ("event.v1", "int.measurement", "int.gateway-downlink", "int.control", "int.keys", "aggregate.v1"):
        assert again["equal_records"].get(topic) == records[topic] > 0, (topic, again, records)
    return records


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 3] ^= 4
    file.write_bytes(data)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        recording, documents, truth = Path(folder) / "recording", Path(folder) / "town.yaml", Path(folder) / "truth.jsonl"
        documents.write_text(lenne_text("simulate", "--print", *REGION))
        with Server(*SETTINGS, f"gateways.record={recording}") as server:
            data = Path(server.folder.name) / "data"
            simulator = server.simulate("--declare", *REGION, "--truth", str(truth))
            wait_until("uplinks", lambda: truth.exists() and len(read_truth(truth)[1]) > 300, 60)
            check_in_use(data)
            server.kill()
            print("killed: ", check_directory(data))
            server.start()
            before = len(read_truth(truth)[1])
            wait_until("more uplinks", lambda: len(read_truth(truth)[1]) > before + 300, 60)
            simulator.terminate()
            simulator.communicate(timeout=30)
            time.sleep(3)
            assert server.stop() == 0
            records = check_directory(data)
            print("stopped:", records)

            replay = ["replay", str(recording), "--documents", str(documents), "--json", *with_settings()]
            runs = [lenne(*replay), lenne(*replay), lenne(*replay, "--data", f"{folder}/replayed")]
            for code, result, errors in runs:
                assert code == 0, (result, errors)
            results = [result for _, result, _ in runs]
            print("replayed:", results[0])
            assert len({result["digest"] for result in results}) == 1, results
            assert results[0]["starts"] == 2 and results[0]["lost"] == 0, results[0]
            assert results[0]["events"] > 600 and results[0]["downlinks"] > 0, results[0]
            code, compared, errors = lenne(*replay, "--compare")
            print("compared:", code, compared["sent"])
            # All devices join at once: which of them gets a gateway's time depends on who was first. Acknowledgements do not.
            acknowledged, sent = compared["sent"]["acknowledgements"], compared["sent"]["downlinks"]
            assert acknowledged["missing"] == 0 and acknowledged["surplus"] <= 600, compared["sent"]
            assert sent["equal"] > 0, compared["sent"]
            check_directory(Path(folder) / "replayed")

            victim = max((data / "log").glob("*.sst"), key=lambda file: file.stat().st_size)
            flip(victim)
            code, found, _ = lenne("verify", str(data), "--json")
            assert code == 1 and not found["verified"] and found["fault_count"] >= 1, found
            assert any(victim.name in fault["what"] for fault in found["faults"]), found["faults"]
    print("verified and replayed")
    return 0


def lenne_text(*arguments: str) -> str:
    return subprocess.run([LENNE, *arguments], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
