"""Rules of misconduct: what may be recorded, the way of a case, who decides, and what follows (decision 0018)."""

import calendar
from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Forbidden, Invalid

WITNESSES = 2
"""So many staff confirm a record with their own accounts where the candidate does not sign it."""


class Category(StrEnum):
    """What was done; the coded list of a record. `GRADES` says how grave each is."""

    FORBIDDEN_THINGS = "forbidden_things"
    TALKING = "talking"
    LEFT_SEAT = "left_seat"
    DISORDER = "disorder"
    OTHER = "other"
    NOTES = "notes"
    DEVICE = "device"
    COPYING = "copying"
    DISCLOSING = "disclosing"
    IMPERSONATION = "impersonation"
    ORGANISED = "organised"


class Grade(StrEnum):
    """How grave a category is: a breach of the room's rules, cheating, grave cheating."""

    BREACH = "breach"
    CHEATING = "cheating"
    GRAVE = "grave"


GRADES: dict[Category, Grade] = {
    Category.FORBIDDEN_THINGS: Grade.BREACH,
    Category.TALKING: Grade.BREACH,
    Category.LEFT_SEAT: Grade.BREACH,
    Category.DISORDER: Grade.BREACH,
    Category.OTHER: Grade.BREACH,
    Category.NOTES: Grade.CHEATING,
    Category.DEVICE: Grade.CHEATING,
    Category.COPYING: Grade.CHEATING,
    Category.DISCLOSING: Grade.CHEATING,
    Category.IMPERSONATION: Grade.GRAVE,
    Category.ORGANISED: Grade.GRAVE,
}

CATEGORY_WORDS: dict[Category, tuple[str, str]] = {
    Category.FORBIDDEN_THINGS: ("携带规定以外的物品", "Brought things that are not allowed"),
    Category.TALKING: ("交头接耳、旁窥或互打手势", "Talked, looked at others or made signs"),
    Category.LEFT_SEAT: ("未经允许离开座位或考场", "Left the seat or the room without leave"),
    Category.DISORDER: ("扰乱考场秩序、不服从监考", "Disturbed the room or disobeyed the proctor"),
    Category.OTHER: ("其他违反考场规则的行为", "Another breach of the rules of the room"),
    Category.NOTES: ("夹带、查看与考试有关的资料", "Carried or read material of the exam"),
    Category.DEVICE: ("使用通讯或其他电子设备", "Used a phone or another device"),
    Category.COPYING: ("抄袭或协助他人抄袭", "Copied, or helped another to copy"),
    Category.DISCLOSING: ("拍摄、记录或传出试题", "Photographed, noted or passed on items"),
    Category.IMPERSONATION: ("冒名顶替或由他人代考", "Sat for another, or let another sit"),
    Category.ORGANISED: ("组织、串通作弊", "Organised cheating or colluded"),
}


class MisconductState(StrEnum):
    """Where a case stands. That the person's time for a statement is over is computed, never stored."""

    RECORDED = "recorded"
    NOTIFIED = "notified"
    """The notice is out; the person may make a statement."""
    PROPOSED = "proposed"
    SETTLED = "settled"


class MisconductAction(StrEnum):
    """What may be done to a case."""

    RECORD = "record"
    SIGN = "sign"
    NOTIFY = "notify"
    STATE = "state"
    PROPOSE_UNHEARD = "propose_unheard"
    """Propose that nothing follows, before anybody was asked to answer."""
    PROPOSE = "propose"
    RETURN_UNHEARD = "return_unheard"
    RETURN = "return"
    SETTLE = "settle"


MISCONDUCT_TRANSITIONS: dict[tuple[MisconductState | None, MisconductAction], MisconductState] = {
    (None, MisconductAction.RECORD): MisconductState.RECORDED,
    (MisconductState.RECORDED, MisconductAction.SIGN): MisconductState.RECORDED,
    (MisconductState.RECORDED, MisconductAction.NOTIFY): MisconductState.NOTIFIED,
    (MisconductState.RECORDED, MisconductAction.PROPOSE_UNHEARD): MisconductState.PROPOSED,
    (MisconductState.NOTIFIED, MisconductAction.STATE): MisconductState.NOTIFIED,
    (MisconductState.NOTIFIED, MisconductAction.PROPOSE): MisconductState.PROPOSED,
    (MisconductState.PROPOSED, MisconductAction.RETURN_UNHEARD): MisconductState.RECORDED,
    (MisconductState.PROPOSED, MisconductAction.RETURN): MisconductState.NOTIFIED,
    (MisconductState.PROPOSED, MisconductAction.SETTLE): MisconductState.SETTLED,
}


class Ruling(StrEnum):
    """处理决定: what follows."""

    COUNTS = "counts"
    """No finding: the result counts."""
    MAKE_UP = "make_up"
    """No finding, but the attempt was ended: it does not count, and a make-up exam is due."""
    VOID = "void"
    BAR = "bar"
    """The result is void, and the person may not sit until a date."""


RULING_WORDS: dict[Ruling, tuple[str, str]] = {
    Ruling.COUNTS: ("不予处理，成绩有效", "No finding; the result counts"),
    Ruling.MAKE_UP: ("不予处理，安排补考", "No finding; a make-up exam is due"),
    Ruling.VOID: ("本次考试成绩无效", "The result of this exam is void"),
    Ruling.BAR: ("本次考试成绩无效并禁考", "The result is void, and a bar is set"),
}
VOIDING = frozenset({Ruling.MAKE_UP, Ruling.VOID, Ruling.BAR})
"""Rulings under which what was scored does not count."""
ADVERSE = frozenset({Ruling.VOID, Ruling.BAR})
"""Rulings against the person: only after the notice, and after they could answer it."""


