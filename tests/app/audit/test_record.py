import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.audit.actions import AuditAction
from app.audit.models import AuditRecord
from app.audit.record import ReasonRefused, record
from app.operation import acting_as
from app.security.actor import Actor, ActorKind


def records(house):
    with house.database.transaction(reading=True) as db:
        found = list(db.scalars(select(AuditRecord).order_by(AuditRecord.id)))
        db.expunge_all()
        return found


def test_a_committed_act_leaves_exactly_one_record_that_says_who_what_when_and_why(house):  # P35
    person = Actor(kind=ActorKind.PERSON, account_id=7, person_id=3)
    with acting_as(house, "test", actor=person) as op:
        op.address = "203.0.113.9"
        record(
            op,
            AuditAction.CASE_OPEN,
            subject=("case", 5),
            before={"state": None},
            after={"person_id": 3, "result_id": 9, "level": "primary", "since": op.now, "on": date(2026, 11, 21)},
            reason="成绩合格",
        )
    (found,) = records(house)
    assert (found.at, found.actor_account_id, found.actor_kind) == (house.clock.now(), 7, ActorKind.PERSON)
    assert (found.action, found.subject_kind, found.subject_id) == ("case:open", "case", "5")
    assert found.before == '{"state":null}'
    assert json.loads(found.after) == {
        "person_id": 3,
        "result_id": 9,
        "level": "primary",
        "since": "2026-11-21T01:00:00.000000Z",
        "on": "2026-11-21",
    }
    assert (found.reason, found.request_id) == ("成绩合格", "service:test")
    assert len(found.address_digest) == 32


def fail_after_recording(house):
    with acting_as(house, "test") as op:
        record(op, AuditAction.DEMO_LOAD, subject=("demo", 1))
        assert op.db.scalar(select(AuditRecord.id)) is not None
        raise ZeroDivisionError


def test_a_rolled_back_act_leaves_no_record(house):  # P35
    with pytest.raises(ZeroDivisionError):
        fail_after_recording(house)
    assert records(house) == []


def test_the_service_itself_has_neither_account_nor_address(house):
    with acting_as(house, "sweeper") as op:
        record(op, AuditAction.DEMO_LOAD, subject=("demo", 1))
    (found,) = records(house)
    assert (found.actor_kind, found.actor_account_id, found.address_digest) == (ActorKind.SERVICE, None, "")
    assert (found.before, found.after, found.reason) == (None, None, "")


@pytest.mark.parametrize(
    "after",
    [
        {"points": 1.5},
        {"points": Decimal("1.5")},
        {"hash": b"1"},
        {"nested": [{"deep": 0.5}]},
        {"name": "张三"},
        {"person": {"ID_Number": "1"}},
        {"huge": 2**63},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001 - the naive moment is what is refused
        {"text": "\ud800"},
        {"note": "身份证 110101199003077758"},
        {5: "five"},
    ],
)
def test_what_the_log_must_not_hold_is_refused_at_once(sqlite_house, after):  # P47
    with acting_as(sqlite_house, "test") as op:
        for half in ({"before": after}, {"after": after}):
            with pytest.raises(ValueError):  # noqa: PT011 - several texts
                record(op, AuditAction.DEMO_LOAD, subject=("demo", 1), **half)
    assert records(sqlite_house) == []


def test_a_record_without_what_its_action_requires_is_refused_at_once(sqlite_house):
    with acting_as(sqlite_house, "test") as op, pytest.raises(ValueError, match="result_id, level"):
        record(op, AuditAction.CASE_OPEN, subject=("case", 5), after={"person_id": 3})


@pytest.mark.parametrize("reason", ["字" * 4001, "a\x00b", "\ud800", "见 110101199003077758", "电话13912345678"])
def test_a_reason_that_cannot_be_kept_is_refused_in_words(sqlite_house, reason):
    with acting_as(sqlite_house, "test") as op, pytest.raises(ReasonRefused) as refusal:
        record(op, AuditAction.DEMO_LOAD, subject=("demo", 1), reason=reason)
    assert refusal.value.fields[0].field == "reason"
    assert records(sqlite_house) == []


@pytest.mark.parametrize("subject", [("case", "x" * 65), ("k" * 65, 1)])
def test_a_subject_that_a_column_would_cut_is_refused(sqlite_house, subject):
    with acting_as(sqlite_house, "test") as op, pytest.raises(ValueError, match="64"):
        record(op, AuditAction.DEMO_LOAD, subject=subject)


def test_a_long_request_id_is_cut_on_both_databases_alike(house):  # P51
    with acting_as(house, "test") as op:
        op.request_id = "r" * 300
        record(op, AuditAction.DEMO_LOAD, subject=("demo", 1))
    assert records(house)[0].request_id == "r" * 64


def test_digests_are_no_identity_numbers(sqlite_house):
    with acting_as(sqlite_house, "test") as op:
        record(
            op,
            AuditAction.EXAM_SEAL,
            subject=("exam", 1),
            after={
                "seed_commitment": "a" * 20 + "13912345678" + "b" * 33,
                "pool_hash": "",
                "forms_hash": "",
                "forms": 1,
            },
            reason="第 20261121 号文\n同意",
        )
    assert len(records(sqlite_house)) == 1


def test_words_are_subject_and_verb_and_none_is_twice():
    words = [action.value for action in AuditAction]
    assert len(set(words)) == len(words) == len(AuditAction.__members__)
    for action in AuditAction:
        subject, verb = action.value.split(":")
        assert subject.isidentifier()
        assert verb.isidentifier()
        assert len(action.value) <= 64
        assert all(isinstance(key, str) for key in action.required)
