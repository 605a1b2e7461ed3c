"""The file of anchors outside the database: lines are only ever added, each on the disk before anyone relies on it."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.audit.anchors import AnchorLine, read_line, read_lines
from app.audit.canonical import canonical

ANCHORS = "anchors.jsonl"
KEYS = "keys.jsonl"
_BLOCK = 64 * 1024


class Lines:
    """The lines of a file as it stands now, as often as they are asked for: what is added later is not among them."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where the file cannot be read."""
        self._path = path
        with path.open("rb") as file:
            self._size = file.seek(0, os.SEEK_END)

    def __iter__(self) -> Iterator[str]:
        left = self._size
        with self._path.open("rb") as file:
            while left > 0 and (line := file.readline(left)):
                left -= len(line)
                yield line.decode("utf-8", "replace").rstrip("\n")


class AnchorFile:
    """The anchors in one folder, and the public keys that they are checked with."""

    def __init__(self, folder: Path) -> None:
        self.anchors = folder / ANCHORS
        self._keys = folder / KEYS
        self._folder = folder

    @contextmanager
    def held_alone(self) -> Iterator[None]:
        """Keep every other process and thread of this machine from anchoring meanwhile. Makes the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "anchors.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def exists(self) -> bool:
        """Whether the file is there, if only empty."""
        return self.anchors.exists()

    def begin(self) -> None:
        """Make the file, empty, so that from now on its absence means something."""
        self._add(self.anchors, [])

    def last(self) -> AnchorLine | None:
        """The newest anchor outside; reads from the end, so that the length of the file does not matter."""
        if not self.exists():
            return None
        with self.anchors.open("rb") as file:
            position = file.seek(0, os.SEEK_END)
            tail = b""
            while position > 0:
                start = max(0, position - _BLOCK)
                file.seek(start)
                tail = file.read(position - start) + tail
                position = start
                head, *whole = tail.split(b"\n")
                for line in reversed(whole if start else [head, *whole]):
                    found = read_line(line.decode("utf-8", "replace"))
                    if found:
                        return found
        return None

    def find(self, anchor_id: int) -> AnchorLine | None:
        """The anchor of that number, if the file has it."""
        return next((line for line in read_lines(Lines(self.anchors)) if line.anchor.id == anchor_id), None)

    def add(self, lines: Iterable[AnchorLine]) -> None:
        """Append anchors; returns when they are on the disk."""
        self._add(self.anchors, (line.text() for line in lines))

    def public_keys(self) -> dict[str, str]:
        """The public keys (PEM) by key id, as they were noted outside."""
        return read_keys(Lines(self._keys)) if self._keys.exists() else {}

    def note_key(self, key_id: str, pem: str) -> None:
        """Note a public key outside, once."""
        if key_id not in self.public_keys():
            self._add(self._keys, [canonical({"key_id": key_id, "public_key": pem})])

    def _add(self, path: Path, lines: Iterable[str]) -> None:
        fresh = not path.exists()
        with path.open("a+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":  # a crash tore the last line: leave it, and start on one of our own
                    file.write(b"\n")
            for line in lines:
                file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def read_keys(lines: Iterable[str]) -> dict[str, str]:
    """The public keys (PEM) by key id that such lines hold; a torn line is left out."""
    keys: dict[str, str] = {}
    for line in lines:
        try:
            said = json.loads(line)
            keys[str(said["key_id"])] = str(said["public_key"])
        except (ValueError, KeyError, TypeError):
            continue
    return keys
