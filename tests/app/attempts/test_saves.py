"""Saves through the whole application: acknowledged once kept, judged by the server, refused in words."""

from datetime import timedelta

from sqlalchemy import select

from app.accounts.models import Account, LoginSession, RoleGrant
from app.accounts.service import disable_account, grant_role, withdraw_role
from app.accounts.sessions import end_sessions_of
from app.attempts.journal import Journal
from app.attempts.queries import refused_saves
from app.clock import ManualClock
from app.operation import House, acting_as
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit
from tests.support.sealed_exam import SealedExam

SECURITY = Actor(kind=ActorKind.PERSON, account_id=None, grants=(Grant(Role.SECURITY_ADMINISTRATOR),))


def test_a_save_is_acknowledged_with_a_receipt_that_staff_can_verify(house: House, sit: Sit) -> None:
    # P6
    sitter = sit()
    answer = sitter.save(1, 1, [2])
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["results"]
    assert (result["status"], result["newest"]) == ("stored", 1)
    receipt = house.tool(Journal).receipts.verify(result["receipt"])
    assert receipt
    assert (receipt.attempt_id, receipt.position, receipt.revision) == (sitter.attempt_id, 1, 1)
    forged = result["receipt"].replace(".1.1.", ".1.2.", 1)
    assert house.tool(Journal).receipts.verify(forged) is None
    assert sitter.saved() == {1: (1, [2])}


def test_the_same_save_again_gives_the_same_answer(sit: Sit, clock: ManualClock) -> None:
    # P4
    sitter = sit()
    first = sitter.save(1, 1, [2]).json()["results"][0]
    clock.advance(timedelta(seconds=3))
    again = sitter.save(1, 1, [2]).json()["results"][0]
    assert again == {**first, "status": "repeated"}


def test_an_older_revision_is_acknowledged_as_superseded_and_changes_nothing(sit: Sit) -> None:
    # P3
    sitter = sit()
    newest = sitter.save(1, 5, [2]).json()["results"][0]
    late = sitter.save(1, 4, [1]).json()["results"][0]
    assert late == {**newest, "revision": 4, "status": "superseded"}
    assert sitter.saved() == {1: (5, [2])}


def test_the_same_revision_with_another_response_is_a_conflict_and_keeps_nothing_of_the_request(sit: Sit) -> None:
    sitter = sit()
    sitter.save(1, 5, [2])
    answer = sitter.save_all([(2, 1, [0]), (1, 5, [1])])
    assert answer.status_code == 409
    assert answer.json()["code"] == "attempt.revision_conflict"
    assert [e["field"] for e in answer.json()["errors"]] == ["changes.1"]
    assert sitter.saved() == {1: (5, [2])}


def test_one_request_may_bring_several_revisions_of_one_position(sit: Sit) -> None:
    sitter = sit()
    results = sitter.save_all([(1, 2, [2]), (1, 1, [1]), (1, 3, [3])]).json()["results"]
    assert [(r["status"], r["newest"]) for r in results] == [("stored", 2), ("superseded", 2), ("stored", 3)]
    assert sitter.saved() == {1: (3, [3])}


def test_the_grace_ends_to_the_microsecond(house: House, exam: SealedExam, sit: Sit, clock: ManualClock) -> None:
    # P9
    sitter = sit()
    deadline = exam.starts_at + timedelta(minutes=60)
    clock.set(deadline - timedelta(minutes=1))
    assert sitter.look("time").json()["writing"]  # a page that asks for the time keeps its session
    clock.set(deadline + timedelta(seconds=5))
    assert sitter.save(1, 1, [2]).status_code == 200
    clock.advance(timedelta(microseconds=1))
    late = sitter.save(2, 1, [1])
    assert (late.status_code, late.json()["code"]) == (409, "attempt.late")
    assert sitter.save(2, 1, [1]).status_code == 409
    with house.database.transaction(reading=True) as db:
        (kept,) = refused_saves(db, [sitter.attempt_id])
        assert (kept.position, kept.revision, kept.response, kept.why) == (2, 1, "[1]", "late")
        assert kept.arrived_at == deadline + timedelta(seconds=5, microseconds=1)


def test_what_no_form_could_hold_is_refused_naming_the_place(sit: Sit) -> None:
    sitter = sit()
    sitter.save(1, 1, [2])
    for changes, field in (
        ([(15, 1, [0])], "changes.0.position"),
        ([(1, 2, [0]), (2, 1, [4])], "changes.1.response"),
        ([(1, 2, [0, 1])], "changes.0.response"),
        ([(7, 1, [0, 0])], "changes.0.response"),
    ):
        answer = sitter.save_all(changes)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert sitter.saved() == {1: (1, [2])}


