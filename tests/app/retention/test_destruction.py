"""What is due is listed by one, approved by two others, destroyed slice by slice; what is held stays; proofs remain."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from app.accounts.service import create_account
from app.attempts.journal import Journal
from app.attempts.models import Attempt, JournalEntry, Response, ResponsesDestroyed
from app.audit.models import AuditRecord
from app.audit.sealing import seal
from app.clearance.models import ClearanceCase
from app.clearance.rules import CaseState
from app.exams.models import FormRow
from app.exams.reading import RecordsDestroyed, read_form
from app.exams.service.drawing import recompute_draw
from app.grading.models import Release, Result
from app.grading.rechecks.models import Recheck
from app.grading.rechecks.rules import RecheckState
from app.grading.rules import ReleaseState
from app.holdings import Stirred, destroy, look
from app.jobs import leases
from app.jobs.queue import cancel
from app.jobs.worker import RunningJob
from app.operation import acting_as
from app.outbox.models import InboxMessage
from app.retention.holdings import BY_CLASS
from app.retention.models import DestructionEntry
from app.retention.rules import SameAdministrator
from app.retention.rules.classes import CLASSES, TIMED, RecordClass
from app.retention.service import carrying_out, lists, terms
from app.retention.service.lists import JOB
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.audit_log import check
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam
from tests.support.sitting import sit


@pytest.fixture
def administrators(house):
    """Who draws up, and the two who approve."""
    roles = Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR
    return [make_staff(house, role) for role in roles]


def lines(client):
    return {row["record_class"]: row for row in client.api_get("/retention").json()["classes"]}


def draw_up(client, record_class):
    return client.api("/retention/lists", {"record_class": record_class})


def approved(system, others, record_class):
    """A list that two have approved; returns its path."""
    here = f"/retention/lists/{draw_up(system, record_class).json()['id']}"
    assert [client.api(f"{here}/approve").status_code for client in others] == [200, 200]
    return here


def send_messages(house, number, *, days_ago):
    """So many old messages, of nobody, so that nothing holds them; the ids of nobody."""
    nobody = [10**9 + n for n in range(number)]
    said = {"template": "recheck_answered", "params": {}, "created_at": house.clock.now() - timedelta(days=days_ago)}
    with house.database.transaction() as db:
        db.add_all(InboxMessage(outbox_id=one, person_id=one, **said) for one in nobody)
    return nobody


def alter(house, table, where, **values):
    with house.database.transaction() as db:
        db.execute(update(table).where(where).values(**values))


def fates(client, here):
    shown = client.api_get(here).json()
    return shown["state"], {one["fate"]: one["subjects"] for one in shown["fates"]}


def holdings(house, *attempts):
    """How many rows of the journal, and of what stood last, each attempt has."""
    with house.database.transaction(reading=True) as db:
        return [
            [db.scalar(select(func.count()).where(table.attempt_id == one)) for table in (JournalEntry, Response)]
            for one in attempts
        ]


NOTICES = BY_CLASS[RecordClass.NOTICES][0]
WHEN = "BEFORE DELETE ON response"
REFUSE = {
    "sqlite": "CREATE TRIGGER refuse {when} WHEN OLD.attempt_id = {one} BEGIN SELECT RAISE(ABORT, 'refused'); END",
    "postgresql": """CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE 'refused'; END $$ LANGUAGE plpgsql;
        CREATE TRIGGER refuse {when} FOR EACH ROW WHEN (OLD.attempt_id = {one}) EXECUTE FUNCTION refuse()""",
}
"""By which the database itself refuses to delete the responses of one attempt, and how it does so no more."""
ALLOW = {"sqlite": "DROP TRIGGER refuse", "postgresql": "DROP FUNCTION refuse CASCADE"}


def break_off(house, attempt_id):
    """A worker takes the job and dies at the responses of that attempt; then somebody cancels the job."""
    now, dialect = house.clock.now(), house.database.dialect
    with house.database.transaction() as db:
        db.execute(text(REFUSE[dialect].format(when=WHEN, one=attempt_id)))
        claimed = leases.claim(db, worker="w", kinds=[JOB], lease=timedelta(minutes=1), now=now)
    with pytest.raises(DBAPIError):
        carrying_out.make_handler(house)(RunningJob(claimed, house.database, house.clock))
    with house.database.transaction() as db:
        db.execute(text(ALLOW[dialect]))
        cancel(db, claimed.lease.job_id, now=now)
    house.clock.advance(timedelta(minutes=2))
    make_worker(house).drain()


def ask_recheck(house, exam, registration_id):
    row = {"exam_id": exam.exam_id, "registration_id": registration_id, "total_before": 1800, "note": ""}
    with house.database.transaction() as db:
        db.add(Recheck(**row, state=RecheckState.ASKED, asked_at=house.clock.now()))


@pytest.fixture
def past(house, browsers):
    """An exam of three that was released, three years and a day ago; the code that each was shown at the end."""
    exam = make_sealed_exam(house, candidates=3, proctored=True, earliest_hand_in_minutes=0)
    codes = [sit(house, browsers(None), exam, one, right=9)["receipt_code"] for one in exam.candidates]
    house.clock.set(exam.ends_at + timedelta(minutes=1))
    officer, approver = (browsers(make_staff(house, role)) for role in (Role.EXAM_OFFICER, Role.EXAM_APPROVER))
    assert officer.api(f"/results/{exam.exam_id}/propose").status_code == 200
    assert approver.api(f"/results/{exam.exam_id}/release").status_code == 200
    make_worker(house).drain()
    house.clock.advance(timedelta(days=1096))
    return exam, codes


def test_a_list_from_its_drawing_up_to_its_record(house, browsers, administrators, past, monkeypatch):
    """P6, P21, P24, P35, P36, P37, P47. The job breaks off in its second slice, and is asked for again."""
    exam, codes = past
    system, security, audit = map(browsers, administrators)
    first, second, third = (one.registration_id for one in exam.candidates)
    with house.database.transaction(reading=True) as db:
        attempts = {row.registration_id: row.id for row in db.scalars(select(Attempt).order_by(Attempt.id))}
    found = lines(system)["responses"]
    assert (found["due"], {one["en"]: one["count"] for one in found["held"]}) == (0, {"Clearance case open": 3})
    assert draw_up(system, "responses").json()["code"] == "retention.nothing_due"
    with house.database.transaction() as db:
        db.execute(update(ClearanceCase).values(state=CaseState.REJECTED))
    assert draw_up(system, "audit").status_code == 422
    assert draw_up(security, "responses").status_code == 403
    here = f"/retention/lists/{draw_up(system, 'responses').json()['id']}"
    assert draw_up(system, "responses").json()["code"] == "retention.list_waits"
    assert system.api(f"{here}/approve").status_code == 403
    assert "批准销毁" in security.get(here).text
    assert security.api(f"{here}/approve").status_code == 200
    assert security.api(f"{here}/approve").json()["code"] == "retention.same_person"
    before = holdings(house, *attempts.values())
    assert make_worker(house).drain() == 0  # nothing goes with one approval
    assert audit.api(f"{here}/approve").status_code == 200
    assert audit.api(f"{here}/decline", {"reason": "晚了"}).json()["code"] == "retention.moved"

    monkeypatch.setattr(carrying_out, "_AT_ONCE", 1)
    break_off(house, attempts[second])
    assert holdings(house, *attempts.values()) == [[0, 0], *before[1:]]
    assert fates(system, here) == ("approved", {"destroyed": 1, "listed": 2})
    ask_recheck(house, exam, third)  # opened while the job is at it
    carrying_out.resume(house)
    carrying_out.resume(house)
    assert make_worker(house).drain() == 1
    assert holdings(house, *attempts.values()) == [[0, 0], [0, 0], before[2]]
    assert fates(system, here) == ("carried_out", {"destroyed": 2, "held": 1})
    assert system.get(f"{here}/record.pdf").content.startswith(b"%PDF")
    assert {client.get(page).status_code for client in (system, audit) for page in (here, "/retention")} == {200}

    # What was told stays told: the receipts, the code shown at the end, the result; nobody scores what is not there.
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    line = house.tool(Journal).receipts.write(attempts[first], 1, 1, "[0]", exam.starts_at)
    vouched = [officer.api("/receipts/check", {"receipt": one}).json()["vouched"] for one in (codes[0], line)]
    assert [(one["agrees"], bool(one["destroyed_at"])) for one in vouched] == [(True, True), (False, True)]
    assert "真实，记录已销毁" in officer.submit("/receipts/check", {"receipt": line}).text
    ask_recheck(house, exam, first)
    given = {"item_version_id": 1, "treatment": "dropped", "reason": "x"}
    refused = {
        "rechecks/2/recount": {"note": "x"},
        f"results/{exam.exam_id}/similarity": None,
        f"results/{exam.exam_id}/rescorings": given,
    }
    for path, body in refused.items():
        assert officer.api(f"/{path}", body).json()["code"] == "exam.records_destroyed", path
    draft = f"/results/{exam.exam_id}/rescorings?item_version_id=1&treatment=dropped"
    assert "已按保存期限销毁" in officer.get(draft).text
    with house.database.transaction(reading=True) as db:
        assert db.scalar(select(Result.total).where(Result.registration_id == first)) == 1800
        assert set(db.scalars(select(ResponsesDestroyed.attempt_id))) == {attempts[first], attempts[second]}
        acts = select(AuditRecord.action, AuditRecord.after).where(AuditRecord.action.like("destruction:%"))
        told = [(action, json.loads(after)) for action, after in db.execute(acts.order_by(AuditRecord.id))]
    assert [action.split(":")[1] for action, _ in told] == ["draw_up", *["approve"] * 2, *["carry_out"] * 3, "finish"]
    assert [after["subjects"] for _, after in told[3:6]] == [[first], [second], []]
    assert {name: told[-1][1][name] for name in ("destroyed", "held", "changed")} == {
        "destroyed": 2,
        "held": 1,
        "changed": 0,
    }
    seal(house)
    assert check(house).ok


def test_a_draw_is_verified_by_the_hashes_that_forms_leave(house, browsers, administrators):
    exam = make_sealed_exam(house, candidates=2)
    with house.database.transaction() as db:
        db.add(Release(exam_id=exam.exam_id, state=ReleaseState.RELEASED))
    house.clock.advance(timedelta(days=1096))
    system, *others = map(browsers, administrators)
    here = approved(system, others, "forms")
    with house.database.transaction() as db:
        changed = db.scalars(select(FormRow).order_by(FormRow.id)).first()
        changed.content += " "
    make_worker(house).drain()
    assert fates(system, here) == ("carried_out", {"changed": 1, "destroyed": 2})
    with acting_as(house, "test") as op:
        assert not recompute_draw(op, exam.exam_id).agrees  # the change is found
        op.db.execute(update(FormRow).where(FormRow.id == changed.id).values(content=changed.content[:-1]))
        verdict = recompute_draw(op, exam.exam_id)
        assert verdict.agrees, verdict
        rows = op.db.scalars(select(FormRow).order_by(FormRow.id))
        left = [(bool(row.content), bool(row.content_hash)) for row in rows]
    assert left == [(True, True), (False, True), (False, True)]
    with pytest.raises(RecordsDestroyed):  # no reader takes it for a form without items
        read_form("")


def test_what_is_not_what_was_approved_stays_and_what_is_declined_too(house, browsers, administrators, monkeypatch):
    system, *others = map(browsers, administrators)
    messages = send_messages(house, 3, days_ago=4000)
    here = f"/retention/lists/{draw_up(system, 'notices').json()['id']}"
    assert others[0].api(f"{here}/decline", {"reason": "另行研究"}).status_code == 200
    assert fates(system, here) == ("declined", {"listed": 3})

    here = f"/retention/lists/{draw_up(system, 'notices').json()['id']}"
    assert others[0].api(f"{here}/approve").status_code == 200
    alter(house, DestructionEntry, DestructionEntry.subject_id == messages[0], rows=2)
    assert others[1].api(f"{here}/approve").json()["code"] == "retention.list_altered"
    assert others[1].api(f"{here}/decline", {"reason": "与校验值不符"}).status_code == 200

    here = approved(system, others, "notices")
    alter(house, DestructionEntry, DestructionEntry.subject_id == messages[0], rows=2)
    make_worker(house).drain()
    assert fates(system, here) == ("carried_out", {"changed": 3})
    with pytest.raises(Stirred), acting_as(house, "test") as op:  # one came that nobody had looked at
        destroy(op.db, NOTICES, messages, until=op.now, rows=2)
    with acting_as(house, "test") as op:
        look(op.db, NOTICES, messages, until=op.now, key=b"", lock=True)
        if house.database.dialect == "postgresql":  # SQLite has one writer
            with house.database.transaction() as other, pytest.raises(OperationalError):
                other.execute(select(InboxMessage).with_for_update(nowait=True))

    monkeypatch.setattr(lists, "_AT_ONCE", 1)
    for most, so_many in (("MOST_ROWS", 2), ("MOST_LISTED", 1)):
        monkeypatch.setattr(lists, most, so_many)
        here = approved(system, others, "notices")
        alter(house, InboxMessage, InboxMessage.person_id == messages[0], read_at=house.clock.now())
        house.clock.advance(timedelta(seconds=1))
        make_worker(house).drain()
        assert fates(system, here)[1]["changed"] == 1
        monkeypatch.setattr(lists, most, 100)
    assert fates(system, here) == ("carried_out", {"changed": 1})
    with house.database.transaction(reading=True) as db:
        left = set(db.scalars(select(InboxMessage.person_id)))
    assert (len(left), messages[0] in left) == (2, True)


def second_account(house, persona):
    """The same person under another account, with a right to approve that nobody could give them: roles exclude it."""
    with acting_as(house, "test") as op:
        other = create_account(op, person_id=persona.person_id, login="second_account")
    grants = (Grant(Role.SECURITY_ADMINISTRATOR),)
    return Actor(ActorKind.PERSON, account_id=other.id, person_id=persona.person_id, grants=grants)


def test_nobody_settles_under_another_account_what_they_proposed(house, browsers, administrators):  # P24, P37
    system = browsers(administrators[0])
    send_messages(house, 1, days_ago=4000)
    listed = draw_up(system, "notices").json()["id"]
    proposed = system.api("/retention/terms", {"days": {one: CLASSES[one].usual for one in TIMED}, "reason": "x"})
    terms_id = proposed.json()["id"]
    again = second_account(house, administrators[0])
    for act in (
        lambda op: lists.approve(op, list_id=listed),
        lambda op: lists.decline(op, list_id=listed, reason="x"),
        lambda op: terms.approve(op, terms_id=terms_id),
        lambda op: terms.decline(op, terms_id=terms_id, reason="x"),
    ):
        with pytest.raises(SameAdministrator), acting_as(house, "test", actor=again) as op:
            act(op)


def test_terms_are_set_by_two_and_count_at_once(house, browsers, administrators):  # P37
    system, *others = map(browsers, administrators)
    security = others[0]
    send_messages(house, 1, days_ago=400)
    days = {name: row["days"] for name, row in lines(system).items() if row["days"]}
    assert days["notices"] == 730
    wrong = system.api("/retention/terms", {"days": days | {"consents": 365}, "reason": "x"})
    assert {one["field"] for one in wrong.json()["errors"]} == {"days.consents"}
    shorter = days | {"notices": 365}
    form = {f"days.{name}": one for name, one in shorter.items()} | {"reason": "县档案局〔2026〕3 号"}
    assert system.submit("/retention/terms", form).status_code == 303
    here = f"/retention/terms/{system.api_get('/retention').json()['terms'][0]['id']}"
    assert lines(system)["notices"]["due"] == 0  # a proposal changes nothing
    assert system.api(f"{here}/approve").status_code == 403
    assert "缩短" in security.get(here).text
    assert security.api(f"{here}/approve").status_code == 200
    assert security.api(f"{here}/decline", {"reason": "x"}).json()["code"] == "retention.moved"
    assert lines(system)["notices"]["due"] == 1
    assert system.get("/retention/terms/new").status_code == 200
    # Made longer again after a list was approved: what it names is not due any more.
    here = approved(system, others, "notices")
    longer = system.api("/retention/terms", {"days": days, "reason": "改回"}).json()["id"]
    assert security.api(f"/retention/terms/{longer}/approve").status_code == 200
    make_worker(house).drain()
    assert fates(system, here) == ("carried_out", {"changed": 1})