class MisconductMoved(Conflict):
    """The case is not where this could be done."""

    code = "misconduct.moved"
    zh = "该记录的状态已变化，请刷新后再办理。"
    en = "This case has moved on meanwhile; please look again."


class NothingToEnd(Conflict):
    """Only a running attempt can be ended."""

    code = "misconduct.nothing_to_end"
    zh = "该考生没有进行中的答卷，不能终止。请不勾选终止，只作记录。"
    en = "There is no running attempt to end; please record the facts without ending it."


class NotSigned(Conflict):
    """A record counts once the candidate or two witnesses have signed it."""

    code = "misconduct.not_signed"
    zh = "记录尚未由考生本人签字，也没有两名见证人确认，不能发告知书。"
    en = "Neither the candidate nor two witnesses have signed this record; no notice can be given yet."


class SignedAlready(Conflict):
    """One signs a record once."""

    code = "misconduct.signed_already"
    zh = "您已在这份记录上签字。"
    en = "You have signed this record already."


class NotHeard(Conflict):
    """Nobody is found against before they were told and could answer."""

    code = "misconduct.not_heard"
    zh = "作出不利处理之前，须先发告知书，并等本人陈述申辩或期限届满。"
    en = "Before anything adverse is proposed, the notice is given, and the person has answered or the time is over."


class MisconductStatementClosed(Conflict):
    """A statement was given, or its time is over, or there is no notice yet."""

    code = "misconduct.statement_closed"
    zh = "现在不在陈述申辩期内，或已提交过。"
    en = "No statement can be given now: it was given, or its time is over or has not begun."


class RulingTooGrave(Conflict):
    """What was done does not carry this."""

    code = "misconduct.ruling_not_provided"
    zh = "这类情形不适用该处理：一般违纪不禁考，未被终止答卷的不安排补考。"
    en = "This is not provided for: a plain breach carries no bar, and a make-up follows only an ended attempt."


class SamePersonInCase(Forbidden):
    """Reporter, witnesses, proposer and decider are different people (P29)."""

    code = "misconduct.same_person"
    zh = "记录人、见证人、拟办人和决定人须为不同的人。"
    en = "Who records, who witnesses, who proposes and who decides must be different people."


class OwnMisconduct(Forbidden):
    """Nobody acts on their own case, nor on that of somebody close (P29)."""

    code = "misconduct.own"
    zh = "本人或有回避关系人员的违纪记录不能办理，已请回避。"
    en = "This case is one's own or that of somebody close; recusal applies."


def move_misconduct(state: MisconductState | None, action: MisconductAction) -> MisconductState:
    """The state after `action`; raises MisconductMoved where the table has no such move."""
    try:
        return MISCONDUCT_TRANSITIONS[state, action]
    except KeyError:
        raise MisconductMoved from None


def check_when(happened: datetime, *, opens: datetime, now: datetime) -> None:
    """Raises Invalid unless it happened between the opening of the waiting room and now."""
    if not opens <= happened <= now + timedelta(minutes=1):
        raise Invalid(
            FieldProblem(
                "happened_at",
                "发生时间应在本场候考开始之后、现在之前。",
                "The time lies between the opening of the waiting room and now.",
            )
        )


def check_signed(*, by_candidate: bool, witnesses: int) -> None:
    """Raises NotSigned unless the candidate or two witnesses have signed."""
    if not by_candidate and witnesses < WITNESSES:
        raise NotSigned


def may_state(state: MisconductState, *, stated: bool, due: datetime | None, now: datetime) -> bool:
    """Whether the person may make a statement now: once, from the notice until the end of its last day."""
    open_now = (state, MisconductAction.STATE) in MISCONDUCT_TRANSITIONS
    return open_now and not stated and due is not None and now < due


def proposing(
    ruling: Ruling,
    *,
    category: Category,
    ended: bool,
    notified: bool,
    stated: bool,
    due: datetime | None,
    now: datetime,
) -> MisconductAction:
    """The move that proposing this ruling is. Raises RulingTooGrave, NotHeard."""
    if ruling is Ruling.BAR and GRADES[category] is Grade.BREACH:
        raise RulingTooGrave
    if ruling is Ruling.MAKE_UP and not ended:
        raise RulingTooGrave
    heard = stated or (due is not None and now >= due)
    if ruling in ADVERSE and not heard:
        raise NotHeard
    return MisconductAction.PROPOSE if notified else MisconductAction.PROPOSE_UNHEARD


def settling(*, agreed: bool, notified: bool) -> MisconductAction:
    """What the second of the two does with a proposal."""
    if agreed:
        return MisconductAction.SETTLE
    return MisconductAction.RETURN if notified else MisconductAction.RETURN_UNHEARD


def check_people(actor: int | None, *, others: Collection[int], judged: int, close_to: Collection[int]) -> None:
    """Refuse a natural person who has had a part in the case, whose case it is, or who is close to that person.

    Raises SamePersonInCase, OwnMisconduct. `close_to` are those to whom the person judged has a relation.
    """
    if actor is None or actor in others:
        raise SamePersonInCase
    if actor == judged or actor in close_to:
        raise OwnMisconduct


def last_day_of_bar(first: date, *, months: int) -> date:
    """The last day (inside) of a bar of so many months that begins on `first`: one from 31 August for six months ends
    on the last day of February."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    day = min(first.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1) if day == first.day else date(year, month + 1, day)
