"""Before a certificate ends its holder, the liaison and the certificate officer are told, once for each term."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.certificates.models import Certificate
from app.certificates.rules import CertificateState, due_warning
from app.certificates.service import endings
from app.operation import acting_as
from app.outbox.models import OutboxMessage
from app.security.permissions import Role
from app.settings import Settings
from tests.support.house import MORNING
from tests.support.personas import make_staff, make_unit

DAYS = (90, 30)


@pytest.mark.parametrize(
    ("left", "told", "due"),
    [(91, None, None), (90, None, 90), (31, 90, None), (30, 90, 30), (30, 30, None), (1, None, 30), (0, None, None)],
)
def test_each_term_is_told_of_once_and_the_shortest_makes_up_for_the_others(left, told, due):
    assert due_warning(MORNING + timedelta(days=left), now=MORNING, days=DAYS, told=told) == due


def test_terms_are_a_setting():
    assert Settings.from_environ({"CHIZHENG_CERTIFICATE_WARNING_DAYS": "60, 14"}).certificate_warning_days == (60, 14)
    told = Settings(certificate_warning_days=(60, 14)).environ()["CHIZHENG_CERTIFICATE_WARNING_DAYS"]
    assert told == "60,14"


def warn(house):
    endings.warn_of_ends(house)
    with house.database.transaction(reading=True) as db:
        rows = db.scalars(select(OutboxMessage).where(OutboxMessage.template.contains("ending")))
        return sorted((row.person_id, row.template, row.params.get("count"), row.params.get("days")) for row in rows)


def test_everybody_concerned_is_told_once_a_term_and_finds_them_listed(world, browsers, monkeypatch):
    monkeypatch.setattr(endings, "AT_ONCE", 2)
    house, ends = world.house, _issue(world, 2)
    liaison = make_staff(house, Role.UNIT_LIAISON, unit=world.unit)
    with acting_as(house, "test") as op:
        elsewhere = make_unit(op)
    other = make_staff(house, Role.UNIT_LIAISON, unit=elsewhere)
    officer = make_staff(house, Role.CERTIFICATE_OFFICER)
    world.house.clock.set(ends - timedelta(days=91))
    assert warn(house) == []
    world.house.clock.set(ends - timedelta(days=89))
    holders = {row.person_id for row in world.cleared[:2]}
    told = warn(house)
    assert {person for person, template, _, _ in told if template == "certificate_ending"} == holders
    staff = {person: (count, days) for person, template, count, days in told if template == "certificates_ending"}
    assert (staff[liaison.person_id], staff[officer.person_id]) == ((2, 90), (2, 90))
    assert other.person_id not in staff
    assert warn(house) == told
    listed = browsers(liaison).api_get("/ending-certificates").json()
    assert [(row["person_id"] in holders, row["days_left"]) for row in listed["endings"]] == [(True, 88)] * 2
    assert browsers(other).api_get("/ending-certificates").json()["endings"] == []
    assert "张证书将在 90 天内到期" in browsers(liaison).get("/").text
    seen = browsers(officer)
    assert len(seen.api_get("/certificates", params={"ending": True}).json()["certificates"]) == 2
    assert "/certificates?ending=true" in seen.get("/").text
    with acting_as(house, "test") as op:  # what was ended by an act is told of no more
        gone = op.db.scalars(select(Certificate).order_by(Certificate.id)).first()
        gone.state = CertificateState.RETIRED
    world.house.clock.set(ends - timedelta(days=29))
    again = [row for row in warn(house) if row not in told]
    assert (liaison.person_id, "certificates_ending", 1, 30) in again
    assert len([row for row in warn(house) if row[1] == "certificate_ending"]) == 3
    world.house.clock.set(ends + timedelta(days=1))
    assert len([row for row in warn(house) if row[1] == "certificate_ending"]) == 3


def _issue(world, many) -> datetime:
    """Certificates for so many; returns when they end."""
    for _ in range(many):
        world.add()
    return world.issue()[0].valid_until
