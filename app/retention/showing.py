"""Retention as its pages show it."""

from collections.abc import Iterable
from typing import Any

from app.accounts.queries import persons_of
from app.errors import NotFound
from app.operation import Operation
from app.people.queries import names_of
from app.retention import queries
from app.retention.models import DestructionList, RetentionTerms
from app.retention.rules import LIST_TRANSITIONS, TERMS_TRANSITIONS, ListAction, TermsAction
from app.retention.rules.classes import CLASSES, TIMED, RecordClass, due_before
from app.retention.rules.lasting import LASTING
from app.retention.rules.words import HOLD_WORDS, MOMENT_WORDS, SUBJECT_WORDS
from app.retention.schemas import (
    ClassLine,
    EntryShown,
    FateShown,
    HoldShown,
    LastingLine,
    ListLine,
    ListShown,
    RetentionShown,
    TermShown,
    TermsLine,
    TermsShown,
)
from app.retention.service import persons_behind
from app.retention.service.terms import days_of
from app.security.permissions import Capability

_ENTRIES_SHOWN = 100


def show_all(op: Operation) -> RetentionShown:
    """Every class with what is due and what holds it, the versions of the terms, the lists."""
    terms = queries.terms_in_force(op.db)
    rows, lists = queries.list_terms(op.db, op.actor), queries.list_lists(op.db, op.actor)
    waits = {row.record_class: row.id for row in lists if row.finished_at is None and row.declined_at is None}
    proposes = op.may(Capability.RETENTION_PROPOSE)
    days = days_of(terms)
    names = _names(op, rows, lists)
    return RetentionShown(
        number=terms.number or 0,
        classes=[_class(op, one, days.get(one), waits.get(one), proposes=proposes) for one in RecordClass],
        terms=[TermsLine(**_terms_line(row, terms.id, names)) for row in rows],
        lists=[ListLine(**_list_line(row, names)) for row in lists],
        lasting=[LastingLine(zh=one.zh, en=one.en, why_zh=one.why_zh, why_en=one.why_en) for one in LASTING],
        may_propose=proposes,
    )


def show_terms(op: Operation, row: RetentionTerms) -> TermsShown:
    """One set of terms, beside the one in force."""
    in_force = queries.terms_in_force(op.db)
    outside = op.actor.person_id not in persons_behind(op, row.proposed_by)
    movable = (row.state, TermsAction.APPROVE) in TERMS_TRANSITIONS
    return TermsShown(
        **_terms_line(row, in_force.id, _names(op, [row], [])),
        classes=terms_shown(in_force, row),
        may_settle=movable and outside and op.may(Capability.RETENTION_APPROVE),
    )


def terms_shown(before: RetentionTerms, row: RetentionTerms) -> list[TermShown]:
    """The terms of `row` class by class, beside those of `before`."""
    was, now = days_of(before), days_of(row)
    found = []
    for one in TIMED:
        rule = CLASSES[one]
        zh, en = MOMENT_WORDS[rule.counted_from]
        found.append(
            TermShown(
                record_class=one,
                zh=rule.zh,
                en=rule.en,
                counted_zh=zh,
                counted_en=en,
                least=rule.least,
                usual=rule.usual,
                source_zh=rule.source_zh,
                source_en=rule.source_en,
                before=was[one],
                days=now[one],
            )
        )
    return found


