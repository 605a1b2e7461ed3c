"""A draft: what a reader has gathered of one item before anyone asked whether it makes sense."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from question_bank.canonical import stem_fold
from question_bank.formats.report import ImportReport, Place, Problem, ReadItem
from question_bank.items import Basis, Difficulty, ItemType, Level

# Stands in a text where the file holds something that is not text: a picture or an embedded object.
OBJECT_MARK = "\ufffc"


@dataclass(slots=True)
class DraftOption:
    """An option under the label that the file gave it; the label is empty where the file gave none."""

    label: str
    text: str


@dataclass(slots=True)
class Extras:
    """What only some types have, as the file has it.

    `points` are scoring points or steps as written, with their marks; `premises` and `choices` are pairs by position,
    choices beyond them are distractors; `parts` are the parts of a case, `share` what one of them counts.
    """

    points: list[str] = field(default_factory=list)
    premises: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    tolerance: str = ""
    unit: str = ""
    conditions: str = ""
    stimulus: str = ""
    parts: "list[Draft]" = field(default_factory=list)
    share: int = 1


@dataclass(slots=True)
class Draft:
    """One item as found. `key_text` is None while no key was found; `accepted` are the cells of blanks.

    `whole` is the case that a draft is a part of; what items have in common (topic, basis, …) belongs to it.
    """

    place: Place
    stem: str = ""
    number: int | None = None
    group: int = 0
    declared: ItemType | None = None
    unsupported: str = ""
    options: list[DraftOption] = field(default_factory=list)
    key_text: str | None = None
    accepted: list[str] = field(default_factory=list)
    explanation: str = ""
    topic: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    level: Level | None = None
    basis: tuple[Basis, ...] = ()
    tags: tuple[str, ...] = ()
    doubts: list[Problem] = field(default_factory=list)
    extras: Extras | None = None
    whole: "Draft | None" = None

    def extra(self) -> Extras:
        """What only some types have; made on first use."""
        self.extras = self.extras or Extras()
        return self.extras

    def label_position(self, label: str) -> int | None:
        """Where the option with this letter stands; by the labels if there are any, else by order from A."""
        for position, option in enumerate(self.options):
            if (option.label or chr(ord("A") + position)) == label:
                return position
        return None


def begin_part(case: Draft, place: Place, item_type: ItemType | None, share: int) -> Draft:
    """One more part of a case."""
    part = Draft(place, declared=item_type, whole=case)
    part.extra().share = share
    case.extra().parts.append(part)
    return part


@dataclass(slots=True)
class Findings:
    """What a reader found, in the order of the file."""

    drafts: list[Draft] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    lost: list[Problem] = field(default_factory=list)


def compose_report(
    findings: Findings,
    results: Iterable[ReadItem | Problem],
    *,
    file_format: str,
    encoding: str = "",
) -> ImportReport:
    """The report of one file from its settled drafts."""
    items: list[ReadItem] = []
    refused = list(findings.refused)
    for result in results:
        if isinstance(result, ReadItem):
            items.append(result)
        else:
            refused.append(result)
    topics = dict.fromkeys(read.item.topic for read in items if read.item.topic)
    return ImportReport(
        format=file_format,
        encoding=encoding,
        items=tuple(items),
        refused=tuple(refused),
        lost=tuple(findings.lost),
        topics=tuple(topics),
        duplicates=_group(items, by=_folded),
        identical=_group(items, by=_unspaced),
    )


def _folded(stem: str) -> str:
    # A stem of marks alone folds to nothing; such stems are compared as they are.
    return stem_fold(stem) or stem


def _unspaced(stem: str) -> str:
    return "".join(stem.split())


def _group(items: Sequence[ReadItem], *, by: Callable[[str], str]) -> tuple[tuple[int, ...], ...]:
    """Positions of items of one type whose stems are the same; a stem may well serve two types."""
    # Nearly every stem stands alone: only its first position is kept until a second one comes.
    first_with: dict[bytes, int] = {}
    groups: dict[int, list[int]] = {}
    for position, read in enumerate(items):
        said = f"{read.item.item_type} {by(read.item.stem)}".encode(errors="surrogatepass")
        first = first_with.setdefault(blake2b(said, digest_size=16).digest(), position)
        if first != position:
            groups.setdefault(first, [first]).append(position)
    return tuple(tuple(groups[first]) for first in sorted(groups))
