"""更正: how forms are scored once one of their items has proved faulty.

A correction names an item (or a part of a case) and one of five treatments; forms, items and responses stay as they
were. Corrections are taken in the order in which they were decided: of two for one item the later counts, but that a
further key adds to the keys that stand. Points are exact hundredths, rounded once per item, like everywhere.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NoReturn

from question_bank.errors import InvalidCorrection
from question_bank.form import Entry, Form, FormSection, content_of, score_entry, score_form
from question_bank.items import Body, Item
from question_bank.kinds import Response, kind_of, problems_of
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import ChoiceBody
from question_bank.kinds.fill_blank import Blank, FillBlankBody, Variant
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numbers import decimal_from_text
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.true_false import TRUE_FALSE_OPTIONS
from question_bank.scoring import FormScore


class Treatment(StrEnum):
    """更正方式. The first three void the item; the last two mend its key."""

    FULL_POINTS = "full_points"
    """Everyone who had the item gets its full points."""
    DROPPED = "dropped"
    """The item is out, and its points with it: the form is worth less."""
    REDISTRIBUTED = "redistributed"
    """The item is out; its points go to the other items of its section, in proportion to theirs."""
    SECOND_KEY = "second_key"
    """A further key is accepted; the better of them counts."""
    KEY_CORRECTED = "key_corrected"
    """Another key replaces the old."""

    @property
    def voids(self) -> bool:
        """Whether responses to the item count no more."""
        return self in _VOIDING


_VOIDING = frozenset({Treatment.FULL_POINTS, Treatment.DROPPED, Treatment.REDISTRIBUTED})
_SEPARATORS = str.maketrans("；｜", ";|")
_OUT = frozenset({Treatment.DROPPED, Treatment.REDISTRIBUTED})


@dataclass(frozen=True, slots=True)
class Correction:
    """What was decided of one item: `part` (from 0) of a case, all of it with None. `key` is written as people write
    it, by the item's own order: letters of the options (ACD), of the elements in their right order, or of the choice
    for each premise; 正确 or 错误; a number; texts for the blanks parted by |, variants of one by ；. "" where the
    treatment takes none."""

    item_key: str
    treatment: Treatment
    part: int | None = None
    key: str = ""

    def concerns(self, entry: Entry) -> bool:
        """Whether it speaks of what stands there."""
        return entry.item_key == self.item_key and self.part in {None, entry.part}


def check_correction(item: Item, correction: Correction) -> None:
    """Raise `InvalidCorrection` unless the item can be treated so: there is such a part, and a new key can be read,
    is one that the item could have had, is another than the present one, and decides anything."""
    if correction.part is not None and not 0 <= correction.part < len(_parts(item)):
        _refuse("part", "没有这道小题。", "There is no such part.")
    if correction.treatment.voids:
        if correction.key:
            _refuse("key_unasked", "这种更正方式不填标准答案。", "This treatment takes no key.")
        return
    content = _content(item, correction.part)
    if not kind_of(content.item_type).is_objective:
        _refuse(
            "no_key",
            "这道题没有可以更正的标准答案：材料题请选小题，人工评阅的题请选其他方式。",
            "There is no key to correct here: of a case name the part; what people mark is treated another way.",
        )
    if content.scoring is not None and content.scoring.rule.takes_weights:
        _refuse(
            "weighed",
            "这道题按选项权重计分，没有可以更正的标准答案，请选其他方式。",
            "This item weighs its options; it has no key to correct. Please choose another treatment.",
        )
    mended = _mend(item, correction)
    if _content(mended.item, correction.part).body == content.body:
        _refuse("key_same", "新的标准答案与原来的相同。", "The new key is the present one.")
    for problem in problems_of(mended.item):
        _refuse("key_unfit", f"标准答案不成立：{problem.zh}", f"The key does not hold: {problem.en}")


def corrected_form(form: Form, corrections: Sequence[Correction]) -> Form:
    """The form with the points that its items are worth now; what is out is worth 0. Raises `InvalidCorrection` where
    points are to be redistributed and nothing is left in the section, or the form would be worth nothing."""
    if not any(correction.concerns(entry) for entry in form.entries for correction in corrections):
        return form
    made = replace(form, sections=tuple(_corrected_section(section, corrections) for section in form.sections))
    if not made.maximum_hundredths:
        _refuse("nothing_left", "更正后整卷没有分值。", "After this the form would be worth nothing.")
    return made


def is_void(entry: Entry, corrections: Sequence[Correction]) -> bool:
    """Whether responses there count no more: what was earned says nothing of the item."""
    return _void(entry, corrections) is not None


def score_corrected(
    form: Form, items: Mapping[str, Item], responses: Mapping[int, Response], corrections: Sequence[Correction]
) -> FormScore:
    """Points of every position of the *corrected* form; refuses as `score_form` and `corrected_form` do.

    `form` is the one that was drawn. Where people mark, points stay None unless the item is void. A set mark
    (`Scoring.mark_hundredths`) stays as it is when the points of its item are raised.
    """
    made = corrected_form(form, corrections)
    if made is form:
        return score_form(form, items, responses)
    for position in responses.keys() - {entry.position for entry in form.entries}:
        form.entry_at(position)  # there is none: it refuses
    return FormScore(
        tuple(_score(entry, items, responses, corrections) for entry in made.entries), made.maximum_hundredths
    )


def _score(
    entry: Entry, items: Mapping[str, Item], responses: Mapping[int, Response], corrections: Sequence[Correction]
) -> int | None:
    void = _void(entry, corrections)
    if void is not None:
        return entry.points_hundredths if void is Treatment.FULL_POINTS else 0
    points = [
        score_entry(replace(entry, order=key.reorder(entry.order)), {**items, entry.item_key: key.item}, responses)
        for key in _accepted(entry, items, corrections)
    ]
    return max((earned for earned in points if earned is not None), default=None)


def _void(entry: Entry, corrections: Sequence[Correction]) -> Treatment | None:
    """How the item is void; a key that was mended later has brought it back."""
    last = next((one for one in reversed(corrections) if one.concerns(entry)), None)
    return last.treatment if last is not None and last.treatment.voids else None


@dataclass(frozen=True, slots=True)
class _Key:
    """The item with one accepted key. `moved[place]` is where an element stands that stood at `place`; () where none
    has moved."""

    item: Item
    moved: tuple[int, ...] = ()

    def reorder(self, order: tuple[int, ...]) -> tuple[int, ...]:
        """The order of a form, by the places of this item."""
        return tuple(self.moved[place] for place in order) if self.moved else order


def _accepted(entry: Entry, items: Mapping[str, Item], corrections: Sequence[Correction]) -> list[_Key]:
    content_of(entry, items)  # refuses what is not the item of this entry
    item = items[entry.item_key]
    keys = [_Key(item)]
    for correction in corrections:
        if correction.concerns(entry) and not correction.treatment.voids:
            kept = keys if correction.treatment is Treatment.SECOND_KEY else []
            keys = [*kept, _mend(item, replace(correction, part=entry.part))]
    return keys


def _corrected_section(section: FormSection, corrections: Sequence[Correction]) -> FormSection:
    voids = [_void(entry, corrections) for entry in section.entries]
    spare = sum(
        entry.points_hundredths
        for entry, void in zip(section.entries, voids, strict=True)
        if void is Treatment.REDISTRIBUTED
    )
    staying = [entry for entry, void in zip(section.entries, voids, strict=True) if void is None]
    if spare and not staying:
        _refuse(
            "nothing_to_raise",
            "本大题没有其他试题可以承接分值，请选其他方式。",
            "There is no other item in this section to take the points; please choose another treatment.",
        )
    more = dict(zip((entry.position for entry in staying), _shares(spare, staying), strict=True))
    entries = tuple(
        replace(entry, points_hundredths=0 if void in _OUT else entry.points_hundredths + more.get(entry.position, 0))
        for entry, void in zip(section.entries, voids, strict=True)
    )
    return replace(section, entries=entries)


def _shares(spare: int, entries: Sequence[Entry]) -> list[int]:
    """`spare` hundredths in proportion to the points of these entries, to the last one: what whole hundredths leave
    goes to the largest remainders, of equal ones to the earlier position."""
    total = sum(entry.points_hundredths for entry in entries)
    exact = [Fraction(spare * entry.points_hundredths, total) for entry in entries]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(entries)), key=lambda at: (shares[at] - exact[at], at))
    for at in by_remainder[: spare - sum(shares)]:
        shares[at] += 1
    return shares


def _mend(item: Item, correction: Correction) -> _Key:
    """The item with the key of the correction. Raises `InvalidCorrection` where that cannot be read."""
    content = _content(item, correction.part)
    body, moved = _with_key(content.body, correction.key.strip())
    if correction.part is None:
        return _Key(replace(item, body=body), moved)
    parts = [replace(one, body=body) if n == correction.part else one for n, one in enumerate(_parts(item))]
    case = item.body
    return _Key(replace(item, body=replace(case, parts=tuple(parts)) if isinstance(case, CaseBody) else case), moved)


def _with_key(body: Body, text: str) -> tuple[Body, tuple[int, ...]]:
    match body:
        case ChoiceBody():
            return replace(body, key=frozenset(_options(body, text))), ()
        case FillBlankBody():
            return replace(body, blanks=_blanks(body, text)), ()
        case NumericBody():
            return replace(body, value=_number(text)), ()
        case MatchingBody():
            return replace(body, pairs=tuple(_letters(text, len(body.choices), len(body.premises)))), ()
        case OrderingBody():
            order = _letters(text, len(body.elements), len(body.elements))
            if len(set(order)) < len(order):
                _unread()
            moved = tuple(order.index(place) for place in range(len(order)))
            return replace(body, elements=tuple(body.elements[place] for place in order)), moved
        case _:
            return _unread()


def _options(body: ChoiceBody, text: str) -> list[int]:
    if body.options == TRUE_FALSE_OPTIONS:
        words = [option.text for option in TRUE_FALSE_OPTIONS]
        if text in words:
            return [words.index(text)]
    return _letters(text, len(body.options))


def _letters(text: str, count: int, wanted: int | None = None) -> list[int]:
    """The places that letters name, of `count`; exactly `wanted` of them where that is given, else one or more."""
    plain = unicodedata.normalize("NFKC", text).upper()
    places = [ord(letter) - ord("A") for letter in plain if letter not in " ,、;/"]
    if not places or any(not 0 <= place < count for place in places) or wanted not in {None, len(places)}:
        _unread()
    return places


def _blanks(body: FillBlankBody, text: str) -> tuple[Blank, ...]:
    plain = text.translate(_SEPARATORS)
    told = [[one.strip() for one in blank.split(";") if one.strip()] for blank in plain.split("|")]
    if len(told) != len(body.blanks) or not all(told):
        _unread()
    return tuple(
        replace(blank, accepted=tuple(map(Variant, texts))) for blank, texts in zip(body.blanks, told, strict=True)
    )


def _number(text: str) -> Decimal:
    value = decimal_from_text(unicodedata.normalize("NFKC", text))
    if value is None:
        _unread()
    return value


def _parts(item: Item) -> tuple[Part, ...]:
    return item.body.parts if isinstance(item.body, CaseBody) else ()


def _content(item: Item, part: int | None) -> Item | Part:
    return item if part is None else _parts(item)[part]


def _unread() -> NoReturn:
    _refuse(
        "key_unread",
        "标准答案无法识别：请填选项字母、正确或错误、数值，或各空的文本（空与空之间用 | 隔开）。",
        "The key cannot be read: letters, A (true) or B (false), a number, or texts for the blanks, parted by |.",
    )


def _refuse(code: str, zh: str, en: str) -> NoReturn:
    raise InvalidCorrection(f"correction.{code}", zh=zh, en=en)
