"""The routes of changes: what is filed, whose change can be filed, filing by kind, and settling."""

from collections.abc import Sequence
from typing import Any

from app.operation import Operation
from app.people import queries as register
from app.people.calendar import local_date
from app.people.changes import numbers, queries, service
from app.people.changes.rules import CHANGE_KIND_WORDS, CHANGE_TRANSITIONS, ChangeAction, ChangeKind, ChangeState, Value
from app.people.changes.schemas import (
    ChangeShown,
    ChangesShown,
    ConfirmGiven,
    CorrectionGiven,
    FiguresGiven,
    FoundLine,
    FoundShown,
    LeaveGiven,
    MoveGiven,
    NewcomerGiven,
    NewcomerShown,
    NumberGiven,
    PersonChangesShown,
    PostGiven,
    ReturnGiven,
    StatusGiven,
    UnitChangesShown,
    Written,
)
from app.people.changes.words import written
from app.people.models import Person, RegisterChange
from app.people.names import spell_name
from app.people.rules import EDUCATION_WORDS, POLITICAL_STATUS_WORDS
from app.people.training.pages import desk
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry

__all__ = ["desk"]

PAGE = 50
STATUSES = [(status.value, zh, en) for status, (zh, en) in POLITICAL_STATUS_WORDS.items()]
EDUCATIONS = [(education.value, zh, en) for education, (zh, en) in EDUCATION_WORDS.items()]
KEYED_AGAIN = frozenset({ChangeKind.ID_NUMBER, ChangeKind.NEWCOMER})
FILED = "已提交备案，组织部门另一人确认后生效。"


@desk.view("/changes", Capability.CHANGE_READ, template="people/changes.html", nav=NavEntry("变动备案", 73))
def list_changes(op: Operation, *, state: ChangeState | None = None, before: int = 0) -> ChangesShown:
    """The changes filed by and of my units, the newest first; with `state` only those that stand there."""
    rows = queries.list_changes(op.db, op.actor, state=state, before=before, limit=PAGE + 1)
    return ChangesShown(
        changes=_shown(op, rows[:PAGE]),
        state=state or "",
        filed_in_all=queries.count_filed(op.db, op.actor),
        next_before=rows[PAGE - 1].id if len(rows) > PAGE else 0,
    )


@desk.view("/changes/persons", Capability.CHANGE_READ, template="people/change_whose.html")
def list_persons(op: Operation, *, search: str = "", after: str = "") -> FoundShown:
    """The persons of my units, to file a change of one."""
    among = register.ids_within(op.actor.scopes(Capability.CHANGE_READ))
    rows = register.list_persons_among(op.db, among, search=search, unit_id=0, after=after, limit=PAGE + 1)
    units = register.units_by_id(op.db, {person.unit_id for person in rows})
    return FoundShown(
        persons=[FoundLine(**_found(person, units[person.unit_id].name)) for person in rows[:PAGE]],
        search=search,
        next_after=register.place_of(rows[PAGE - 1]) if len(rows) > PAGE else None,
    )


@desk.view("/changes/persons/{person_id}", Capability.CHANGE_READ, template="people/change_of_person.html")
def show_person_changes(op: Operation, *, person_id: int) -> PersonChangesShown:
    """What can change in a person's row, and what has been filed of it."""
    person = register.find_person(op.db, op.actor, person_id, by=Capability.CHANGE_READ)
    unit = register.unit_by_id(op.db, person.unit_id)
    may_file = op.actor.covers(Capability.CHANGE_FILE, unit.path)
    return PersonChangesShown(
        **_found(person, unit.name),
        today=local_date(op.now),
        political_status=person.political_status,
        education=person.education,
        statuses=STATUSES,
        educations=EDUCATIONS,
        units=[unit.name for unit in register.units_within(op.db, ("/",))] if may_file else [],
        changes=_shown(op, queries.changes_of_person(op.db, op.actor, person.id)),
        may_file=may_file,
    )


@desk.view("/changes/units/{unit_id}", Capability.CHANGE_READ, template="people/change_of_unit.html")
def show_unit_changes(op: Operation, *, unit_id: int) -> UnitChangesShown:
    """The figures of a unit, and what has been filed of them."""
    unit = queries.find_unit(op.db, op.actor, unit_id, by=Capability.CHANGE_READ)
    return UnitChangesShown(
        unit_id=unit.id,
        unit_name=unit.name,
        headcount=unit.headcount,
        quota_posts=unit.quota_posts,
        today=local_date(op.now),
        changes=_shown(op, queries.changes_of_unit(op.db, op.actor, unit.id)),
        may_file=op.actor.covers(Capability.CHANGE_FILE, unit.path),
    )


