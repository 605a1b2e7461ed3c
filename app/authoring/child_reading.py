"""What a child process does with a file. It imports little: what it need not load, nobody waits for."""

import hashlib
from dataclasses import dataclass

from app.authoring.reading import figures_of, pack, reading_of
from question_bank.content import Picture
from question_bank.formats import read_bank


@dataclass(frozen=True)
class ReadFile:
    """What came of a file: its digest, its format by content, the reading as it is stored, its pictures."""

    name: str
    file_hash: str
    format: str
    packed: bytes
    figures: dict[str, int | str]
    pictures: tuple[Picture, ...] = ()


def read_here(given: tuple[str, bytes]) -> ReadFile:
    """Read a file (name, bytes) in this very process. Raises UnreadableFile."""
    name, content = given
    report = read_bank(name, content)
    reading = reading_of(report)
    digest = hashlib.sha256(content).hexdigest()
    return ReadFile(name, digest, report.format, pack(reading), figures_of(reading), report.pictures)