def test_bodies_are_read_strictly(sit: Sit) -> None:
    # P22, P41
    sitter = sit()
    good = {"position": 1, "revision": 1, "response": [0], "epoch": 1}
    bad = [
        {},
        {"changes": []},
        {"changes": [good] * 51},
        {"changes": [{**good, "role": "admin"}]},
        {"changes": [good], "more": 1},
        {"changes": [{**good, "revision": 1.0}]},
        {"changes": [{**good, "revision": True}]},
        {"changes": [{**good, "revision": "1"}]},
        {"changes": [{**good, "revision": 2**53}]},
        {"changes": [{**good, "revision": 2**70}]},
        {"changes": [{**good, "position": 0}]},
        {"changes": [{**good, "response": [2**70]}]},
        {"changes": [{**good, "response": "A"}]},
        [],
        None,
    ]
    for body in bad:
        answer = sitter.client.request(
            "POST",
            f"/api/v1/attempts/{sitter.attempt_id}/saves",
            json=body,
            headers={"sec-fetch-site": "same-origin"},
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid"), body
    for raw in (b"", b"\xff", b"{", b'{"changes":[{"position":NaN}]}', b'{"changes":' + b"[" * 5000):
        answer = sitter.client.request(
            "POST",
            f"/api/v1/attempts/{sitter.attempt_id}/saves",
            content=raw,
            headers={"sec-fetch-site": "same-origin"},
        )
        assert answer.status_code == 422, raw
    assert sitter.saved() == {}


def test_anothers_attempt_looks_like_a_missing_one(sit: Sit) -> None:
    # P21
    mine, other = sit(0), sit(1)
    other.attempt_id, missing = mine.attempt_id, other.attempt_id + 1000
    foreign = other.save(1, 1, [0])
    other.attempt_id = missing
    absent = other.save(1, 1, [0])
    for answer in (foreign, absent):
        assert (answer.status_code, answer.json()["code"]) == (404, "object.not_found")
    assert mine.saved() == {}
    for path in (f"/attempts/{mine.attempt_id}/state", f"/attempts/{mine.attempt_id}/time", "/attempts/x/state"):
        assert other.client.api_get(path).status_code == 404


def test_who_is_stopped_or_signed_out_is_refused_at_the_next_save(house: House, sit: Sit) -> None:
    # P23
    first, second, third = sit(0), sit(1), sit(2)
    for sitter in (first, second, third):
        assert sitter.save(1, 1, [0]).status_code == 200
    with acting_as(house, "test", actor=SECURITY) as op:
        disable_account(op, account_id=first.candidate.persona.account_id, reason="test")
        grants = select(RoleGrant.id).where(RoleGrant.account_id == second.candidate.persona.account_id)
        withdraw_role(op, grant_id=op.db.scalars(grants).one())
        end_sessions_of(op, third.candidate.persona.account_id, cause="test")
    assert [s.save(1, 2, [1]).status_code for s in (first, second, third)] == [401, 403, 401]
    assert [s.look("time").status_code for s in (first, second, third)] == [401, 403, 401]
    first.client.http.cookies.clear()
    assert first.save(1, 3, [1]).status_code == 401


def test_a_disabled_account_no_longer_saves_though_its_session_was_left_open(house: House, sit: Sit) -> None:
    sitter = sit()
    with house.database.transaction() as db:
        db.get_one(Account, sitter.candidate.persona.account_id).disabled_at = house.clock.now()
    assert sitter.save(1, 1, [0]).status_code == 401


def test_a_candidate_who_also_holds_a_role_of_staff_acts_without_any_until_the_second_factor(
    house: House, sit: Sit
) -> None:
    # P39: as at the front door
    sitter = sit()
    with acting_as(house, "test", actor=SECURITY) as op:
        grant_role(op, account_id=sitter.candidate.persona.account_id, role=Role.LEADER, unit_id=None)
    assert (sitter.save(1, 1, [0]).status_code, sitter.look().status_code) == (403, 403)


def test_an_idle_session_no_longer_saves(sit: Sit, clock: ManualClock) -> None:
    sitter = sit()
    clock.advance(timedelta(minutes=60))
    assert sitter.save(1, 1, [0]).status_code == 401


def test_a_save_from_another_site_is_refused(sit: Sit) -> None:
    # P39
    sitter = sit()
    answer = sitter.client.api(f"/attempts/{sitter.attempt_id}/saves", {}, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, answer.json()["code"]) == (403, "request.cross_site")


def test_a_session_is_kept_alive_by_saving_and_by_asking_for_the_time(
    house: House, sit: Sit, clock: ManualClock
) -> None:
    sitter = sit()
    for act in (lambda: sitter.save(1, 1, [0]), lambda: sitter.look("time")):
        clock.advance(timedelta(minutes=20))
        assert act().status_code == 200
        with house.database.transaction(reading=True) as db:
            assert db.scalars(select(LoginSession.seen_at)).one() == clock.now()