@desk.command(
    "/changes/persons/{person_id}/status",
    Capability.CHANGE_FILE,
    then="/changes/persons/{person_id}",
    retry=show_person_changes,
    said=FILED,
)
def file_status(op: Operation, *, person_id: int, given: StatusGiven) -> Done:
    """File a change of political status."""
    columns = {"political_status": given.political_status.value}
    return _filed(op, person_id, service.Wanted(ChangeKind.STATUS, columns, given.day))


@desk.command(
    "/changes/persons/{person_id}/post",
    Capability.CHANGE_FILE,
    then="/changes/persons/{person_id}",
    retry=show_person_changes,
    said=FILED,
)
def file_post(op: Operation, *, person_id: int, given: PostGiven) -> Done:
    """File that a person took up another post in their unit, or is in post again."""
    columns: dict[str, Value] = {"post": given.post, "in_post": True}
    return _filed(op, person_id, service.Wanted(ChangeKind.POST, columns, given.day))


@desk.command(
    "/changes/persons/{person_id}/move",
    Capability.CHANGE_FILE,
    then="/changes/persons/{person_id}",
    retry=show_person_changes,
    said=FILED,
)
def file_move(op: Operation, *, person_id: int, given: MoveGiven) -> Done:
    """File that a person moved to another unit."""
    row = service.file_move(op, person_id=person_id, unit_name=given.unit_name, post=given.new_post, day=given.day)
    return Done(id=row.id)


@desk.command(
    "/changes/persons/{person_id}/leave",
    Capability.CHANGE_FILE,
    then="/changes/persons/{person_id}",
    retry=show_person_changes,
    said=FILED,
)
def file_leave(op: Operation, *, person_id: int, given: LeaveGiven) -> Done:
    """File that a person left the post."""
    return _filed(op, person_id, service.Wanted(ChangeKind.LEAVE, {"in_post": False}, given.day, given.reason))


@desk.command(
    "/changes/persons/{person_id}/correction",
    Capability.CHANGE_FILE,
    then="/changes/persons/{person_id}",
    retry=show_person_changes,
    said=FILED,
)
def file_correction(op: Operation, *, person_id: int, given: CorrectionGiven) -> Done:
    """File that the register was wrong about a name or an education."""
    columns = {"name": spell_name(given.name), "education": given.education.value}
    wanted = service.Wanted(ChangeKind.CORRECTION, columns, local_date(op.now), given.reason)
    return _filed(op, person_id, wanted)


@desk.command(
    "/changes/persons/{person_id}/id-number",
    Capability.CHANGE_FILE,
    then="/changes/persons/{person_id}",
    retry=show_person_changes,
    said=FILED,
)
def file_number(op: Operation, *, person_id: int, given: NumberGiven) -> Done:
    """File that a person's ID number was typed wrongly."""
    row = numbers.file_number(op, person_id=person_id, id_number=given.id_number, reason=given.reason)
    return Done(id=row.id)


@desk.view("/changes/newcomer", Capability.CHANGE_FILE, template="people/change_newcomer.html")
def show_newcomer(op: Operation) -> NewcomerShown:
    """What is asked of a person who is not in the register yet."""
    return NewcomerShown(
        today=local_date(op.now),
        units=[(unit.id, unit.name) for unit in register.units_within(op.db, op.actor.scopes(Capability.CHANGE_FILE))],
        organisations=[organisation.name for organisation in register.all_party_organisations(op.db)],
        statuses=STATUSES,
        educations=EDUCATIONS,
    )


@desk.command("/changes/newcomer", Capability.CHANGE_FILE, then="/changes", retry=show_newcomer, said=FILED)
def file_newcomer(op: Operation, *, given: NewcomerGiven) -> Done:
    """File a person who is to be entered into the register."""
    asked = given.model_dump(exclude={"day", "reason"})
    return Done(id=numbers.file_newcomer(op, numbers.Newcomer(**asked), day=given.day, reason=given.reason).id)