def show_list(op: Operation, row: DestructionList) -> ListShown:
    """One destruction list, with the first of its entries."""
    names = _names(op, [], [row])
    terms = queries.find_terms(op.db, op.actor, row.terms_id)
    rule = CLASSES[row.record_class]
    approves = op.may(Capability.RETENTION_APPROVE)
    me = op.actor.person_id
    drew = me in persons_behind(op, row.drawn_up_by)
    again = (row.state, ListAction.APPROVE_AGAIN) in LIST_TRANSITIONS
    movable = again or (row.state, ListAction.APPROVE) in LIST_TRANSITIONS
    entries = queries.entries_of(op.db, row.id, limit=_ENTRIES_SHOWN)
    return ListShown(
        **_list_line(row, names),
        what_zh=rule.what_zh,
        what_en=rule.what_en,
        terms_number=terms.number or 0,
        days=days_of(terms)[row.record_class],
        counted_until=row.counted_until,
        list_hash=row.list_hash,
        approved_by=_name(names, row.approved_by),
        approved_at=row.approved_at,
        approved_again_by=_name(names, row.approved_again_by),
        approved_again_at=row.approved_again_at,
        declined_by=_name(names, row.declined_by),
        declined_at=row.declined_at,
        remark=row.remark,
        fates=[
            FateShown(fate=fate, subjects=one.subjects, rows=one.rows)
            for fate, one in sorted(queries.fates_of(op.db, row.id).items())
        ],
        entries=[
            EntryShown(
                holding=entry.holding,
                subject_zh=SUBJECT_WORDS[entry.holding][0],
                subject_en=SUBJECT_WORDS[entry.holding][1],
                subject_id=entry.subject_id,
                rows=entry.rows,
                digest=entry.digest,
                fate=entry.fate,
            )
            for entry in entries
        ],
        may_approve=approves and movable and not drew and me not in persons_behind(op, row.approved_by),
        may_decline=approves and movable and not drew,
    )


def terms_for_form(op: Operation) -> list[TermShown]:
    """The terms in force, to begin new ones from."""
    in_force = queries.terms_in_force(op.db)
    return terms_shown(in_force, in_force)


def _class(op: Operation, one: RecordClass, days: int | None, list_id: int | None, *, proposes: bool) -> ClassLine:
    rule = CLASSES[one]
    zh, en = MOMENT_WORDS[rule.counted_from]
    if days is None and not rule.is_kept_for_good:
        raise NotFound
    due = queries.count_due(op.db, one, due_before(days, now=op.now)) if days is not None else None
    return ClassLine(
        record_class=one,
        zh=rule.zh,
        en=rule.en,
        what_zh=rule.what_zh,
        what_en=rule.what_en,
        counted_zh=zh,
        counted_en=en,
        days=days,
        least=rule.least,
        source_zh=rule.source_zh,
        source_en=rule.source_en,
        due=due.free if due else None,
        held=[
            HoldShown(zh=HOLD_WORDS[hold][0], en=HOLD_WORDS[hold][1], count=count) for hold, count in due.held.items()
        ]
        if due
        else [],
        list_id=list_id,
        may_draw_up=proposes and list_id is None and due is not None and due.free > 0,
    )


def _terms_line(row: RetentionTerms, in_force: int, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "number": row.number,
        "in_force": row.id == in_force,
        "reason": row.reason,
        "remark": row.remark,
        "proposed_by": _name(names, row.proposed_by),
        "proposed_at": row.proposed_at,
        "settled_by": _name(names, row.settled_by),
        "settled_at": row.settled_at,
    }


def _list_line(row: DestructionList, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "record_class": row.record_class,
        "zh": CLASSES[row.record_class].zh,
        "en": CLASSES[row.record_class].en,
        "state": row.state,
        "subjects": row.subjects,
        "rows": row.rows,
        "drawn_up_by": _name(names, row.drawn_up_by),
        "drawn_up_at": row.drawn_up_at,
        "finished_at": row.finished_at,
    }


def _names(op: Operation, terms: Iterable[RetentionTerms], lists: Iterable[DestructionList]) -> dict[int, str]:
    """The names behind every account that acted, by account."""
    acted = {account for row in terms for account in (row.proposed_by, row.settled_by)}
    for row in lists:
        acted |= {row.drawn_up_by, row.approved_by, row.approved_again_by, row.declined_by}
    persons = persons_of(op.db, {account for account in acted if account is not None})
    names = names_of(op.db, set(persons.values()))
    return {account: names[person] for account, person in persons.items()}


def _name(names: dict[int, str], account: int | None) -> str:
    return names[account] if account is not None else ""
