"""Lines of many devices, kept in files until their device's turn: a few devices at a time are in memory, however long the time is."""
from pathlib import Path


class Spill:
    """One process writes, then others may read."""

    def __init__(self, folder: Path, name: str, parts: int):
        self.paths = [folder / f"{name}-{part:03}" for part in range(parts)]
        self.files = [open(path, "w", buffering=1 << 16) for path in self.paths]

    def add(self, device: str, line: str) -> None:
        """Lines of one device keep their order."""
        self.files[int(device[-6:], 16) % len(self.files)].write(line + "\n")

    def close(self) -> None:
        """All is written."""
        for file in self.files:
            file.close()
        self.files = []

    def lines(self, part: int):
        with open(self.paths[part]) as file:
            for line in file:
                yield line[:-1]