@desk.command(
    "/changes/units/{unit_id}/figures",
    Capability.CHANGE_FILE,
    then="/changes/units/{unit_id}",
    retry=show_unit_changes,
    said=FILED,
)
def file_figures(op: Operation, *, unit_id: int, given: FiguresGiven) -> Done:
    """File the headcount and the posts of a unit."""
    columns = {"headcount": given.headcount, "quota_posts": given.quota_posts}
    wanted = service.Wanted(ChangeKind.FIGURES, columns, given.day, given.reason)
    return Done(id=service.file_of_unit(op, unit_id=unit_id, wanted=wanted).id)


@desk.command(
    "/changes/{change_id}/confirm",
    Capability.CHANGE_CONFIRM,
    then="/changes",
    retry=list_changes,
    said="变动已确认，登记信息已更新。",
)
def confirm_change(op: Operation, *, change_id: int, given: ConfirmGiven) -> Done:
    """Confirm a change that another person filed: the register says so from now on."""
    row = service.settle(op, change_id=change_id, action=ChangeAction.CONFIRM, id_number=given.id_number)
    return Done(id=row.id)


@desk.command(
    "/changes/{change_id}/return",
    Capability.CHANGE_CONFIRM,
    then="/changes",
    retry=list_changes,
    said="备案已退回。",
)
def return_change(op: Operation, *, change_id: int, given: ReturnGiven) -> Done:
    """Return a filing, with a reason that the unit sees."""
    return Done(id=service.settle(op, change_id=change_id, action=ChangeAction.RETURN, remark=given.reason).id)


@desk.command(
    "/changes/{change_id}/withdraw",
    Capability.CHANGE_FILE,
    then="/changes",
    retry=list_changes,
    said="备案已撤回。",
)
def withdraw_change(op: Operation, *, change_id: int) -> Done:
    """Take back what one has filed oneself."""
    return Done(id=service.settle(op, change_id=change_id, action=ChangeAction.WITHDRAW).id)


def _filed(op: Operation, person_id: int, wanted: service.Wanted) -> Done:
    return Done(id=service.file_of_person(op, person_id=person_id, wanted=wanted).id)


def _found(person: Person, unit_name: str) -> dict[str, Any]:
    return {
        "person_id": person.id,
        "name": person.name,
        "id_number_masked": person.id_number_masked,
        "unit_id": person.unit_id,
        "unit_name": unit_name,
        "post": person.post,
        "in_post": person.in_post,
    }


def _shown(op: Operation, rows: Sequence[RegisterChange]) -> list[ChangeShown]:
    people = {p for row in rows for p in (row.person_id, row.filed_by, row.settled_by) if p is not None}
    names = register.names_of(op.db, people)
    moved = {value for row in rows for side in (row.before, row.after) if (value := side.get("unit_id"))}
    found = register.units_by_id(op.db, moved | {row.unit_id for row in rows})
    units = {unit.id: unit.name for unit in found.values()}
    return [
        ChangeShown(
            id=row.id,
            kind=row.kind,
            kind_zh=CHANGE_KIND_WORDS[row.kind][0],
            kind_en=CHANGE_KIND_WORDS[row.kind][1],
            state=row.state,
            person_id=row.person_id,
            name=names[row.person_id] if row.person_id else row.after.get("name", units[row.unit_id]),
            unit_id=row.unit_id,
            unit_name=units[row.unit_id],
            day=row.day,
            due_on=row.due_on,
            late=local_date(row.filed_at) > row.due_on,
            columns=[Written(**column) for column in written(row.before, row.after, units)],
            reason=row.reason,
            filed_by=names[row.filed_by],
            filed_at=row.filed_at,
            settled_by=names[row.settled_by] if row.settled_by else "",
            remark=row.remark,
            can=_can(op, row, found[row.unit_id].path),
            keyed_again=row.kind in KEYED_AGAIN,
        )
        for row in rows
    ]


def _can(op: Operation, row: RegisterChange, unit_path: str) -> list[ChangeAction]:
    me = op.actor.person_id
    settles = me not in {row.filed_by, row.person_id}
    whose = {ChangeAction.CONFIRM: settles, ChangeAction.RETURN: settles, ChangeAction.WITHDRAW: me == row.filed_by}
    return [
        action
        for action in ChangeAction
        if whose[action]
        and (row.state, action) in CHANGE_TRANSITIONS
        and op.actor.covers(service.ALLOWED_BY[action], unit_path)
    ]
