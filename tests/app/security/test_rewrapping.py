"""A new field key takes over while the service runs (P46): everything stays readable, and the old key may go."""

import base64
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.attempts.models import CheckInCode
from app.attempts.service.check_in import issue_code, read_code
from app.audit.models import AuditRecord
from app.exams.models import Exam
from app.exams.service.drawing import open_seed, seed_context
from app.jobs.queue import enqueue, find
from app.jobs.rules import JobState
from app.main import make_house
from app.operation import acting_as
from app.people.models import Person
from app.people.service import find_by_id_number, unmask_id_number
from app.security import rewrapping
from app.security.actor import Actor, ActorKind, Grant
from app.security.fields import MasterKey, Unreadable
from app.security.permissions import Role
from app.security.rewrapping import count_stale, rewrap_some
from app.security.signing_keys import KeyPurpose, Keyring
from app.settings import Settings, SettingsError
from app.tables import METADATA
from app.wiring import WRAPPED, close_house, make_worker
from tests.support.sealed_exam import make_sealed_exam

ROOT = Path(__file__).resolve().parents[3]
NEW = base64.b64encode(bytes(range(40, 72))).decode()
SEED = bytes(range(32))


def held_by(house) -> list[str]:
    """The name of the key that each wrapped text anywhere in the database names."""
    found = []
    with house.database.transaction(reading=True) as db:
        for table in METADATA.sorted_tables:
            for row in db.connection().exec_driver_sql(f"SELECT * FROM {table.name}"):
                found += [value.split(".")[1] for value in row if isinstance(value, str) and value.startswith("k1.")]
    return found


@pytest.fixture
def filled(house):
    """A house in which every kind of secret is held by the first key."""
    made = make_sealed_exam(house, candidates=3, proctored=True)
    with acting_as(house, "test") as op:
        wrapped = op.house.tool(MasterKey).wrap(SEED, context=seed_context(made.exam_id))
        op.db.get_one(Exam, made.exam_id).seed_cipher = wrapped
        house.tool(Keyring).current(op.db, KeyPurpose.ANCHOR, now=op.now)
    proctor = Actor(ActorKind.PERSON, account_id=made.proctors[0].account_id, grants=(Grant(Role.PROCTOR),))
    with acting_as(house, "test", actor=proctor) as op:
        issue_code(op, registration_id=made.candidates[0].registration_id)
    return made


def renewed(house, **more):
    """The same house after a restart under the new key, the old one kept as previous unless said otherwise."""
    old = house.settings.field_key.get_secret_value()
    given = {"field_key": NEW, "field_key_previous": old} | more
    return make_house(Settings.model_validate(house.settings.model_dump() | given), clock=house.clock)


def run(house) -> int:
    with acting_as(house, "keys") as op:
        job_id = enqueue(op.db, kind=rewrapping.JOB, payload={}, now=op.now, dedupe_key=rewrapping.JOB)
    make_worker(house).drain()
    return job_id


def test_everything_is_read_under_both_keys_then_under_the_new_one_alone(house, filled):
    person_id = filled.candidates[0].persona.person_id
    with acting_as(house, "test") as op:
        number = unmask_id_number(op, op.db.get_one(Person, person_id), why="核对")
    before = held_by(house)
    assert len(set(before)) == 1
    both = renewed(house)
    try:
        job_id = run(both)
        with both.database.transaction(reading=True) as db:
            job = find(db, job_id)
            assert (job.state, job.result) == (JobState.DONE, {"rewrapped": len(before), "left": 0})
            (told,) = db.scalars(select(AuditRecord).where(AuditRecord.action == "key:rewrap"))
            assert told.subject_id == both.tool(MasterKey).name
    finally:
        close_house(both)
    alone = renewed(house, field_key_previous="")
    try:
        after = held_by(alone)
        assert len(after) == len(before)
        assert set(after) == {alone.tool(MasterKey).name}
        with acting_as(alone, "test") as op:
            found = find_by_id_number(op, number)  # the blind index is another key's work
            assert found is not None
            assert unmask_id_number(op, found, why="核对") == number
            assert open_seed(op, op.db.get_one(Exam, filled.exam_id)) == SEED
            assert alone.tool(Keyring).sign(op.db, KeyPurpose.ANCHOR, b"x", now=op.now)
            assert len(read_code(op, op.db.scalars(select(CheckInCode)).one())) >= 8
            account = op.db.get_one(Account, filled.proctors[0].account_id)
            context = f"second factor of account {account.id}"
            assert alone.tool(MasterKey).unwrap(account.totp_cipher, context=context).decode()
    finally:
        close_house(alone)


def test_a_run_that_is_broken_off_goes_on_where_it_was(house, filled):
    both = renewed(house)
    try:
        with both.database.transaction() as db:
            stale = count_stale(db, both.tool(MasterKey), WRAPPED)
            assert rewrap_some(db, both.tool(MasterKey), WRAPPED[0], limit=2) == 2
        with both.database.transaction(reading=True) as db:
            assert count_stale(db, both.tool(MasterKey), WRAPPED) == stale - 2
        run(both)
        house.clock.advance(timedelta(seconds=1))
        run(both)  # once more changes nothing
        assert set(held_by(both)) == {both.tool(MasterKey).name}
    finally:
        close_house(both)


def test_without_the_old_key_nothing_is_changed_and_the_job_says_so(house, filled):
    before = sorted(held_by(house))
    alone = renewed(house, field_key_previous="")
    try:
        with acting_as(alone, "keys") as op:
            job_id = enqueue(op.db, kind=rewrapping.JOB, payload={}, now=op.now, max_attempts=1)
        make_worker(alone).drain()
        with alone.database.transaction(reading=True) as db:
            assert find(db, job_id).error["code"] == Unreadable.code
        assert sorted(held_by(alone)) == before
    finally:
        close_house(alone)


def test_every_module_that_wraps_is_known_to_the_job():
    """Who adds a secret that the field key wraps adds its column to `wiring.WRAPPED`, and its module here."""
    wrapping = {
        str(path.relative_to(ROOT / "app"))
        for path in (ROOT / "app").rglob("*.py")
        if re.search(r"\.(wrap|new_key)\(", path.read_text(encoding="utf-8")) and path.name != "fields.py"
    }
    assert wrapping == {
        "people/service.py",
        "accounts/service.py",
        "accounts/sessions.py",
        "exams/service/lockdown.py",
        "exams/service/sealing.py",
        "attempts/service/check_in.py",
        "security/signing_keys.py",
    }


def test_older_keys_are_read_from_a_list_or_a_file_and_checked(tmp_path):
    (tmp_path / "keys").write_text(f"{NEW}\n{NEW}\n", encoding="utf-8")
    found = Settings.from_environ({"CHIZHENG_FIELD_KEY_PREVIOUS_FILE": str(tmp_path / "keys")})
    assert found.field_keys_previous == (bytes(range(40, 72)),) * 2
    assert NEW not in str(found.shown())
    assert found.shown()["field_key_previous"] == "**********"
    with pytest.raises(SettingsError, match="CHIZHENG_FIELD_KEY_PREVIOUS"):
        Settings.from_environ({"CHIZHENG_FIELD_KEY_PREVIOUS": f"{NEW},short"})
