"""`make fuzz`: the long tier. Files of every format are damaged and read, each in a process of its own with limits.

Prints the seed and a row for each format; ends with 1 where a file did anything but be read or be refused. Such a file
is kept in var/fuzz/ with what it did beside it: `python -m tests.fuzz.long_tier --again FILE` reads it once more.

FUZZ_SECONDS  how long for each format, 600 unless told
FUZZ_SEED     the seed, a new one unless told; the same seed damages the same files in the same way
FUZZ_FORMATS  only these, with commas
"""

import argparse
import os
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.corpus import FORMATS, corpus
from tests.fuzz.reading import MEMORY_MB, READERS, SECONDS, Outcome, read_apart, read_as_import
from tests.support.damage import damage_file

KEPT = Path("var/fuzz")
MOST_KEPT = 20
HEAD = (
    "| format | files | read | refused by name | broken | slowest, s | most memory, MB |\n|---|--:|--:|--:|--:|--:|--:|"
)


@dataclass
class Tally:
    """What came of the files of one format."""

    file_format: str
    kinds: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    largest_mb: float = 0.0
    kept: list[Path] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """One more."""
        self.kinds[outcome.kind] += 1
        self.slowest = max(self.slowest, outcome.seconds)
        self.largest_mb = max(self.largest_mb, outcome.memory_mb)

    @property
    def broken(self) -> int:
        """Files that did what no file may."""
        return self.kinds.total() - self.kinds["read"] - self.kinds["refused"]

    def row(self) -> str:
        """A row of the table in docs/reliability.md."""
        numbers = (self.kinds.total(), self.kinds["read"], self.kinds["refused"], self.broken)
        counts = " | ".join(f"{number:,}" for number in numbers)
        return f"| {self.file_format} | {counts} | {self.slowest:.2f} | {self.largest_mb:.0f} |"


def damaged(file_format: str, seed: str) -> Iterator[tuple[int, str, bytes]]:
    """(number, name, bytes) without end: every file as it is, then damaged ones. The same seed, the same bytes."""
    files = corpus(file_format)
    for number, (name, data) in enumerate(files):
        yield number, name, data
    number = len(files)
    while files:
        chance = random.Random(f"{seed}:{file_format}:{number}")
        name, data = chance.choice(files)
        yield number, name, damage_file(chance, data, chance.choice(files)[1])
        number += 1


def run(file_format: str, seed: str, seconds: float, folder: Path = KEPT) -> Tally:
    """Damage and read the files of a format for so long; what goes wrong is kept in the folder."""
    tally = Tally(file_format)
    until = time.monotonic() + seconds
    for number, name, data in damaged(file_format, seed):
        outcome = read_apart(name, data, read=READERS.get(file_format, read_as_import))
        tally.count(outcome)
        if not outcome.is_sound and len(tally.kept) < MOST_KEPT:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{file_format}-{seed}-{number}.{outcome.kind}"
            path.write_bytes(data)
            path.with_suffix(".txt").write_text(f"{name}\n{outcome}\n{outcome.words}", encoding="utf-8")
            tally.kept.append(path)
        if time.monotonic() > until:
            break
    return tally


def main() -> int:
    """All formats, or one kept file again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", type=Path, help="a file kept by an earlier run")
    again: Path | None = parser.parse_args().again
    if again is not None:
        reader = READERS.get(again.name.split("-")[0], read_as_import)
        outcome = read_apart(again.name, again.read_bytes(), read=reader)
        print(outcome, outcome.words, sep="\n")
        return 0 if outcome.is_sound else 1
    seed = os.environ.get("FUZZ_SEED") or secrets.token_hex(4)
    seconds = float(os.environ.get("FUZZ_SECONDS") or 600)
    formats = (os.environ.get("FUZZ_FORMATS") or ",".join(FORMATS)).split(",")
    print(f"FUZZ_SEED={seed}, {seconds:g} s a format; limits: {SECONDS} s, {MEMORY_MB} MB a file", flush=True)
    if not os.environ.get("CHIZHENG_REAL_DATA"):
        print("CHIZHENG_REAL_DATA names no folder with real files: only our own are damaged, and no xls", flush=True)
    print(HEAD)
    broken = 0
    for file_format in formats:
        tally = run(file_format, seed, seconds)
        broken += tally.broken
        print(tally.row(), flush=True)
        for path in tally.kept:
            print(f"  kept: {path}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
