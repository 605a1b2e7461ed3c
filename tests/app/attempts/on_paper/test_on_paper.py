"""A room finished on paper: frozen as it stands, keyed twice, differences settled, scored like the rest."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from app.attempts.models import Attempt
from app.attempts.rules import AttemptState, Closing
from app.audit.models import AuditRecord
from app.grading.models import Result
from app.grading.service import close_absences
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.personas import make_staff
from tests.support.sitting import right_responses

LETTERS = "ABCDEF"


def page(colour):
    out = io.BytesIO()
    Image.new("RGB", (600, 800), colour).save(out, "PNG")
    return out.getvalue()


def typed(responses):
    """As a keyer would type choices."""
    return [{"position": at, "text": "".join(LETTERS[n] for n in said)} for at, said in sorted(responses.items())]


@pytest.fixture
def staff(house, browsers):
    return [browsers(make_staff(house, Role.EXAM_OFFICER)) for _ in range(3)]


def move(browsers, house, officer, exam):
    room = officer.api_get(f"/rooms/{exam.room_ids[0]}").json()
    here = f"/sittings/{room['sitting_id']}/switches"
    asked = {"kind": "on_paper", "cause": "power_failure", "room_id": exam.room_ids[0]}
    switch = officer.api(here, asked).json()["id"]
    approver = browsers(make_staff(house, Role.EXAM_APPROVER))
    assert "转为纸笔作答" in approver.get(here).text
    return approver.api(f"{here}/{switch}/approve").json()["switched"], approver


def test_a_room_is_frozen_keyed_twice_settled_and_scored(house, exam, sit, browsers, staff, clock):  # P2, P17
    one, two, three = staff
    begun, other = sit(0), sit(1, start=False)
    keys = right_responses(house, begun.candidate, exam.exam_id)
    assert begun.save(1, 1, keys[1]).status_code == 200
    assert begun.save(2, 1, []).status_code == 200
    moved, approver = move(browsers, house, one, exam)
    assert moved == 3
    clock.advance(timedelta(minutes=1))
    for verb, body in (("saves", None), ("hand-in", {"epoch": begun.epoch})):  # what was saved stands, nothing joins it
        refused = begun.save(1, 2, [0]) if verb == "saves" else begun.act(verb, body)
        assert refused.json()["code"] == "attempt.closed"
    late = other.client.api("/attempts/start", {"registration_id": other.candidate.registration_id})
    assert late.json().get("state") == "on_paper"
    assert "view" not in late.json() or late.json()["view"] is None
    assert "本场已转为纸笔作答" in other.client.get(f"/exams/{exam.exam_id}/sit").text
    board = one.api_get(f"/rooms/{exam.room_ids[0]}").json()
    assert board["counts"]["on_paper"] == 3
    assert "本考场已转为纸笔作答" in one.get(f"/rooms/{exam.room_ids[0]}").text
    order = one.api_get(f"/exams/{exam.exam_id}/paper").json()["orders"][0]
    for browser in (one, approver):  # the two of the switch print at once
        for what in ("forms", "answers"):
            file = f"/exams/{exam.exam_id}/paper/{order['id']}/file?what={what}&room={exam.room_ids[0]}"
            assert browser.get(file).content.startswith(b"%PDF")
    assert one.get(f"/exams/{exam.exam_id}/rooms.pdf?what=handover&room={exam.room_ids[0]}").content.startswith(b"%PDF")

    sheets = one.api_get("/sheets").json()["sheets"]
    assert [sheet["ticket_number"] for sheet in sheets] == [c.ticket_number for c in exam.candidates]
    assert exam.candidates[0].ticket_number in one.get("/sheets").text
    first, second, third = (f"/sheets/{sheet['id']}" for sheet in sheets)

    # The first: what differs is proposed by one of the two against a scan, and confirmed by the other.
    right = {at: said for at, said in keys.items() if at > 1}
    slip = right | {3: [(keys[3][0] + 1) % 2]}
    assert one.api(f"{first}/keying", {"present": True, "rows": typed(right)}).status_code == 200
    assert one.api(f"{first}/keying", {"present": True, "rows": typed(right)}).json()["code"] == "sheet.same_person"
    blind = two.api_get(first).json()
    assert (blind["keyed"], {row["typed"] + row["first"] for row in blind["rows"]}) == (1, {""})  # P26
    assert two.api(f"{first}/keying", {"present": True, "rows": [{"position": 1, "text": "ZZ"}]}).status_code == 422
    assert two.api(f"{first}/keying", {"present": True, "rows": typed(slip)}).status_code == 200
    apart = two.api_get(first).json()
    assert [row["position"] for row in apart["rows"] if row["differs"]] == [3]
    mended = {"present": True, "rows": typed({3: keys[3]})}
    assert two.api(f"{first}/settlement", mended).json()["code"] == "sheet.scan_missing"
    assert two.upload(f"{first}/scans", "1.pdf", b"%PDF-1.7", field="file").status_code == 422
    for _ in range(2):
        assert two.upload(f"{first}/scans", "1.png", page("white"), field="file").status_code == 200
    (scan,) = two.api_get(first).json()["scan_ids"]
    assert two.get(f"{first}/scans/{scan}").headers["content-type"].startswith("image/")
    assert two.get(f"{second}/scans/{scan}").status_code == 404  # P21
    assert two.api(f"{first}/settlement", mended).status_code == 200
    assert two.api(f"{first}/confirmation", {"agreed": True}).json()["code"] == "sheet.same_person"
    assert one.api(f"{first}/confirmation", {"agreed": True}).status_code == 200
    done = one.api_get(first).json()
    assert (done["state"], bool(done["receipt_code"])) == ("settled", True)
    assert done["rows"][0]["typed"] == done["rows"][0]["online"] != ""  # the sheet says nothing of it
    assert (done["rows"][1]["online"], done["rows"][1]["typed"]) == ("", typed({2: keys[2]})[0]["text"])

    # The second: the same twice. The third: nobody came.
    for browser in (one, two):
        assert browser.api(f"{second}/keying", {"present": True, "rows": []}).status_code == 200
        assert browser.api(f"{third}/keying", {"present": False}).status_code == 200
    assert one.api(f"{third}/keying", {"present": False}).json()["code"] == "sheet.moved"
    for here in (first, second, third):
        assert three.get(here).status_code == 200
    with house.database.transaction(reading=True) as db:
        ended = {a.registration_id: (a.state, a.closing) for a in db.scalars(select(Attempt))}
        totals = {r.registration_id: (r.total, r.maximum, r.absent) for r in db.scalars(select(Result))}
        acts = [*db.scalars(select(AuditRecord.action).where(AuditRecord.action.like("sheet:%")))]
    ids = [candidate.registration_id for candidate in exam.candidates]
    assert [ended[at] for at in ids] == [
        (AttemptState.CLOSED, Closing.ON_PAPER),
        (AttemptState.CLOSED, Closing.ON_PAPER),
        (AttemptState.CLOSED, Closing.ABSENT),
    ]
    assert totals == {ids[0]: (2800, 2800, False), ids[1]: (0, 2800, False)}  # all right: one of them online alone
    assert acts == [
        *("sheet:key", "sheet:key", "sheet:scan", "sheet:propose", "sheet:settle"),
        *("sheet:key",) * 4,
    ]
    assert three.get("/sheets").text.count("已收卷") == 3
    again = one.api(f"/sittings/{exam.sitting_id}/switches", {"kind": "on_paper", "cause": "other"})
    assert again.json()["code"] == "switch.nobody_for_paper"
    clock.set(exam.ends_at + (exam.ends_at - exam.starts_at))
    with acting_as(house, "test") as op:
        assert close_absences(op, exam.exam_id) == 1
