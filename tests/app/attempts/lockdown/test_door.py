"""An exam that is sat in Safe Exam Browser alone: every request proves the browser, or its seat has a waiver (P53)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.attempts.lockdown.rules import PASS_LIFE
from app.attempts.models import Attempt
from app.attempts.service import issue_code
from app.attempts.service.check_in import read_code
from app.audit.models import AuditRecord
from app.clock import ManualClock
from app.exams.lockdown import Platform
from app.exams.lockdown_models import BrowserExamKey, LockdownFile
from app.operation import House, acting_as
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit, Sitter
from tests.support.client import BASE, Client
from tests.support.personas import Persona
from tests.support.safe_browser import UNLISTED_KEY, WINDOWS_KEY, load_settings, lock_down, page_headers, unload
from tests.support.sealed_exam import SealedExam, make_sealed_exam


def acts_on(house: House, kind: str, subject: int) -> list[str]:
    with house.database.transaction(reading=True) as db:
        rows = select(AuditRecord.action).where(
            AuditRecord.subject_kind == kind, AuditRecord.subject_id == str(subject)
        )
        return list(db.scalars(rows.order_by(AuditRecord.id)))


NEEDED = (403, "attempt.exam_browser")
_PATH = re.compile(r'"path": "(/exams/\d+/sit\?nonce=[0-9a-f]{32})"')


@pytest.fixture
def settings(house: House, exam: SealedExam) -> bytes:
    """The settings file of the exam, which asks for its browser."""
    return lock_down(house, exam.exam_id, exam.proctors[0])


def told(answer):
    return answer.status_code, answer.json().get("code", "")


def door(sitter: Sitter, exam: SealedExam) -> str:
    """The page at the door, at the address that the gate leads to."""
    here = f"/exams/{exam.exam_id}/sit"
    found = _PATH.search(sitter.client.get(here).text)
    return sitter.client.get(found.group(1) if found else here).text


def is_gate(page: str) -> bool:
    return 'data-step="browser"' in page and "sit.css" not in page and 'id="attempt"' not in page


def test_nothing_of_the_exam_opens_to_another_browser_and_what_was_saved_is_kept(
    house: House, exam: SealedExam, settings: bytes, sit: Sit, clock: ManualClock
) -> None:
    mine = sit(0, start=False)
    here = mine.candidate.registration_id
    mine.client.http.headers["user-agent"] = "SEB/3.9.0"  # never enough
    assert told(mine.start()) == NEEDED
    assert is_gate(door(mine, exam))
    assert told(mine.client.api(f"/registrations/{here}/declaration", {"version": 1})) == NEEDED
    assert told(mine.client.api_get(f"/exams/{exam.exam_id}/hall")) == NEEDED
    load_settings(mine.client, lock_down(house, make_sealed_exam(house).exam_id, exam.proctors[0]))
    assert told(mine.start()) == NEEDED  # another exam's settings
    load_settings(mine.client, settings)
    page = mine.client.get(f"/exams/{exam.exam_id}/sit").text
    assert is_gate(page)  # without the nonce of the session nothing opens
    assert 'data-step="ready"' in door(mine, exam)
    assert mine.start().status_code == 200
    assert mine.save(1, 1, [0]).status_code == 200
    assert 'id="attempt"' in door(mine, exam)
    unload(mine.client)
    refused = [
        mine.start(),
        mine.save(1, 2, [1]),
        mine.look("time"),
        mine.look("state"),
        mine.act("take-over", {}),
        mine.act("hand-in", {"epoch": 1}),
        mine.client.api_get(f"/exams/{exam.exam_id}/hall"),
    ]
    assert [told(answer) for answer in refused] == [NEEDED] * len(refused)
    assert is_gate(door(mine, exam))
    load_settings(mine.client, settings, exam_key=UNLISTED_KEY)
    assert mine.saved() == {1: (1, [0])}
    with acting_as(house, "test") as op:  # a version is listed in mid-exam: within seconds it alone may write
        op.db.add(_listed(exam))
    clock.advance(timedelta(seconds=4))
    assert [told(mine.save(1, 2, [1])), told(mine.look("state"))] == [NEEDED] * 2
    load_settings(mine.client, settings)
    assert mine.save(1, 2, [1]).status_code == 200
    clock.advance(timedelta(minutes=31))
    assert mine.act("hand-in", {"epoch": 1}).status_code == 200
    assert mine.act("hand-in", {"epoch": 1}).status_code == 200
    unload(mine.client)
    assert f"{BASE}/lockdown/" in mine.client.get(f"/exams/{exam.exam_id}/sit").text  # the receipt, and the way out


def _listed(exam: SealedExam):
    return BrowserExamKey(
        exam_id=exam.exam_id,
        platform=Platform.WINDOWS,
        version="3.9.0",
        exam_key=WINDOWS_KEY,
        listed_by=exam.proctors[0].account_id,
        listed_at=exam.starts_at,
    )


def test_a_browser_without_headers_proves_itself_by_its_page(
    house: House, exam: SealedExam, settings: bytes, sit: Sit, clock: ManualClock
) -> None:
    mine, other = sit(0, start=False), sit(1, start=False)
    paths = [_PATH.search(one.client.get(f"/exams/{exam.exam_id}/sit").text) for one in (mine, other)]
    own, foreign = (f"{BASE}{found.group(1)}" for found in paths if found)
    assert own != foreign
    here = f"/registrations/{mine.candidate.registration_id}/lockdown"

    def prove(page: str, content: bytes = settings):
        shown = page_headers(content, page)
        given = {"config_hash": shown["x-exam-page-config"].upper(), "exam_hash": shown["x-exam-page-key"]}
        return mine.client.api(here, given)

    assert [told(prove(foreign)), told(prove(f"{BASE}/exams/{exam.exam_id}/sit"))] == [NEEDED] * 2
    assert mine.client.api(here, {"config_hash": "x"}).status_code == 422
    assert other.client.api(here, {"config_hash": "0" * 64}).status_code == 404
    assert is_gate(mine.client.get(own.removeprefix(BASE)).text)
    assert prove(own).status_code == prove(own).status_code == 200
    assert 'data-step="ready"' in mine.client.get(own.removeprefix(BASE)).text
    assert is_gate(mine.client.get(foreign.removeprefix(BASE)).text)
    assert told(mine.start()) == NEEDED  # the pass opens pages; an act proves itself
    mine.client.http.headers.update(page_headers(settings, own))
    assert mine.start().status_code == 200
    assert mine.save(1, 1, [0]).status_code == 200
    assert mine.look("state").status_code == 200
    other.client.http.headers.update(page_headers(settings, own))
    assert told(other.start()) == NEEDED  # another session's page proves nothing
    clock.advance(PASS_LIFE + timedelta(seconds=1))
    for name in page_headers(settings, own):
        del mine.client.http.headers[name]
    assert is_gate(mine.client.get(own.removeprefix(BASE)).text)
    acts = acts_on(house, "registration", mine.candidate.registration_id)
    assert acts.count("lockdown:prove") == 1


def test_a_proctor_waives_a_seat_and_takes_it_back(
    house: House, exam: SealedExam, settings: bytes, sit: Sit, browsers: Callable[[Persona | None], Client]
) -> None:
    mine, other, proctor = sit(0, start=False), sit(1, start=False), browsers(exam.proctors[0])
    here, who = f"/rooms/{exam.room_ids[0]}", mine.candidate.registration_id
    given = {"registration_id": who, "cause": "browser_fails", "note": "蓝屏两次"}
    assert proctor.api(f"{here}/waivers", given | {"note": ""}).status_code == 422
    assert told(proctor.api(f"{here}/waivers/withdraw", {"registration_id": who})) == (409, "lockdown.no_waiver")
    elsewhere = make_sealed_exam(house, proctored=True)
    theirs = {"registration_id": elsewhere.candidates[0].registration_id}
    assert proctor.api(f"{here}/waivers", given | theirs).status_code == 404
    asked = browsers(elsewhere.proctors[0]).api(f"/rooms/{elsewhere.room_ids[0]}/waivers", given | theirs)
    assert told(asked) == (409, "lockdown.not_asked")
    assert proctor.api(f"{here}/waivers", given).status_code == 200
    assert told(proctor.api(f"{here}/waivers", given)) == (409, "lockdown.waived")
    shown = proctor.api_get(here).json()
    assert [row["waived"] for row in shown["candidates"]] == ["browser_fails", None, None]
    assert len(shown["quit_password"]) == 19
    board = proctor.get(here).text
    assert "已豁免考试浏览器：考试浏览器不能运行" in board
    assert mine.start().status_code == 200
    assert mine.save(1, 1, [0]).status_code == 200
    assert 'id="attempt"' in door(mine, exam)
    assert told(other.start()) == NEEDED
    assert proctor.api(f"{here}/waivers/withdraw", {"registration_id": who}).status_code == 200
    assert told(mine.save(1, 2, [1])) == NEEDED
    load_settings(mine.client, settings)
    assert mine.save(1, 2, [1]).status_code == 200
    load_settings(other.client, settings)
    assert other.start().status_code == 200
    unload(other.client)
    assert told(other.save(1, 1, [0])) == NEEDED
    assert (
        proctor.api(f"{here}/waivers", given | {"registration_id": other.candidate.registration_id}).status_code == 200
    )
    assert other.save(1, 1, [0]).status_code == 200  # a waiver reaches an attempt that runs
    acts = acts_on(house, "registration", who)
    assert (acts.count("lockdown:waive"), acts.count("lockdown:end_waiver")) == (1, 1)
    with house.database.transaction(reading=True) as db:
        assert [db.get_one(Attempt, one.attempt_id).lockdown for one in (mine, other)] == [True, False]


def test_a_code_is_not_spent_in_the_wrong_browser(
    house: House, exam: SealedExam, settings: bytes, browsers: Callable[[Persona | None], Client]
) -> None:
    def code_for(number: int) -> dict[str, str]:
        who, proctor = exam.candidates[number], exam.proctors[0]
        actor = Actor(ActorKind.PERSON, proctor.account_id, proctor.person_id, grants=(Grant(Role.PROCTOR),))
        with acting_as(house, "test", actor=actor) as op:
            _, code = issue_code(op, registration_id=who.registration_id)
            return {"ticket_number": who.ticket_number, "code": read_code(op, code)}

    browser, mac, given = browsers(None), browsers(None), code_for(0)
    assert told(browser.api("/ticket-sign-in", given)) == NEEDED
    assert told(browser.api("/ticket-sign-in", given | {"code": "AAAA-AAAA"}))[0] == 401  # nothing is told of a ticket
    load_settings(browser, settings)
    assert browser.api("/ticket-sign-in", given).status_code == 200
    shown = page_headers(settings, f"{BASE}/ticket")
    assert mac.api("/ticket-sign-in", code_for(1), headers=shown).status_code == 200


def test_without_settings_nobody_is_let_in(house: House, exam: SealedExam, settings: bytes, sit: Sit) -> None:
    mine = sit(0, start=False)
    load_settings(mine.client, settings)
    with acting_as(house, "test") as op:
        op.db.delete(op.db.get_one(LockdownFile, exam.exam_id))
    assert told(mine.start()) == NEEDED
    assert is_gate(door(mine, exam))
