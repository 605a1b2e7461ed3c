"""Texts that candidates write: read strictly, and compared as people would."""

import re
import unicodedata
from dataclasses import dataclass

from question_bank.canonical import Json
from question_bank.errors import InvalidItem, InvalidResponse
from question_bank.kinds.limits import is_showable
from question_bank.record import Record

LONGEST_ENTRY = 200
"""Of a blank or a number, in characters."""

# Marks that mean the same in both widths where NFKC alone leaves them apart.
_MARKS = str.maketrans({"。": ".", "、": ",", "“": '"', "”": '"', "‘": "'", "’": "'", "【": "[", "】": "]",
                        "《": "<", "》": ">", "—": "-", "－": "-", "−": "-", "…": "..."})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Normalisation:
    """Which differences between a response and an accepted text do not count.

    `width` full and half width, and other compatible forms (NFKC); `case` capital and small letters; `space` any white
    space (else only that at the ends, and how much of it); `punctuation` Chinese and Western marks. `wildcards`: a *
    in an accepted text stands for anything, \\* for itself.
    """

    width: bool = True
    case: bool = True
    space: bool = True
    punctuation: bool = True
    wildcards: bool = False

    def fold(self, text: str) -> str:
        """The text with every difference that does not count taken out."""
        text = unicodedata.normalize("NFKC" if self.width else "NFC", text)
        if self.case:
            text = unicodedata.normalize("NFC", text.casefold())
        if self.punctuation:
            text = text.translate(_MARKS)
        return "".join(text.split()) if self.space else " ".join(text.split())

    def matches(self, written: str, accepted: str) -> bool:
        """Whether what was written is what is accepted."""
        if not self.wildcards:
            return self.fold(written) == self.fold(accepted)
        pieces = [self.fold(piece.replace("\\*", "*")) for piece in re.split(r"(?<!\\)\*+", accepted)]
        return _matches_in_order(self.fold(written), pieces)


LENIENT = Normalisation()
"""No difference of width, case, white space or punctuation counts."""

AS_WRITTEN = Normalisation(width=False, case=False, space=False, punctuation=False)
"""Only white space at the ends, and how much of it, does not count."""


def _matches_in_order(text: str, pieces: list[str]) -> bool:
    """Whether the text is the pieces with anything in between: in one pass, however many wildcards there are."""
    first, *middle = pieces
    if not middle:
        return text == first
    last = middle.pop()
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def normalisation_to_json(normalisation: Normalisation) -> dict[str, Json]:
    """The five switches."""
    return {
        "width": normalisation.width,
        "case": normalisation.case,
        "space": normalisation.space,
        "punctuation": normalisation.punctuation,
        "wildcards": normalisation.wildcards,
    }


def normalisation_from_json(value: Json, at: str) -> Normalisation:
    """What `normalisation_to_json` wrote. Raises `InvalidItem`."""
    names = ("width", "case", "space", "punctuation", "wildcards")
    record = Record(value, members=frozenset(names), at=at, refusal=InvalidItem)
    return Normalisation(**{name: record.boolean(name) for name in names})


def parse_text(raw: object, *, longest: int) -> str:
    """The text in `raw` without white space around it. Raises `InvalidResponse`."""
    if not isinstance(raw, str):
        raise InvalidResponse("response.not_a_text", zh="作答应为文本。", en="A response here must be a text.")
    if len(raw) > longest:
        raise InvalidResponse(
            "response.too_long", zh=f"作答超过 {longest} 字。", en=f"The response is longer than {longest} characters."
        )
    if not is_showable(raw):
        raise InvalidResponse(
            "response.unprintable",
            zh="作答含有不可显示的字符。",
            en="The response holds a character that cannot be shown.",
        )
    return raw.strip()
