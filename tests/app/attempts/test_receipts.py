"""What staff make of a receipt that a candidate shows (P6): genuine or not, and what is on record; always audited."""

import hmac
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, text

from app.attempts.receipts import ReceiptBook
from app.audit.models import AuditRecord
from app.security.derivation import Purpose, derive
from app.security.permissions import Role
from tests.support.personas import make_staff


@pytest.fixture
def saved(sit):
    """A sitter with two saves of one position, the receipt of the first, and the code of the end."""
    sitter = sit()
    receipt = sitter.save(1, 1, [0]).json()["results"][0]["receipt"]
    sitter.save(1, 2, [1])
    return sitter, receipt


def vouched(client, receipt):
    answer = client.api("/receipts/check", {"receipt": receipt})
    assert answer.status_code == 200, answer.text
    return answer.json()["vouched"]


def test_a_genuine_receipt_shows_what_was_recorded_and_a_forged_one_nothing(house, browsers, saved):  # P6
    _, receipt = saved
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    found = vouched(officer, receipt)
    assert (found["position"], found["revision"], found["response"], found["newest_revision"]) == (1, 1, "A", 2)
    assert found["agrees"]
    head, _, mac = receipt.rpartition(".")
    altered = head.replace(".1.1.", ".1.2.", 1) + "." + mac
    for forged in (altered, receipt[:-1] + ("A" if receipt[-1] != "A" else "B"), "x.y", "ABCD-EFGH-JKLM", "回执"):
        assert vouched(officer, forged) is None
    assert officer.api("/receipts/check", {"receipt": ""}).status_code == 422
    page = officer.submit("/receipts/check", {"receipt": receipt})
    assert "与库中记录一致" in page.text
    assert "无法确认" in officer.submit("/receipts/check", {"receipt": altered}).text
    with house.database.transaction(reading=True) as db:
        rows = db.scalars(select(AuditRecord).where(AuditRecord.action == "receipt:check")).all()
    assert len(rows) == 8
    assert {row.subject_kind for row in rows} == {"attempt", "receipt"}


def test_a_record_that_was_changed_behind_our_back_is_told(house, browsers, saved):
    _, receipt = saved
    with house.database.transaction() as db:
        db.execute(text("UPDATE answer_journal SET response = '[2]' WHERE revision = 1"))
    found = vouched(browsers(make_staff(house, Role.EXAM_OFFICER)), receipt)
    assert (found["agrees"], found["response"]) == (False, "C")


def test_the_code_of_the_end_vouches_for_all_responses(house, browsers, saved, clock):
    sitter, _ = saved
    clock.advance(timedelta(minutes=40))
    code = sitter.act("hand-in", {"epoch": sitter.epoch}).json()["receipt_code"]
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    assert vouched(officer, code.lower())["agrees"]
    with house.database.transaction() as db:
        db.execute(text("UPDATE response SET response = '[3]'"))
    assert not vouched(officer, code)["agrees"]


def test_only_who_may_look_into_the_room_learns_anything(house, browsers, saved):  # P21
    sitter, receipt = saved
    stranger = browsers(make_staff(house, Role.PROCTOR))  # of no room here
    assert vouched(stranger, receipt) is None
    assert sitter.client.api("/receipts/check", {"receipt": receipt}).status_code == 403


def test_receipts_are_what_they_always_were():
    """What was given out before stays ours: HMAC-SHA256 of the line, whoever computes it."""
    book, at = ReceiptBook("a secret of forty characters, or so, long"), datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    key = derive("a secret of forty characters, or so, long", Purpose.RECEIPT)
    for response in ("[2]", '"' + "长" * 200 + '"'):
        said, _, mac = book.write(12, 3, 7, response, at).rpartition(".")
        assert urlsafe_b64decode(mac + "==") == hmac.digest(key, said.encode(), "sha256")[:16]
        known = book.verify(f"{said}.{mac}")
        assert known
        assert known.response_hash == sha256(response.encode()).hexdigest()
    assert said.startswith(f"12.3.7.{int(at.timestamp())}000000.")
