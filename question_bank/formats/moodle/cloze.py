r"""Embedded items of Moodle's cloze type: `{1:SHORTANSWER:=北京~%50%北平#feedback}` within a text."""

import re
from collections.abc import Iterator
from fractions import Fraction
from html import unescape

from question_bank.formats.moodle.grades import read_percentage
from question_bank.formats.moodle.records import Offer, RecordKind
from question_bank.formats.typed_numbers import read_number

# A part ends before the next one begins: so that a text of openings alone is read through once, not once for each.
_PART = re.compile(r"\{(\d{0,4}):([A-Z_]{2,24}):((?:\\.|\{(?!\d{0,4}:[A-Z_]{2})|[^{}\\])*)\}", re.DOTALL)
_ATTEMPTED = re.compile(r"\{\d{0,4}:[A-Z_]{2,}")
_CHOICES = re.compile(r"MULTICHOICE(?:_[HV]?S?)?|MC[HV]?S?")
_SEVERAL = re.compile(r"MULTIRESPONSE(?:_H?S?)?|MRH?S?")
_TYPED = frozenset(["SHORTANSWER", "SA", "MW"])
_TYPED_WITH_CASE = frozenset(["SHORTANSWER_C", "SAC", "MWC"])
_NUMBERS = frozenset(["NUMERICAL", "NM"])
_OFFER = re.compile(r"((?:\\.|[^~#\\])*)(?:#((?:\\.|[^~\\])*))?", re.DOTALL)
_WORTH = re.compile(r"\s*(?:=|%(-?\d{1,3}(?:\.\d{1,8})?)%)")
_ESCAPED = re.compile(r"\\([}#~/\"\\])")


class ClozePart:
    """One embedded item: what it is, its weight, its offers; `case_sensitive` for typed texts."""

    def __init__(self, weight: int, kind: RecordKind, offers: list[Offer], *, single: bool, case: bool) -> None:
        self.weight = weight
        self.kind = kind
        self.offers = offers
        self.single = single
        self.case_sensitive = case


def split_cloze(text: str) -> Iterator[str | ClozePart]:
    """Texts and parts in order. A part of an unknown type, and one that cannot be read, stays text."""
    position = 0
    for found in _PART.finditer(text):
        part = _read_part(int(found[1] or 1), found[2], found[3])
        if part is not None:
            yield text[position : found.start()]
            yield part
            position = found.end()
    yield text[position:]


def has_unread_part(text: str) -> bool:
    """Whether what was left as text begins like a part."""
    return _ATTEMPTED.search(text) is not None


def _read_part(weight: int, type_name: str, body: str) -> ClozePart | None:
    single = True
    if _CHOICES.fullmatch(type_name):
        kind = RecordKind.CHOICE
    elif _SEVERAL.fullmatch(type_name):
        kind, single = RecordKind.CHOICE, False
    elif type_name in _TYPED or type_name in _TYPED_WITH_CASE:
        kind = RecordKind.TYPED
    elif type_name in _NUMBERS:
        kind = RecordKind.NUMERICAL
    else:
        return None
    offers = [_read_offer(piece, kind) for piece in _split_offers(body)]
    return ClozePart(weight, kind, offers, single=single, case=type_name in _TYPED_WITH_CASE)


def _split_offers(body: str) -> list[str]:
    return [piece for piece in re.findall(r"(?:\\.|[^~\\])+", body, re.DOTALL) if piece.strip()]


def _read_offer(piece: str, kind: RecordKind) -> Offer:
    worth = Fraction(0)
    if found := _WORTH.match(piece):
        worth = Fraction(1) if found[1] is None else read_percentage(found[1]) or Fraction(0)
        piece = piece[found.end() :]
    matched = _OFFER.match(piece)
    text, remark = (matched[1], matched[2] or "") if matched else (piece, "")
    text, remark = (_ESCAPED.sub(r"\1", words).strip() for words in (text, remark))
    if kind is RecordKind.NUMERICAL and ":" in text:
        value, _, tolerance = text.partition(":")
        return Offer(value.strip(), worth, remark, read_number(tolerance))
    return Offer(text if kind is RecordKind.CHOICE else unescape(text), worth, remark)
