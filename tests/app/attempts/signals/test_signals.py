"""What is noticed of a sitting: gathered cheaply, kept within bounds, shown as evidence, answered by the candidate."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import LoginSession
from app.attempts.models import RefusedSave
from app.attempts.signals.gathering import Signals
from app.attempts.signals.models import Signal
from app.attempts.signals.queries import sums_of
from app.attempts.signals.rules import (
    CLAIMED,
    LONGEST,
    MOST,
    TAKEN,
    BadSignals,
    Claim,
    Noticed,
    SignalKind,
    add_up,
    may_answer,
    read_claims,
)
from app.attempts.signals.service import answer
from app.audit.actions import AuditAction as A
from app.clock import ManualClock
from app.errors import NotFound
from app.exams.integrity import Integrity
from app.exams.models import Exam
from app.operation import House, acting_as
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit
from tests.app.attempts.test_sitting import acts
from tests.support.client import Client
from tests.support.house import MORNING
from tests.support.personas import Persona, make_staff
from tests.support.safe_browser import load_settings, lock_down, unload
from tests.support.sealed_exam import SealedExam

Browsers = Callable[[Persona | None], Client]
AWAY, FULL, ADDRESS, DEVICE, BROWSER = SignalKind


def look_closely(house: House, exam: SealedExam, level: Integrity) -> None:
    with acting_as(house, "test") as op:
        op.db.execute(update(Exam).where(Exam.id == exam.exam_id).values(integrity=level))


def flush(house: House) -> int:
    return house.tool(Signals).flush(house.database)


def test_the_rules() -> None:
    assert TAKEN[Integrity.BASIC] < TAKEN[Integrity.STANDARD] < TAKEN[Integrity.STRICT] == set(SignalKind)
    assert not TAKEN[Integrity.BASIC] & (CLAIMED | {ADDRESS})
    assert read_claims("") == {}
    assert read_claims("away.3.41~full_screen.1.20") == {AWAY: Claim(3, 41), FULL: Claim(1, 20)}
    assert read_claims("away.999999999.999999999~full_screen.0.9") == {AWAY: Claim(MOST, LONGEST)}
    for bad in ("away", "away.1", "away.1.-2", "away.1.2.3", "browser.1.1", "away.1.2~", "~", "away.１.2", "x" * 9999):
        with pytest.raises(BadSignals):
            read_claims(bad)
    later = MORNING + timedelta(minutes=5)
    rows = [Noticed(AWAY, "1", 1, 9, MORNING), Noticed(AWAY, "1", 3, 41, later), Noticed(AWAY, "2", 1, 4, later)]
    (found,) = add_up(rows)  # running totals of a source; another epoch counts anew
    assert (found.count, found.seconds, found.first_at, found.last_at, found.capped) == (4, 45, MORNING, later, False)
    assert add_up([Noticed(AWAY, "1", MOST, 1, MORNING)])[0].capped
    answers = [(None, False, MORNING), (later, True, MORNING), (later, False, later), (later, False, MORNING)]
    assert [may_answer(due=due, answered=said, now=now) for due, said, now in answers] == [False, False, False, True]


def test_what_a_page_tells_is_kept_once_within_bounds_and_shown_as_words(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock
) -> None:  # P21
    look_closely(house, exam, Integrity.STANDARD)
    mine, quiet = sit(0), sit(1)
    room = f"/rooms/{exam.room_ids[0]}"
    proctor, stranger = browsers(exam.proctors[0]), browsers(make_staff(house, Role.PROCTOR))
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    assert mine.look("time?signals=away").json()["code"] == "signal.malformed"
    for said, moved in (("away.1.0", 0), ("away.1.0", 9), ("away.1.30", 9), ("away.3.41~full_screen.2.5", 9), ("", 9)):
        clock.advance(timedelta(seconds=moved))
        assert mine.look(f"time?signals={said}").status_code == 200
        flush(house)
        house.tool(Signals)._known.clear()  # as another process would know nothing of what was written
    quiet.look("time")
    assert flush(house) == 0
    (seat,) = proctor.api_get(f"{room}/signals").json()["seats"]
    (away,) = seat["signals"]  # the full screen is not what this exam takes
    assert (seat["seat"], away["kind"], away["count"], away["seconds"], away["more"]) == (1, "away", 3, 41, False)
    assert away["first_at"] < away["last_at"]
    page = proctor.get(f"{room}/signals").text
    assert "离开答题页面" in page
    assert "3 次" in page
    assert "共 41 秒" in page
    lines = {line["registration_id"]: line["signals"] for line in proctor.api_get(f"{room}/board").json()["lines"]}
    assert sorted(lines.values()) == [0, 0, 3]
    assert f'signals#r{mine.candidate.registration_id}"' in proctor.get(room).text
    assert len(officer.api_get(f"{room}/signals").json()["seats"]) == 1
    assert stranger.api_get(f"{room}/signals").status_code == 404
    for epoch in range(2, 5):  # a hostile page: new numbers, and with every take-over a new epoch
        for count in range(1, MOST + 1, 2):
            claim = {AWAY: Claim(count, count)}
            house.tool(Signals).claim(mine.candidate.registration_id, epoch, claim, house.clock.now())
    flush(house)
    with house.database.transaction(reading=True) as db:
        assert db.scalars(select(func.count()).select_from(Signal)).one() == MOST
    assert proctor.api_get(f"{room}/signals").json()["seats"][0]["signals"][0]["more"] is True
    assert mine.save(1, 1, [0]).status_code == 200  # whatever was noticed, nothing is refused by it
    assert mine.look().json()["state"] == "open"


def test_the_candidate_answers_within_the_term_and_others_read_it(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock
) -> None:  # P46
    look_closely(house, exam, Integrity.STRICT)
    mine, other = sit(0), sit(1)
    mine.look("time?signals=away.2.9~full_screen.1.3")
    flush(house)
    here, words = f"/own-signals/{mine.candidate.registration_id}", {"words": "系统弹出更新提示"}
    own = mine.client.api_get("/own-signals").json()["sittings"][0]
    assert (own["due_at"], [row["may_answer"] for row in own["signals"]]) == (None, [False, False])
    assert mine.client.api(f"{here}/away/answer", words).json()["code"] == "signal.closed"
    proctor, cases = browsers(exam.proctors[0]), f"/rooms/{exam.room_ids[0]}/misconduct"
    page = proctor.get(f"{cases}?candidate={mine.candidate.registration_id}").text
    assert 'name="cited" value="full_screen"' in page
    told = {"registration_id": mine.candidate.registration_id, "category": "other", "facts": "两次切换窗口"}
    told["happened_at"] = house.clock.now().isoformat()
    assert proctor.api(cases, {**told, "cited": ["browser"]}).json()["errors"][0]["field"] == "cited"
    case = proctor.api(cases, {**told, "cited": ["away", "away"]}).json()["id"]
    mine.look("time?signals=away.9.99")
    flush(house)  # what comes later changes nothing of what is cited
    clock.advance(timedelta(minutes=31))
    assert mine.act("hand-in", {"epoch": 1}).status_code == 200
    assert other.client.api_get("/own-signals").json()["sittings"] == []
    assert other.client.api(f"{here}/away/answer", words).status_code == 404
    assert mine.client.api(f"{here}/browser/answer", words).status_code == 404
    assert mine.client.api(f"{here}/away/answer", {"words": " "}).status_code == 422
    assert mine.client.submit(f"{here}/away/answer", words).status_code == 303
    assert mine.client.api(f"{here}/away/answer", words).json()["code"] == "signal.closed"
    for reader, where in ((proctor, f"/misconduct/{case}"), (mine.client, "/own-misconduct")):
        shown = reader.api_get(where).json()
        (cited,) = (shown["cases"][0] if "cases" in shown else shown)["cited"]
        assert (cited["kind"], cited["count"], cited["seconds"], cited["answer"]) == ("away", 2, 9, words["words"])
        assert "离开答题页面" in reader.get(where).text
    both = Actor(ActorKind.PERSON, exam.proctors[0].account_id, exam.proctors[0].person_id)
    both = replace(both, grants=(Grant(Role.PROCTOR), Grant(Role.CANDIDATE)))
    with acting_as(house, "test", actor=both) as op, pytest.raises(NotFound):  # who reads it does not answer it
        answer(op, registration_id=mine.candidate.registration_id, kind=FULL, words="不是本人")
    far = Actor(ActorKind.PERSON, 0, 0, grants=(Grant(Role.PROCTOR),))
    with acting_as(house, "test", actor=far) as op:
        assert sums_of(op.db, op.actor, [mine.candidate.registration_id]) == {}
    assert proctor.get(f"/misconduct/{case}/record.pdf").content.startswith(b"%PDF")
    shown = proctor.api_get(f"/rooms/{exam.room_ids[0]}/signals").json()["seats"][0]["signals"]
    assert [(row["kind"], row["answer"]) for row in shown] == [("away", words["words"]), ("full_screen", "")]
    assert "更新提示" in mine.client.get("/own-signals").text
    assert "/own-signals" in mine.client.get("/").text
    assert acts(house, A.SIGNAL_ANSWER) == ["signal:answer"]
    clock.advance(timedelta(days=30))
    assert sit(0, start=False).client.api(f"{here}/full_screen/answer", words).json()["code"] == "signal.closed"


def test_what_the_server_sees_itself(house: House, exam: SealedExam, sit: Sit, browsers: Browsers) -> None:  # P12, P53
    look_closely(house, exam, Integrity.STANDARD)
    settings = lock_down(house, exam.exam_id, exam.proctors[0])
    mine, second, let_in = (sit(0, start=False, checked_in=number != 1) for number in range(3))
    for sitter in (mine, second, let_in):
        load_settings(sitter.client, settings)
    assert mine.start().status_code == 200
    with acting_as(house, "test") as op:  # signed in elsewhere than the looks come from
        op.db.execute(update(LoginSession).values(address="10.9.9.9"))
    for _ in range(2):
        assert mine.look("time").status_code == 200
        second.client.get(f"/exams/{exam.exam_id}/sit")
        let_in.client.get(f"/exams/{exam.exam_id}/sit")
        flush(house)
    unload(mine.client)
    assert [mine.save(2, 1, [1]).status_code for _ in range(2)] == [403, 403]
    assert mine.look("time").status_code == 403
    flush(house)
    (seat,) = browsers(exam.proctors[0]).api_get(f"/rooms/{exam.room_ids[0]}/signals").json()["seats"]
    assert {row["kind"]: row["count"] for row in seat["signals"]} == {"address": 1, "browser": 1}
    with house.database.transaction(reading=True) as db:
        (kept,) = db.scalars(select(RefusedSave)).all()  # evidence, once
        assert (kept.position, kept.response, kept.why.value) == (2, "[1]", "browser")
        assert "10.9.9.9" not in "".join(db.scalars(select(Signal.source)))


def test_another_device_before_an_attempt_that_runs_elsewhere(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers
) -> None:  # P12
    mine, second, released = sit(0), sit(0, start=False, checked_in=False), sit(0, start=False)
    for sitter in (mine, second, second, released):
        sitter.client.get(f"/exams/{exam.exam_id}/sit")
    flush(house)
    (seat,) = browsers(exam.proctors[0]).api_get(f"/rooms/{exam.room_ids[0]}/signals").json()["seats"]
    assert [(row["kind"], row["count"]) for row in seat["signals"]] == [("other_device", 1)]
