"""P31: from the audit log alone, exactly the set of valid certificates at any moment, each with its ground."""

import json
import random
from datetime import datetime, timedelta

import pytest

from app.audit.export import export
from app.certificates import queries
from app.certificates.rebuild import LogUnsound, certificates_at, valid_at
from app.certificates.rules import LIVE, Cause, CertificateState, actions_from
from app.certificates.service import acts
from app.clearance.models import Check
from app.errors import AppError
from app.operation import acting_as
from app.people.models import Person
from question_bank.items import Level


def snapshot(world):
    """What the tables say now: number and ground of each valid certificate, by id."""
    now = world.house.clock.now()
    with world.house.database.transaction(reading=True) as db:
        found = queries.live_certificates(db, now)
        return now, {c.id: (c.number, c.person_id, c.level, c.ground, c.case_id) for c in found}


def rebuilt(lines, moment):
    return {key: (c.number, c.person_id, c.level, c.ground, c.ground_id) for key, c in valid_at(lines, moment).items()}


def test_the_log_gives_the_same_set_as_the_tables_had_at_every_moment(world):
    draw = random.Random(20261121)
    seen = [snapshot(world)]
    for _ in range(6):
        world.add()
    world.house.clock.advance(timedelta(seconds=1))
    world.issue(*[c.case_id for c in world.cleared[:3]])
    seen.append(snapshot(world))
    for step in range(30):
        world.house.clock.advance(timedelta(days=draw.randrange(4, 30), microseconds=draw.randrange(10**6)))
        with world.house.database.transaction(reading=True) as db:
            everything = [db.get_one(type(c), c.id) for c in queries.live_certificates(db, world.house.clock.now())]
            suspended = [
                c for p in world.cleared for c in queries.certificates_of_person(db, p.person_id) if c.state in LIVE
            ]
        pool = suspended or everything
        if step == 4:
            world.issue(*[c.case_id for c in world.cleared[3:]])
        elif step == 18:  # a higher level for whoever still has the year
            now = world.house.clock.now()
            with acting_as(world.house, "test") as op:
                op.db.query(Check).update({"valid_until": now + timedelta(days=90)})
                persons = [op.db.get_one(Person, c.person_id) for c in world.cleared]
            world.cleared.clear()
            world.add_exam(level=Level.INTERMEDIATE, sat=now - timedelta(days=1))
            for person in persons:
                world.add(person)
            for cleared in world.cleared:
                try:
                    world.issue(cleared.case_id)
                except AppError:
                    continue
        elif pool:
            certificate = draw.choice(pool)
            if draw.random() < 0.2:
                with acting_as(world.house, "machine") as op:
                    acts.suspend_at_once(op, certificate.id, draw.choice(list(Cause)[1:]))
            else:
                gentle = [a for a in actions_from(certificate.state) if draw.random() < 0.2 or a.value in _GENTLE]
                with acting_as(world.house, "test", actor=world.as_officer) as op:
                    act = acts.propose_act(
                        op, certificate_id=certificate.id, action=draw.choice(gentle), reason="经核实"
                    )
                with acting_as(world.house, "test", actor=world.as_approver) as op:
                    acts.approve_act(op, act_id=act.id)
        seen.append(snapshot(world))
    lines = list(export(world.house.database, {}))
    assert len({frozenset(s) for _, s in seen}) > 8  # it was worth asking
    for moment, valid in seen:
        assert rebuilt(lines, moment) == valid
    world.house.clock.advance(timedelta(days=2000))
    moment, valid = snapshot(world)
    assert rebuilt(lines, moment) == valid == {}


_GENTLE = ("suspend", "restore")


def record(place, action, subject, at, **after):
    return {"id": place, "at": at, "action": action, "subject_id": subject, "after": after}


ISSUED = {
    "number": "SF-2026-C-000001",
    "person_id": 1,
    "level": "primary",
    "ground": "earned",
    "ground_id": 9,
    "valid_from": "2026-11-23T01:00:00.000000Z",
    "valid_until": "2028-01-22T16:00:00.000000Z",
}
DAY = "2026-11-2{}T01:00:00.000000Z"


def moment(day):
    return datetime.fromisoformat(DAY.format(day))


def test_a_log_that_tells_what_cannot_be_is_refused_by_the_record():
    issue = record(1, "certificate:issue", "5", DAY.format(3), **ISSUED)
    unsound = [
        [record(1, "certificate:suspend", "5", DAY.format(3), cause="barred")],
        [issue, record(2, "certificate:restore", "5", DAY.format(4), proposed_by=1)],
        [issue, record(2, "certificate:issue", "5", DAY.format(4), **{**ISSUED, "number": "SF-2026-C-000002"})],
        [issue, record(2, "certificate:issue", "6", DAY.format(4), **ISSUED)],
        [issue, record(2, "certificate:issue", "6", DAY.format(4), number="SF-2026-C-000002")],
    ]
    for number, log in enumerate(unsound):
        with pytest.raises(LogUnsound, match="record 1" if number == 0 else "record 2"):
            certificates_at(log, moment(9))


def test_a_step_that_waited_for_a_lock_counts_from_the_step_before_it():
    log = [
        record(1, "certificate:issue", "5", DAY.format(4), **ISSUED),
        record(2, "certificate:suspend", "5", DAY.format(3), cause="barred"),
    ]
    assert certificates_at(log, moment(3)) == {}
    assert certificates_at(log, moment(4))[5].state is CertificateState.SUSPENDED


def test_other_lines_and_other_acts_are_passed_over():
    lines = [json.dumps({"line": "format", "format": "x"}), json.dumps({"line": "end", "leaves": 0})]
    assert valid_at(lines, moment(5)) == {}
