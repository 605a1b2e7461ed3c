"""Keys of types that are answered with a number, an order, pairs or a deed: from a draft to a body, or none where the
file does not say enough."""

import re
from decimal import Decimal

from question_bank.content import escape
from question_bank.formats.drafts import Draft
from question_bank.formats.spellings import fold_width, read_letters
from question_bank.formats.typed_numbers import exact_decimal
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numbers import decimal_text, read_amount
from question_bank.kinds.numeric import LONGEST_UNIT, NumericBody, ToleranceKind
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.practical import ChecklistEntry, PracticalBody
from question_bank.kinds.short_answer import ScoringPoint

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_PAIR = re.compile(rf"(?P<at>[{_CIRCLED}]|\d{{1,2}})\s*[-—–~→:.、]*\s*(?P<letter>[A-La-l])(?![A-Za-z])[\s,、;。]*")
_MARKS = re.compile(
    r"\s*[（(]\s*(?P<marks>[1-9]\d?|100)\s*分\s*(?:[;；,，]\s*关键词\s*[:：]\s*(?P<words>[^（）()]+))?[)）]\s*[。.;；]?"
)
_PER_CENT = "%"


def read_number(draft: Draft) -> NumericBody | None:
    """The number that the key is, with its unit; None where it is none, or none that a decimal can write exactly.

    A tolerance such as 0.5 is in the key's unit, one such as 2% is of the key. A unit of its own stands for one that
    the key leaves out.
    """
    amount = read_amount((draft.key_text or "").strip().rstrip("。.;；"))
    if amount is None or len(amount.unit) > LONGEST_UNIT:
        return None
    value = exact_decimal(amount.number)
    if value is None or decimal_text(value) is None:
        return None
    unit, tolerance, kind = amount.unit, Decimal(0), ToleranceKind.ABSOLUTE
    if draft.extras is not None:
        unit = unit or draft.extras.unit.strip()
        written = read_amount(draft.extras.tolerance.strip().lstrip("±"))
        allowed = exact_decimal(written.number) if written is not None else Decimal(0)
        if allowed is None or (written is not None and written.unit not in ("", unit, _PER_CENT)):
            return None
        if written is not None and written.unit == _PER_CENT and unit != _PER_CENT:
            kind, allowed = ToleranceKind.RELATIVE, allowed / 100
        tolerance = allowed
    return NumericBody(value, tolerance, kind, unit)


def read_order(draft: Draft) -> OrderingBody | None:
    """The options in the order of the key's letters; None where the key does not name each once."""
    letters = read_letters(draft.key_text or "") or ()
    places = [draft.label_position(letter) for letter in letters]
    named = [place for place in places if place is not None]
    if len(draft.options) < 2 or sorted(named) != list(range(len(draft.options))) or len(named) != len(places):
        return None
    return OrderingBody(tuple(escape(draft.options[place].text.strip()) for place in named))


def read_pairs(draft: Draft) -> MatchingBody | None:
    """Pairs from columns, or from ①… in the stem, lettered choices and a key such as ①B ②A; None without them."""
    if draft.extras is not None and draft.extras.premises:
        premises, choices = draft.extras.premises, draft.extras.choices
        if not all(choices[: len(premises)]) or len(choices) < len(premises):
            return None
        # One choice may belong to several premises; it is shown once.
        shown = list(dict.fromkeys(choices))
        return MatchingBody(_texts(premises), _texts(shown), tuple(map(shown.index, choices[: len(premises)])))
    stem, *pieces = re.split(rf"\s*[{_CIRCLED}]\s*", draft.stem)
    key = fold_width(draft.key_text or "").strip()
    pairs: dict[int, int] = {}
    at = 0
    while (found := _PAIR.match(key, at)) is not None:
        number = int(found["at"]) - 1 if found["at"].isdecimal() else _CIRCLED.index(found["at"])
        place = draft.label_position(found["letter"].upper())
        if place is None or number in pairs:
            return None
        pairs[number], at = place, found.end()
    if not pieces or at < len(key) or sorted(pairs) != list(range(len(pieces))):
        return None
    draft.stem = stem.strip()
    choices = [option.text.strip() for option in draft.options]
    return MatchingBody(_texts(pieces), _texts(choices), tuple(pairs[number] for number in range(len(pieces))))


def _texts(texts: list[str]) -> tuple[str, ...]:
    return tuple(escape(text.strip().rstrip(";；")) for text in texts)


def read_rubric(draft: Draft) -> tuple[ScoringPoint, ...]:
    """The scoring points, such as 报上级党委同意（3分；关键词：上级党委、同意)."""
    return tuple(ScoringPoint(*_read_point(text)) for text in draft.extras.points) if draft.extras else ()


def read_checklist(draft: Draft) -> PracticalBody | None:
    """A checklist of the steps, or of the lines of the key; None where there are none."""
    lines = [line.strip() for line in (draft.key_text or "").splitlines() if line.strip()]
    extras = draft.extras
    points = [_read_point(text) for text in (extras.points if extras and extras.points else lines)]
    conditions = escape(extras.conditions.strip()) if extras else ""
    return (
        PracticalBody(tuple(ChecklistEntry(text, share) for text, share, _ in points), conditions) if points else None
    )


def _read_point(text: str) -> tuple[str, int, tuple[str, ...]]:
    """(text, marks or 1, keywords) of a scoring point."""
    marks = next((found for found in _MARKS.finditer(text) if found.end() == len(text.rstrip())), None)
    if marks is None:
        return escape(text.strip()), 1, ()
    words = tuple(word.strip() for word in re.split(r"[、,，]", marks["words"] or "") if word.strip())
    return escape(text[: marks.start()].strip()), int(marks["marks"]), words
