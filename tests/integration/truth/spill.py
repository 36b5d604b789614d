"""Lines of many devices, kept in files until their device's turn: a few devices at a time are in memory, however long the time is."""
from pathlib import Path


class Spill:
    def __init__(self, folder: Path, name: str, parts: int):
        self.files = [open(folder / f"{name}-{part:03}", "w+", buffering=1 << 16) for part in range(parts)]

    def add(self, device: str, line: str) -> None:
        """Lines of one device keep their order."""
        self.files[int(device[-6:], 16) % len(self.files)].write(line + "\n")

    def lines(self, part: int):
        file = self.files[part]
        file.seek(0)
        for line in file:
            yield line[:-1]

    def close(self) -> None:
        for file in self.files:
            file.close()
