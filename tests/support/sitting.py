"""A candidate who sits an exam through the API, giving a chosen number of right responses."""

from typing import Any

from app.authoring.queries import read_content, versions_by_id
from app.exams.queries import form_for, pool_version_ids
from app.operation import House
from app.web.caller import cookie_name
from question_bank.canonical import read_json
from question_bank.form import Form, key_of
from question_bank.form_json import form_from_json
from question_bank.items import Item
from question_bank.kinds import Response
from tests.support.client import Client
from tests.support.sealed_exam import Candidate, SealedExam, open_session_for


def right_responses(house: House, candidate: Candidate, exam_id: int) -> dict[int, Response]:
    """The right response to every position of the candidate's form."""
    with house.database.transaction(reading=True) as db:
        row = form_for(db, candidate.registration_id)
        assert row is not None
        form: Form = form_from_json(read_json(row.content))
        items: dict[str, Item] = {
            str(v.item_version_id): read_content(v.content) for v in versions_by_id(db, pool_version_ids(db, exam_id))
        }
    return {entry.position: key_of(form, items, position=entry.position) for entry in form.entries}


def sit(house: House, client: Client, exam: SealedExam, candidate: Candidate, *, right: int) -> dict[str, Any]:
    """Start, answer the first `right` positions rightly, hand in; returns what the hand-in answered."""
    token, _ = open_session_for(house, candidate)
    client.http.cookies.set(cookie_name(house.settings), token)
    started = client.api("/attempts/start", {"registration_id": candidate.registration_id})
    assert started.status_code == 200, started.text
    attempt = started.json()
    keys = right_responses(house, candidate, exam.exam_id)
    changes = [
        {"position": position, "revision": 1, "response": response, "epoch": attempt["epoch"]}
        for position, response in sorted(keys.items())[:right]
    ]
    for start in range(0, len(changes), 50):
        saved = client.api(f"/attempts/{attempt['attempt_id']}/saves", {"changes": changes[start : start + 50]})
        assert saved.status_code == 200, saved.text
    handed_in = client.api(f"/attempts/{attempt['attempt_id']}/hand-in", {"epoch": attempt["epoch"]})
    assert handed_in.status_code == 200, handed_in.text
    return handed_in.json()
