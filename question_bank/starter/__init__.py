"""The bank that ships: a register of facts, and files of items on them as authors write them.

Read the files with `question_bank.formats.read_bank`; how they came about stands in the README beside them. Every
item names its facts in its tags: `fact:<id>` rests on that fact, `figure:<id>` asks for the figure of it.
"""

import csv
import io
from dataclasses import dataclass, fields
from importlib.resources import files

FILES = ("primary.txt", "intermediate.docx", "advanced.xlsx")
"""In ascending order of their level."""

_DOCUMENT = "原文："


@dataclass(frozen=True)
class Fact:
    """What an article says, in our own words.

    `quantity`, `value` and `unit` are its figure where it has one: a decimal, or two with a hyphen for a range.
    `since`: from when the document holds in the edition read, as far as it was found; `confirmed`: where it was read,
    as `Fact.ships` reads it.
    """

    id: str
    document: str
    article: str
    fact: str
    quantity: str
    value: str
    unit: str
    since: str
    confirmed: str

    @property
    def texts(self) -> tuple[str, ...]:
        """The public texts in which it was read, each once; `confirmed` sets them apart by a semicolon."""
        return tuple(dict.fromkeys(text.strip() for text in self.confirmed.split("；") if text.strip()))

    @property
    def ships(self) -> bool:
        """Whether it stands in the document itself, which `confirmed` marks by 原文：, or in two independent texts."""
        return self.confirmed.startswith(_DOCUMENT) or len(self.texts) >= 2


def read_facts() -> tuple[Fact, ...]:
    """The register, in its order."""
    rows = csv.DictReader(io.StringIO(read_file("facts.tsv").decode("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(Fact(**{field.name: row[field.name] for field in fields(Fact)}) for row in rows)


def read_file(name: str) -> bytes:
    """One of `FILES`, or facts.tsv, as it ships."""
    return files(__package__).joinpath(name).read_bytes()
