"""Pictures of a form: shown to its candidate while they write, and to nobody else, never before (P14, P15, P42)."""

import io
import json
from datetime import timedelta

from PIL import Image
from sqlalchemy import insert, select, update

from app.authoring.models import PictureRow
from app.clock import ManualClock
from app.exams.models import FormRow
from app.operation import House
from question_bank.content import Picture, accept_picture
from tests.app.attempts.conftest import Sit
from tests.support.sealed_exam import SealedExam


def put_into_form(house: House, registration_id: int) -> Picture:
    """A picture, a formula and something hostile in the first item of one form."""
    out = io.BytesIO()
    Image.new("RGB", (12, 8), "red").save(out, "PNG")
    picture = accept_picture(out.getvalue())
    with house.database.transaction() as db:
        db.execute(
            insert(PictureRow).values(
                sha256=picture.sha256, content=picture.data, media_type=picture.media_type, width=12, height=8
            )
        )
        mine = FormRow.registration_id == registration_id
        view = json.loads(db.scalars(select(FormRow.view).where(mine)).one())
        item = view["sections"][0]["items"][0]
        item["stem"] = f"<script>alert(1)</script> 1*2*3 $x^2$ ![党徽](picture:{picture.sha256})"
        item["options"][0]["text"] = "**甲**"
        db.execute(update(FormRow).where(mine).values(view=json.dumps(view, ensure_ascii=False)))
    return picture


def test_a_picture_is_shown_only_while_its_form_is_written(
    house: House, exam: SealedExam, sit: Sit, clock: ManualClock
) -> None:
    first, other = sit(0, start=False), sit(1, start=False)
    picture = put_into_form(house, first.candidate.registration_id)
    address = f"/exams/{exam.exam_id}/pictures/{picture.sha256}"
    assert first.client.get(address).status_code == 404  # P15: not before one's own start
    first.start()
    other.start()
    seen = first.client.get(address)
    assert (seen.status_code, seen.headers["content-type"], seen.content) == (200, "image/png", picture.data)
    assert "no-store" in seen.headers["cache-control"]
    assert "picture" in seen.headers["content-disposition"]
    assert picture.sha256 not in seen.headers["content-disposition"]  # P14: a name tells nothing
    assert other.client.get(address).status_code == 404  # nor what stands in another form
    assert first.client.get(f"/exams/{exam.exam_id}/pictures/{'0' * 64}").status_code == 404
    assert first.client.get(f"/exams/{exam.exam_id}/pictures/x").status_code == 404
    page = first.client.get(f"/exams/{exam.exam_id}/sit").text
    assert f'<img src="{address}" alt="党徽">' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 1*2*3 <math" in page  # P42
    assert "<strong>甲</strong>" in page
    clock.advance(timedelta(minutes=31))
    assert first.act("hand-in", {"epoch": 1}).status_code == 200
    assert first.client.get(address).status_code == 404
