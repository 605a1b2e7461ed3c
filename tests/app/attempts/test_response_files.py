"""Response files: in time merged by revision, too late held until two people have decided, whatever else refused."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.attempts import queries
from app.attempts.models import Attempt
from app.attempts.response_files.book import FileBook
from app.attempts.response_files.rules import (
    FILE_TRANSITIONS,
    FileAction,
    FileMoved,
    FileState,
    Proposal,
    move_file,
    settling,
    why_held,
)
from app.attempts.response_files.service import book_of
from app.attempts.rules import RefusedWhy
from app.attempts.service import sweep
from app.audit.models import AuditRecord
from app.clock import ManualClock
from app.grading.models import Result, ScoringRun
from app.operation import House
from app.outbox.models import OutboxMessage
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit, Sitter
from tests.support.client import Client
from tests.support.personas import Persona, make_staff
from tests.support.response_file import shut_file
from tests.support.sealed_exam import SealedExam

Browsers = Callable[[Persona | None], Client]


def file_of(house: House, exam: SealedExam, sitter: Sitter, *changes: tuple[int, int, object], **more: Any) -> bytes:
    book = book_of(house)
    content = {
        "attempt_id": sitter.attempt_id,
        "file_pass": book.pass_of(sitter.attempt_id),
        "made_at": 1_790_000_000_000,
        "changes": [{"position": p, "revision": r, "response": x, "epoch": sitter.epoch} for p, r, x in changes],
    }
    return shut_file(exam_id=exam.exam_id, key=book.public_key(exam.exam_id), content={**content, **more})


def stored(house: House, sitter: Sitter) -> dict[int, object]:
    with house.database.transaction(reading=True) as db:
        rows = queries.newest_responses(db, sitter.attempt_id)
        return {position: json.loads(row.response) for position, row in rows.items()}


def bring(client: Client, room_id: int, raw: bytes) -> httpx.Response:
    return client.upload(f"/rooms/{room_id}/files", "responses.json", raw, field="file")


def told(house: House) -> list[str]:
    with house.database.transaction(reading=True) as db:
        return list(db.scalars(select(OutboxMessage.template).order_by(OutboxMessage.id)))


def test_in_time_a_file_counts_like_saves(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers
) -> None:  # P3, P4
    sitter, other = sit(0), sit(1)
    proctor, room = browsers(exam.proctors[0]), exam.room_ids[0]
    sitter.save_all([(1, 3, [0]), (2, 1, [1]), (3, 1, [2])])
    raw = file_of(house, exam, sitter, (1, 2, [3]), (2, 1, [1]), (3, 1, [3]), (4, 7, [1]))
    answer = bring(proctor, room, raw)
    assert (answer.status_code, answer.json()["state"]) == (200, "merged"), answer.text
    assert stored(house, sitter) == {1: [0], 2: [1], 3: [3], 4: [1]}  # older, same, given last, new
    assert bring(proctor, room, raw).json()["id"] == answer.json()["id"]  # again is the first
    assert sitter.save(4, 7, [1]).json()["results"][0]["status"] == "repeated"  # the page comes back, and is told so
    assert told(house) == ["responses_merged"]
    swapped = {"epoch": 2}
    elsewhere = [{"position": 5, "revision": 1, "response": [0]} | swapped]
    assert bring(proctor, room, file_of(house, exam, sitter, changes=elsewhere)).json()["state"] == "held"
    for damaged in (
        b"",
        b"{}",
        raw[:-9],
        raw.replace(b'"kind": "c', b'"kind": "d'),
        file_of(house, exam, sitter, (1, 9, [9])),  # no such option
        file_of(house, exam, sitter, (99, 9, [1])),
        file_of(house, exam, sitter, (1, 9, [1]), file_pass=book_of(house).pass_of(other.attempt_id)),
        file_of(house, exam, sitter, (1, 9, [1]), attempt_id=2**40),
        b"x" * (2 * 1024 * 1024 + 1),
    ):
        refused = bring(proctor, room, damaged)
        assert (refused.status_code, refused.json()["code"]) == (422, "response_file.unreadable")
    stranger = browsers(make_staff(house, Role.PROCTOR))
    assert bring(stranger, room, raw).status_code == 404
    assert bring(sitter.client, room, raw).status_code == 403
    assert len(proctor.api_get(f"/rooms/{room}/files").json()["files"]) == 2
    assert stored(house, sitter) == {1: [0], 2: [1], 3: [3], 4: [1]}


def test_a_late_file_waits_for_two_people(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock
) -> None:
    sitter = sit(0)
    sitter.save(1, 1, [0])
    raw = file_of(house, exam, sitter, (1, 2, [1]), (2, 1, [2]))
    clock.advance(timedelta(minutes=61))
    proctor, room = browsers(exam.proctors[0]), exam.room_ids[0]
    officer, approver = (browsers(make_staff(house, role)) for role in (Role.EXAM_OFFICER, Role.EXAM_APPROVER))
    taken = bring(proctor, room, raw).json()
    assert taken["state"] == "held"
    here = f"/response-files/{taken['id']}"
    proposal = {"proposal": "accept", "cause": "考点断网四十分钟，监考员在场"}
    assert officer.api(f"{here}/propose", proposal).json()["code"] == "response_file.too_early"
    clock.advance(timedelta(minutes=1))
    assert sweep(house, clock.now()) == 1
    with house.database.transaction(reading=True) as db:
        code = db.scalars(select(Attempt.receipt_code)).one()
    assert approver.api(f"{here}/settle", {"agreed": True}).json()["code"] == "response_file.moved"
    assert proctor.api(f"{here}/propose", proposal).status_code == 403
    assert officer.api(f"{here}/propose", {"proposal": "accept", "cause": " "}).status_code == 422
    assert officer.api(f"{here}/propose", proposal).status_code == 200
    assert officer.api(f"{here}/propose", proposal).json()["code"] == "response_file.moved"
    assert approver.api(f"{here}/settle", {"agreed": False, "note": "请附说明"}).status_code == 200  # sent back
    assert stored(house, sitter) == {1: [0]}
    assert officer.api(f"{here}/propose", proposal).status_code == 200
    assert approver.api(f"{here}/settle", {"agreed": True}).status_code == 200
    assert approver.api(f"{here}/settle", {"agreed": True}).json()["code"] == "response_file.moved"
    assert stored(house, sitter) == {1: [1], 2: [2]}
    with house.database.transaction(reading=True) as db:
        runs = db.scalars(select(ScoringRun).order_by(ScoringRun.number)).all()
        assert [run.number for run in runs] == [1, 2]  # scored again, beside the first
        assert db.scalars(select(Result.run_id)).one() == runs[1].id
        assert db.scalars(select(Attempt.receipt_code)).one() == code
        acts = db.scalars(
            select(AuditRecord.action).where(AuditRecord.subject_kind == "response_file").order_by(AuditRecord.id)
        ).all()
    steps = ["upload", "propose", "settle", "propose", "settle"]
    assert acts == [f"response_file:{step}" for step in steps]
    assert told(house) == ["responses_held", "responses_accepted"]
    checked = proctor.api("/receipts/check", {"receipt": code}).json()["vouched"]
    assert checked["agrees"] is True  # the code vouches for what stood there when it was shown
    refused = bring(proctor, room, file_of(house, exam, sitter, (3, 1, [0]))).json()
    there = f"/response-files/{refused['id']}"
    assert officer.api(f"{there}/propose", {"proposal": "refuse", "cause": "来历不明"}).status_code == 200
    assert approver.api(f"{there}/settle", {"agreed": True}).status_code == 200
    assert stored(house, sitter) == {1: [1], 2: [2]}
    assert told(house)[-1] == "responses_refused"
    states = [file["state"] for file in approver.api_get("/response-files").json()["files"]]
    assert states == ["accepted", "refused"]
    for page in ("/response-files", f"/rooms/{room}/files"):
        assert (officer if page == "/response-files" else proctor).get(page).status_code == 200


def test_one_person_never_acts_twice_on_a_file(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock
) -> None:  # P29
    sitter = sit(0)
    clock.advance(timedelta(minutes=62))
    sweep(house, clock.now())
    both = browsers(make_staff(house, Role.EXAM_OFFICER, Role.EXAM_APPROVER))
    taken = bring(browsers(exam.proctors[0]), exam.room_ids[0], file_of(house, exam, sitter, (1, 2, [1]))).json()
    here = f"/response-files/{taken['id']}"
    assert both.api(f"{here}/propose", {"proposal": "accept", "cause": "断网"}).status_code == 200
    assert both.api(f"{here}/settle", {"agreed": True}).json()["code"] == "response_file.same_person"
    assert stored(house, sitter) == {}


def test_the_table_of_moves_is_all_there_is() -> None:
    for state in (None, *FileState):
        for action in FileAction:
            if (state, action) in FILE_TRANSITIONS:
                assert move_file(state, action) is FILE_TRANSITIONS[state, action]
            else:
                with pytest.raises(FileMoved):
                    move_file(state, action)
    assert settling(Proposal.ACCEPT, agreed=True) is FileAction.ACCEPT
    assert settling(Proposal.REFUSE, agreed=True) is FileAction.REFUSE
    assert {settling(proposal, agreed=False) for proposal in Proposal} == {FileAction.RETURN}
    judged = [
        why_held(is_open=is_open, late=late, epoch=1, sent_epochs=epochs)
        for is_open, late, epochs in (
            (True, False, {1}),
            (True, False, {1, 2}),
            (False, False, {1}),
            (False, True, {2}),
        )
    ]
    assert judged == [None, RefusedWhy.OTHER_SESSION, RefusedWhy.CLOSED, RefusedWhy.LATE]


def test_each_exam_has_a_key_of_its_own() -> None:
    book, other = FileBook("a secret"), FileBook("another")
    keys = {book.public_key(1), book.public_key(2), other.public_key(1)}
    assert len(keys) == 3
    assert book.public_key(1) in keys
    content = {"attempt_id": 5, "file_pass": book.pass_of(5), "made_at": 1, "changes": []}
    content["changes"] = [{"position": 1, "revision": 1, "response": [0], "epoch": 1}]
    raw = shut_file(exam_id=1, key=book.public_key(1), content=content)
    opened = book.open(raw)
    assert opened is not None
    assert opened.attempt_id == 5
    assert other.open(raw) is None
    assert book.open(shut_file(exam_id=1, key=book.public_key(2), content=content)) is None
    assert book.open(shut_file(exam_id=1, key=book.public_key(1), content={**content, "file_pass": "é"})) is None
