"""Rules of changes: what each kind may touch, how one is filed and settled, and when it is too late to do it. Pure.

A unit files a change with the organisation department within 15 working days of the day it took effect
(15个工作日内备案, domain.md). Late ones are taken and marked: the register must not stay wrong because of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Forbidden, Invalid

WORKDAYS_TO_FILE = 15

Value = str | int | bool | None
Fields = Mapping[str, Value]
"""Columns of the register by name; enumerations as their words."""


class ChangeKind(StrEnum):
    """What happened."""

    STATUS = "status"
    POST = "post"
    MOVE = "move"
    LEAVE = "leave"
    CORRECTION = "correction"
    ID_NUMBER = "id_number"
    NEWCOMER = "newcomer"
    FIGURES = "figures"


CHANGE_KIND_WORDS: dict[ChangeKind, tuple[str, str]] = {
    ChangeKind.STATUS: ("政治面貌变化", "Political status"),
    ChangeKind.POST: ("任职变化", "Post"),
    ChangeKind.MOVE: ("调动单位", "Move to another unit"),
    ChangeKind.LEAVE: ("离岗", "Left the post"),
    ChangeKind.CORRECTION: ("信息更正", "Correction"),
    ChangeKind.ID_NUMBER: ("更正证件号码", "Correction of the ID number"),
    ChangeKind.NEWCOMER: ("新增人员", "New person"),
    ChangeKind.FIGURES: ("单位编制与员额", "Figures of a unit"),
}

TOUCHED: dict[ChangeKind, frozenset[str]] = {
    ChangeKind.STATUS: frozenset({"political_status"}),
    ChangeKind.POST: frozenset({"post", "in_post"}),
    ChangeKind.MOVE: frozenset({"unit_id", "party_organisation_id", "post", "in_post"}),
    ChangeKind.LEAVE: frozenset({"in_post"}),
    ChangeKind.CORRECTION: frozenset({"name", "education"}),
    ChangeKind.ID_NUMBER: frozenset({"id_number_masked", "birth_date", "gender"}),
    ChangeKind.NEWCOMER: frozenset(
        {
            "name",
            "id_number_masked",
            "birth_date",
            "gender",
            "unit_id",
            "party_organisation_id",
            "post",
            "political_status",
            "in_post",
            "education",
        }
    ),
    ChangeKind.FIGURES: frozenset({"headcount", "quota_posts"}),
}
"""The columns that a change of each kind may write, and no others."""


class ChangeState(StrEnum):
    """Where a change stands. Only a confirmed one has been done."""

    FILED = "filed"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class ChangeAction(StrEnum):
    """What may be done to one."""

    CONFIRM = "confirm"
    RETURN = "return"
    WITHDRAW = "withdraw"


CHANGE_TRANSITIONS: dict[tuple[ChangeState, ChangeAction], ChangeState] = {
    (ChangeState.FILED, ChangeAction.CONFIRM): ChangeState.CONFIRMED,
    (ChangeState.FILED, ChangeAction.RETURN): ChangeState.RETURNED,
    (ChangeState.FILED, ChangeAction.WITHDRAW): ChangeState.WITHDRAWN,
    # What was confirmed by mistake is put right by a change of its own: the register keeps both.
}


class ChangeMoveRefused(Conflict):
    """The state does not allow this."""

    code = "change.move_refused"
    zh = "这条备案已经办理。"
    en = "This change has been settled already."


class ChangeOvertaken(Conflict):
    """Something else has changed the same columns since."""

    code = "change.overtaken"
    zh = "备案之后登记信息又有变化，不能再按此确认。请退回，由单位按现在的情况重新备案。"
    en = "The register has changed since this was filed. Return it, so that the unit files it anew as things stand now."


class NothingChanges(Conflict):
    """What was filed is what the register says."""

    code = "change.nothing"
    zh = "与现有登记相同，无须备案。"
    en = "The register says this already; there is nothing to file."


class NumberFiled(Conflict):
    """Another filing brings the same ID number."""

    code = "change.number_filed"
    zh = "该身份证号已有一条备案待确认。"
    en = "A filing with this ID number waits to be confirmed already."


class NumberDiffers(Conflict):
    """Who confirms has keyed another ID number than who filed."""

    code = "change.number_differs"
    zh = "与备案时填写的号码不一致。请对照证件再核；确是备案填错的，请退回。"
    en = "This is not the number that was filed. Compare it with the card; where the filing is wrong, return it."


class SameFiler(Forbidden):
    """Who files a change, and whom it is about, does not settle it."""

    code = "change.same_person"
    zh = "备案人和本人不能确认或退回自己备案的或自己的变动。"
    en = "A change is settled by somebody else than who filed it and whom it is about."


class NotTheFiler(Forbidden):
    """Only who filed a change withdraws it."""

    code = "change.not_the_filer"
    zh = "只有备案人可以撤回。"
    en = "Only who filed it may withdraw it."


@dataclass(frozen=True)
class Difference:
    """The columns that a change writes: as they were when it was filed, and as they are to be."""

    before: Fields
    after: Fields


def difference(kind: ChangeKind, present: Fields, wanted: Fields) -> Difference:
    """What is to be written so that the register says `wanted`. Raises NothingChanges; ValueError where `wanted` names
    a column that this kind does not touch."""
    if not wanted.keys() <= TOUCHED[kind]:
        raise ValueError(f"{kind} does not touch {sorted(wanted.keys() - TOUCHED[kind])}")
    differing = [name for name, value in wanted.items() if present[name] != value]
    if not differing:
        raise NothingChanges
    return Difference({name: present[name] for name in differing}, {name: wanted[name] for name in differing})


def check_still_holds(before: Fields, present: Fields) -> None:
    """Raises ChangeOvertaken where a column is no longer what it was when the change was filed."""
    if any(present[name] != value for name, value in before.items()):
        raise ChangeOvertaken


def move_change(state: ChangeState, action: ChangeAction) -> ChangeState:
    """The state after `action`; raises ChangeMoveRefused where the table has no such move."""
    try:
        return CHANGE_TRANSITIONS[state, action]
    except KeyError:
        raise ChangeMoveRefused from None


def check_settler(settler: int | None, action: ChangeAction, *, filed_by: int, whose: int | None) -> None:
    """Raises SameFiler where the natural person who settles a change filed it or is the one it is about, and
    NotTheFiler where somebody else than its filer withdraws it."""
    if action is ChangeAction.WITHDRAW:
        if settler != filed_by:
            raise NotTheFiler
    elif settler in {None, filed_by, whose}:
        raise SameFiler


def check_day(day: date, *, today: date) -> None:
    """Raises Invalid for a day that is still to come: the register says what is, not what is planned."""
    if day > today:
        raise Invalid(FieldProblem("day", "生效日期不晚于今天。", "It has taken effect by today."))
