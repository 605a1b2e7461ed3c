"""The form that is delivered before the start: sealed, for one candidate, opened by the start's answer alone (P15)."""

import gzip
import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from functools import partial

import httpx
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import update

from app.attempts.envelopes import MARK_BYTES, FormSealer
from app.clock import ManualClock
from app.exams.models import FormRow
from app.operation import House
from app.web.express import ExpressLane
from tests.app.attempts.conftest import Sit, Sitter
from tests.app.attempts.test_pictures import put_into_form
from tests.support.grounds import Ground
from tests.support.sealed_exam import SealedExam, make_sealed_exam

EXAM = Ground("early", partial(make_sealed_exam, proctored=True, starts_in=timedelta(minutes=40)))


@pytest.fixture
def ground() -> Ground[SealedExam]:
    return EXAM


@pytest.fixture
def exam(house: House) -> SealedExam:
    """Three candidates in one room; the sitting begins in forty minutes, the waiting room opens in ten."""
    return EXAM.stand_on(house)


def fetch(sitter: Sitter, registration_id: int = 0) -> httpx.Response:
    return sitter.client.get(f"/registrations/{registration_id or sitter.candidate.registration_id}/sealed-form")


def begin(sitter: Sitter, envelope: bytes) -> httpx.Response:
    wanted = {"registration_id": sitter.candidate.registration_id, "sealed": envelope[:MARK_BYTES].hex()}
    return sitter.client.api("/attempts/start", wanted)


def unseal(envelope: bytes, key: str) -> dict[str, object]:
    mark, sealed = envelope[:MARK_BYTES], envelope[MARK_BYTES:]
    inside = AESGCM(urlsafe_b64decode(key)).decrypt(bytes(12), sealed, mark)
    opened: dict[str, object] = json.loads(gzip.decompress(inside[4 : 4 + int.from_bytes(inside[:4], "big")]))
    return opened


def test_the_key_travels_at_the_start_and_never_before(
    house: House, exam: SealedExam, sit: Sit, clock: ManualClock
) -> None:  # P15
    mine, other, absent = sit(0, start=False), sit(1, start=False), sit(2, start=False, checked_in=False)
    picture = put_into_form(house, mine.candidate.registration_id)
    assert fetch(mine).status_code == 404  # the waiting room is not open
    clock.advance(timedelta(minutes=11))
    assert fetch(absent).status_code == 404
    assert fetch(other, mine.candidate.registration_id).status_code == 404
    answer = fetch(mine)
    envelope = answer.content
    assert (answer.headers["cache-control"], answer.headers["vary"]) == ("private, max-age=1800", "cookie")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert not any(said in envelope for said in (b"<html", "单选".encode(), picture.data, picture.sha256.encode()))
    assert len(fetch(other).content) == len(envelope)  # a length tells no form from another
    early = begin(mine, envelope)
    assert (early.status_code, early.json()["code"], "form_key" in early.text) == (409, "attempt.not_open", False)
    clock.advance(timedelta(minutes=29))
    assert fetch(mine).status_code == 404  # from now on the start delivers
    assert begin(absent, envelope).status_code == 403
    first, again = begin(mine, envelope), begin(mine, envelope)
    shown = first.json()
    assert shown == again.json()  # twice is once
    assert (shown["view"], shown["responses"], shown["state"]) == (None, [], "open")
    opened = unseal(envelope, shown["form_key"])
    page = str(opened["page"])
    assert opened["form_hash"] == shown["form_hash"]
    assert page.count('<article class="item"') == 14
    assert list(opened["pictures"]) == [picture.sha256]
    with pytest.raises(InvalidTag):
        unseal(envelope, begin(other, envelope).json()["form_key"])  # another's key opens nothing of mine
    elsewhere = sit(0, start=False)
    refused = begin(elsewhere, envelope)
    assert (refused.json()["code"], "form_key" in refused.text) == ("attempt.other_session", False)
    assert mine.start().json()["view"]["item_count"] == 14  # who holds none is shown the form itself
    clock.advance(timedelta(minutes=31))
    assert mine.act("hand-in", {"epoch": 1}).status_code == 200
    closed = begin(mine, envelope).json()
    assert (closed["view"], closed["form_key"]) == (None, None)


def test_a_form_that_was_replaced_meanwhile_does_not_open(
    house: House, exam: SealedExam, sit: Sit, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.advance(timedelta(minutes=20))
    mine = sit(0, start=False)

    def look() -> list[tuple[int, object]]:
        asked = (f"{exam.exam_id}/entrance?seen=3", f"{exam.exam_id}/entrance", "0/entrance", "x1/entrance")
        answers = [mine.client.get(f"/api/v1/exams/{one}") for one in asked]
        return [
            (one.status_code, {name: told for name, told in one.json().items() if name != "request_id"})
            for one in answers
        ]

    quick = look()
    with monkeypatch.context() as ordinary:
        ordinary.setattr(ExpressLane, "takes", lambda _lane, _scope: False)
        assert look() == quick
        assert fetch(mine).status_code == 200
    assert ([status for status, _ in quick], quick[0][1]["phase"]) == ([200, 200, 404, 404], "waiting")
    envelope = fetch(mine).content
    with house.database.transaction() as db:
        registration = FormRow.registration_id == mine.candidate.registration_id
        db.execute(update(FormRow).where(registration).values(content_hash="f" * 64))
    clock.advance(timedelta(minutes=20))
    with pytest.raises(InvalidTag):
        unseal(envelope, begin(mine, envelope).json()["form_key"])


def test_a_mark_is_a_mark(exam: SealedExam, sit: Sit) -> None:
    sitter = sit(0, start=False)
    for said in ("x", "g" * 64, "0" * 63, 7):
        wanted = {"registration_id": sitter.candidate.registration_id, "sealed": said}
        assert sitter.client.api("/attempts/start", wanted).status_code == 422


def test_each_key_seals_one_content_for_one_registration() -> None:
    sealer = FormSealer("a secret of the house")
    envelopes = [
        sealer.seal(content, registration_id=registration, form_hash=form)
        for content, registration, form in ((b"one", 1, "a"), (b"two", 1, "a"), (b"one", 2, "a"), (b"one", 1, "b"))
    ]
    assert sealer.seal(b"one", registration_id=1, form_hash="a") == envelopes[0]
    keys = {
        sealer.key(registration_id=registration, form_hash=form, mark=mark.hex())
        for registration, form in ((1, "a"), (2, "a"), (1, "b"))
        for mark in {envelope[:MARK_BYTES] for envelope in envelopes}
    }
    assert len(keys) == 6
    assert len({len(envelope) for envelope in envelopes}) == 1
