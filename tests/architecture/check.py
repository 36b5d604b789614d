#!/usr/bin/env python3
"""Reads every #include and fails on an edge between folders that docs/ARCHITECTURE.md does not allow.

Also refuses third-party headers outside their folder, the machine's time and randomness in the core,
the names of device vendors in C++ (devices are data), properties whose outcome nobody reads, and writers of what everybody may see
beside the gate.
Usage: check.py ROOT [--self-test]
"""
import re
import sys
import tempfile
from pathlib import Path

# folder -> folders of ours that it may include, besides itself. Nested folders stand for themselves.
OURS = {
    "base": set(),
    "network/lorawan": {"base"},
    "storage": {"base", "proto"},
    "storage/memory": {"base", "proto", "storage"},
    "storage/rocksdb": {"base", "proto", "storage"},
    "storage/kafka": {"base", "proto", "storage"},
    "storage/views": {"base", "proto", "storage"},
    "processing": {"base", "proto", "storage", "processing/derived", "processing/meters"},
    "processing/derived": {"base", "proto"},
    "processing/meters": {"base"},
    "decode": {"base", "proto", "storage", "processing"},
    "network": {"base", "proto", "storage", "network/lorawan", "processing", "processing/derived"},
    "ingest": {"base", "proto", "storage", "network/lorawan"},
    "api": {"base", "proto", "storage", "storage/views", "processing/derived", "processing/meters"},
    "app": {"*"},
    "tests": {"*"},
}
# A header belongs to the longest of these folders that its path starts with; sub-folders not listed belong to their parent.
PUBLIC_OF = {"processing": None, "decode": {"uplink_decoder.hpp", "processor.hpp"}, "network": {"network_measures.hpp", "uplink_decoder.hpp", "processor.hpp"}}

# third-party include prefix -> folders (or files) that may use it
THIRD_PARTY = {
    "boost/json": {"api", "app", "tests"},
    "boost/unordered/": {"processing"},
    "boost/": {"ingest", "api", "app", "tests"},
    "rocksdb/": {"storage/rocksdb", "tests"},
    "librdkafka/": {"storage/kafka", "tests"},
    "google/protobuf": {"proto", "storage", "storage/memory", "storage/rocksdb", "storage/kafka", "storage/views", "processing", "decode",
                        "network", "ingest", "api", "app", "tests"},
    "openssl/": {"base/crypto", "tests"},
    "simdjson": {"ingest", "tests"},
    "yaml-cpp": {"app", "tests"},
    "CLI/": {"app/commands/arguments.cpp"},
    "spdlog": {"app", "tests"},
    "gtest": {"tests"},
    "rapidcheck": {"tests"},
}
CLOCKS = re.compile(r"system_clock::now|steady_clock::now|high_resolution_clock|random_device|\bgetenv\b|sleep_for|sleep_until|\busleep\b")
# rc::check only returns what it found: as a statement it is a test that cannot fail.
UNREAD = re.compile(r"^\s*rc::check\(", re.M)
CLOCKS_ALLOWED = ("app/", "base/clock", "tests/")
# Only what the gate releases may be written to the topic that everybody may read; the others read it, or check what is there.
RELEASED = re.compile(r"\bTopic::open_rollup\b")
RELEASED_ALLOWED = ("processing/rollup/release.cpp", "storage/", "app/verify/", "app/replay/", "tests/")
VENDORS = re.compile(r"\b(elsys|milesight|axioma|bosch|dragino|decentlab|adeunis)\b", re.I)

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)


def folder_of(path: str) -> str:
    parts = path.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        candidate = "/".join(parts[:depth])
        if candidate in OURS:
            return candidate
    return parts[0]


def check(root: Path) -> list[str]:
    problems = []
    for folder in sorted({name.split("/")[0] for name in OURS}):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".cpp", ".hpp") or "node_modules" in file.parts:
                continue
            path = file.relative_to(root).as_posix()
            here = folder_of(path)
            text = file.read_text()
            code = COMMENT.sub("", text)
            for include in INCLUDE.findall(text):
                problems += [f"{path}: {why}" for why in judge(root, path, here, include)]
            if not path.startswith(CLOCKS_ALLOWED):
                problems += [f"{path}: uses {hit} (time and randomness are arguments)" for hit in CLOCKS.findall(code)]
            if UNREAD.search(code):
                problems.append(f"{path}: nobody reads what rc::check returns (EXPECT_TRUE around it)")
            if RELEASED.search(code) and not path.startswith(RELEASED_ALLOWED):
                problems.append(f"{path}: names the topic that everybody may see (only processing/rollup/release.cpp writes it)")
            if here != "tests":
                problems += [f"{path}: names the vendor {hit} (devices are data)" for hit in VENDORS.findall(code)]
    return problems


def judge(root: Path, path: str, here: str, include: str) -> list[str]:
    if include.startswith("lenne/"):
        return [] if "*" in OURS[here] or "proto" in OURS[here] else [f"includes {include}, but {here} may not use proto"]
    if (root / include).exists() and "/" in include:
        there = folder_of(include)
        if there == here or "*" in OURS[here] or there in OURS[here]:
            allowed = PUBLIC_OF.get(here)
            if there == "processing" and allowed and include.split("/", 1)[1] not in allowed:
                return [f"includes {include}, but {here} may use only the interface of processing"]
            return []
        return [f"includes {include}, but {here} may not use {there}"]
    for prefix, users in sorted(THIRD_PARTY.items(), key=lambda item: -len(item[0])):
        if include.startswith(prefix):
            place = "base/crypto" if path.startswith("base/crypto/") else here
            return [] if place in users or path in users else [f"includes {include}, which belongs to {', '.join(sorted(users))}"]
    return []


def self_test() -> None:
    """The check must find what it is there for."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in {
            "base/a.hpp": '#include "storage/log.hpp"\n',
            "storage/log.hpp": "#include <rocksdb/db.h>\n",
            "network/x.cpp": "auto t = std::chrono::system_clock::now();\n",
            "processing/window.hpp": "auto t = storage::Topic::open_rollup;\n",
            "processing/rollup/release.cpp": "auto t = storage::Topic::open_rollup;\n",
            "tests/laws_test.cpp": "  rc::check([] {});\n  EXPECT_TRUE(rc::check([] {}));\n",
            "decode/d.cpp": '// axioma in a comment is fine\n#include "processing/window.hpp"\nint elsys;\n',
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        found = check(root)
        assert len(found) == 7, found


if __name__ == "__main__":
    self_test()
    complaints = check(Path(sys.argv[1]))
    print("\n".join(complaints) or "includes: one-way")
    sys.exit(1 if complaints else 0)
