"""诚信承诺: no start without it; made by the candidate alone, once, in the words that are asked now; audited."""

import pytest
from sqlalchemy import select

from app.attempts.declarations import CURRENT, TEXTS, digest_of
from app.audit.models import AuditRecord
from app.web.caller import cookie_name
from tests.support.sealed_exam import open_session_for


@pytest.fixture
def newcomer(house, exam, browsers):
    """A candidate who has checked in and promised nothing yet."""
    client = browsers(None)
    token, _ = open_session_for(house, exam.candidates[0], promised=False)
    client.http.cookies.set(cookie_name(house.settings), token)
    return client


def test_the_start_is_refused_until_the_declaration_is_made_once(house, exam, newcomer):
    own = exam.candidates[0].registration_id
    body = {"registration_id": own}
    refused = newcomer.api("/attempts/start", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "attempt.declaration_missing")
    assert TEXTS[CURRENT][0] in newcomer.get(f"/exams/{exam.exam_id}/sit").text
    other = newcomer.api(f"/registrations/{own}/declaration", {"version": CURRENT + 1})
    assert other.json()["code"] == "attempt.declaration_changed"
    for _ in range(2):
        made = newcomer.api(f"/registrations/{own}/declaration", {"version": CURRENT})
        assert made.json() == {"id": own, "exam_id": exam.exam_id}
    assert "checked disabled" in newcomer.get(f"/exams/{exam.exam_id}/sit").text
    assert newcomer.api("/attempts/start", body).status_code == 200
    with house.database.transaction(reading=True) as db:
        (row,) = db.scalars(select(AuditRecord).where(AuditRecord.action == "declaration:accept"))
    assert (row.subject_id, row.actor_account_id) == (str(own), exam.candidates[0].persona.account_id)
    assert digest_of(CURRENT) in row.after


def test_nobody_promises_for_another(exam, newcomer):  # P21
    theirs = exam.candidates[1].registration_id
    for registration_id in (theirs, 987654321):
        answer = newcomer.api(f"/registrations/{registration_id}/declaration", {"version": CURRENT})
        assert answer.status_code == 404
