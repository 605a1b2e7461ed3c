"""Rules of sheets (答题卡): their lifecycle, what is keyed for an item, which response counts, who may do what."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Forbidden, Invalid
from question_bank.errors import InvalidForm, InvalidResponse
from question_bank.form import Entry, Form, parse_response
from question_bank.items import ItemType
from question_bank.kinds import Response, kind_of

LONGEST_KEYED = 4000
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_JUDGED = {"√": "A", "对": "A", "T": "A", "×": "B", "错": "B", "F": "B"}
_CHOSEN = frozenset({ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE})
NOTHING = "-"
"""Stands for a premise without a choice."""
BETWEEN = "|"
"""Parts the blanks of one item."""


class SheetState(StrEnum):
    """Where a sheet stands."""

    AWAITED = "awaited"
    KEYED_ONCE = "keyed_once"
    DIFFERS = "differs"
    PROPOSED = "proposed"
    SETTLED = "settled"


class SheetAction(StrEnum):
    """What may be done with one. A second keying that is the same settles it; of two that differ a third person
    settles what counts, or one of the two proposes it and another agrees."""

    KEY = "key"
    AGREE = "agree"
    DIFFER = "differ"
    SETTLE = "settle"
    PROPOSE = "propose"
    CONFIRM = "confirm"
    RETURN = "return"


SHEET_TRANSITIONS: dict[tuple[SheetState, SheetAction], SheetState] = {
    (SheetState.AWAITED, SheetAction.KEY): SheetState.KEYED_ONCE,
    (SheetState.KEYED_ONCE, SheetAction.AGREE): SheetState.SETTLED,
    (SheetState.KEYED_ONCE, SheetAction.DIFFER): SheetState.DIFFERS,
    (SheetState.DIFFERS, SheetAction.SETTLE): SheetState.SETTLED,
    (SheetState.DIFFERS, SheetAction.PROPOSE): SheetState.PROPOSED,
    (SheetState.PROPOSED, SheetAction.CONFIRM): SheetState.SETTLED,
    (SheetState.PROPOSED, SheetAction.RETURN): SheetState.DIFFERS,
}


class SheetMoved(Conflict):
    """Somebody else was first, or there is nothing to do."""

    code = "sheet.moved"
    zh = "这份答题卡的状态已变化，请刷新后再看。"
    en = "This sheet has moved on meanwhile; please look again."


class SameKeyer(Forbidden):
    """Two different people key a sheet, and nobody agrees with themselves."""

    code = "sheet.same_person"
    zh = "两次录入须由两人分别完成，本人提出的结果须由他人确认。"
    en = "A sheet is keyed by two different people; what one proposes another confirms."


class ScanMissing(Conflict):
    """Differences are settled against the sheet itself."""

    code = "sheet.scan_missing"
    zh = "请先上传这份答题卡的扫描件，再对照扫描件核定不一致的题。"
    en = "Please attach a scan of the sheet first: differences are settled against it."


class KeyedRefused(Invalid):
    """Something typed cannot be a response; `fields` says which and why."""

    code = "sheet.keyed_refused"
    zh = "有的录入内容不符合题型，请按提示更正。"
    en = "Something keyed does not fit its item; please see which and mend it."


class ScansTooMany(Conflict):
    """A sheet has a few pages."""

    code = "sheet.scans_too_many"
    zh = "一份答题卡最多上传 {most} 页扫描件。"
    en = "A sheet has at most {most} pages of scans."


def move_sheet(state: SheetState, action: SheetAction) -> SheetState:
    """The state after `action`. Raises SheetMoved where it cannot be done."""
    try:
        return SHEET_TRANSITIONS[state, action]
    except KeyError:
        raise SheetMoved from None


def check_new_person(person_id: int | None, others: Collection[int]) -> None:
    """Raises SameKeyer for who has had this part already, under whatever account (P29)."""
    if person_id is None or person_id in others:
        raise SameKeyer


def read_keyed(form: Form, typed: Mapping[int, str]) -> dict[int, Response]:
    """The responses on a sheet as they were typed, by position; positions where nothing was typed are left out.

    Letters as the form displays them: chosen options, an order, for each premise its choice or "-"; √ or ×, 对 or 错
    for judgements; blanks parted by "|"; numbers and texts as they stand. Raises KeyedRefused, naming each place
    `typed.<position>`.
    """
    found: dict[int, Response] = {}
    problems = []
    for position in sorted(typed):
        text = typed[position].strip()
        if not text:
            continue
        try:
            response = parse_response(form, _raw(form.entry_at(position), text), position=position)
        except (InvalidResponse, InvalidForm) as error:
            problems.append(
                FieldProblem(f"typed.{position}", f"第 {position} 题：{error.zh}", f"{position}: {error.en}")
            )
            continue
        if kind_of(form.entry_at(position).item_type).is_answered(response):
            found[position] = response
    if problems:
        raise KeyedRefused(*problems)
    return found


def say_keyed(entry: Entry, response: Response) -> str:
    """A response as it would be typed: what `read_keyed` reads again."""
    if isinstance(response, str):
        return response
    if entry.item_type is ItemType.FILL_BLANK:
        return BETWEEN.join(str(part) for part in response)
    return "".join(NOTHING if at is None else _LETTERS[int(at)] for at in response)


def differing(one: Mapping[int, Response], other: Mapping[int, Response]) -> list[int]:
    """The positions that two keyings tell apart."""
    return sorted(at for at in one.keys() | other.keys() if one.get(at) != other.get(at))


def counting(online: Mapping[int, Response], keyed: Mapping[int, Response]) -> dict[int, Response]:
    """What counts: what stands on the sheet, and where it says nothing, what was given online before the switch."""
    return {**online, **keyed}


def _raw(entry: Entry, text: str) -> object:
    kind = entry.item_type
    if kind is ItemType.FILL_BLANK:
        return [part.strip() for part in text.split(BETWEEN)]
    if kind not in _CHOSEN and kind not in {ItemType.ORDERING, ItemType.MATCHING}:
        return text
    letters = [_letter(kind, sign) for sign in text.upper() if sign not in " ,，、；;"]
    return [None if letter == NOTHING else _LETTERS.find(letter) for letter in letters]


def _letter(kind: ItemType, sign: str) -> str:
    folded = chr(ord(sign) - 0xFEE0) if "Ａ" <= sign <= "Ｚ" else sign
    return _JUDGED.get(folded, folded) if kind is ItemType.TRUE_FALSE else folded
