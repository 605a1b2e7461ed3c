"""Every class, every hold: just what is due and free goes, and nothing else in any table (P37)."""

import pytest
from sqlalchemy import select

from app.authoring.models import BankImport
from app.authoring.rules import ImportState
from app.retention.rules.classes import CLASSES, TIMED, RecordClass
from app.retention.rules.words import HOLD_WORDS
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.kept import FREE, RECENT, keep_everything, let_go, snapshot
from tests.support.personas import make_staff

OF_EXAMS = {RecordClass.FORMS, RecordClass.SIGNALS, RecordClass.ROOMS}
"""Spare forms, reports of similarity and rooms are an exam's: what holds any of its candidates holds them."""

OF_NOBODY = {RecordClass.SIGNALS, RecordClass.ROOMS}
"""Classes of which something is free with the free candidate, and something of an exam that had no candidates."""


@pytest.fixture
def kept(house):
    return keep_everything(house)


@pytest.fixture
def administrators(house, kept, browsers):
    """In the order in which they act: who draws up, and the two who approve."""
    roles = Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR
    return [browsers(make_staff(house, role)) for role in roles]


def lines(client):
    return {row["record_class"]: row for row in client.api_get("/retention").json()["classes"]}


def approve(administrators, record_class):
    """A list of the class that two have approved; returns its path."""
    system, *others = administrators
    drawn = system.api("/retention/lists", {"record_class": record_class})
    assert drawn.status_code == 200, drawn.text
    here = f"/retention/lists/{drawn.json()['id']}"
    for client in others:
        assert client.api(f"{here}/approve").status_code == 200
    return here


def test_what_is_due_and_free_goes_and_nothing_else(house, kept, administrators):
    system = administrators[0]
    shown = lines(system)
    for one in TIMED:
        held = {hold["en"]: hold["count"] for hold in shown[one]["held"]}
        assert held == {HOLD_WORDS[hold][1]: 2 if one in OF_EXAMS else 1 for hold in CLASSES[one].holds}, one
        assert shown[one]["due"] == (2 if one in OF_NOBODY else 1), one
    before = snapshot(house)
    for one in TIMED:
        here = approve(administrators, one)
        make_worker(house).drain()
        after = snapshot(house)
        assert {key for key, row in before.items() if after.get(key) != row} == kept.of(FREE, one), one
        assert {table for table, _ in after.keys() - before.keys()} <= {"responses_destroyed"}
        (fate,) = system.api_get(here).json()["fates"]
        assert (fate["fate"], fate["subjects"]) == ("destroyed", shown[one]["due"])
        before = after
    assert {line["due"] for line in lines(system).values()} == {0, None}
    with house.database.transaction(reading=True) as db:
        ended = db.execute(select(BankImport.state, BankImport.settled_at.is_(None)).order_by(BankImport.id)).all()
    assert [tuple(row) for row in ended] == [(ImportState.DISCARDED, False), (ImportState.CHECKED, True)]
    let_go(house, kept)
    for name, line in lines(system).items():
        one = RecordClass(name)
        whose = {who for (_, of), who in kept.owners.items() if of is one} - {FREE, RECENT, f"all of {RECENT}"}
        assert (line["due"] or 0, line["held"]) == (len(whose), []), one
