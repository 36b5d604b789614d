"""Lines of many devices, kept in files until their device's turn: a few devices at a time are in memory, however long the time is."""
from pathlib import Path


class Spill:
    """So many files, each with the lines of some devices. Whoever writes to a file does so alone; when all is written, anybody may read."""

    def __init__(self, folder: Path, name: str, parts: int):
        self.paths = [folder / f"{name}-{part:03}" for part in range(parts)]
        self.files = {}

    def part_of(self, device: str) -> int:
        return int(device[-6:], 16) % len(self.paths)

    def add(self, device: str, line: str) -> None:
        """Lines of one device keep their order."""
        part = self.part_of(device)
        if part not in self.files:
            self.files[part] = open(self.paths[part], "w", buffering=1 << 16)
        self.files[part].write(line + "\n")

    def close(self) -> None:
        """All is written."""
        for file in self.files.values():
            file.close()
        self.files = {}

    def lines(self, part: int):
        if not self.paths[part].exists():
            return
        with open(self.paths[part]) as file:
            for line in file:
                yield line[:-1]
