"""Pictures of a bank: kept once, seen by its author group alone, decoded within bounds (P19, P42, P43)."""

import base64
import io

import pytest
from PIL import Image

from app.authoring.models import BankPicture, PictureRow
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.personas import make_staff, make_unit


@pytest.fixture
def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "PNG", comment="secret")
    return out.getvalue()


def elsewhere(group):
    with acting_as(group.house, "test") as op:
        return make_unit(op)


def rows(group, table):
    with group.house.database.transaction(reading=True) as db:
        return db.query(table).count()


def test_a_picture_is_kept_once_and_seen_by_the_author_group_alone(group, browsers, png):  # P19
    author = browsers(group.author)
    path = f"/banks/{group.bank_id}/pictures"
    made = author.upload(path, "我的图.png", png, field="file")
    assert made.status_code == 200, made.text
    sha256 = made.json()["sha256"]
    assert made.json()["text"] == f"![](picture:{sha256})"
    assert author.upload(path, "again.png", png, field="file").json()["sha256"] == sha256
    assert (rows(group, PictureRow), rows(group, BankPicture)) == (1, 1)
    assert [act.subject_id for act in group.acts("picture:keep")] == [str(group.bank_id)]
    seen = browsers(group.reviewer).get(f"{path}/{sha256}")
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/png")
    assert "no-store" in seen.headers["cache-control"]
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert Image.open(io.BytesIO(seen.content)).size == (30, 20)
    stranger = browsers(make_staff(group.house, Role.ITEM_AUTHOR, unit=elsewhere(group)))
    officer = browsers(make_staff(group.house, Role.EXAM_OFFICER))
    assert stranger.get(f"{path}/{sha256}").status_code == 404
    assert officer.get(f"{path}/{sha256}").status_code == 403
    assert author.get(f"{path}/{'0' * 64}").status_code == 404
    assert stranger.upload(path, "p.png", png, field="file").status_code == 404
    assert browsers(group.reviewer).upload(path, "p.png", png, field="file").status_code == 403


def test_what_is_no_picture_is_refused_with_what_to_do(group, browsers):  # P43
    author = browsers(group.author)
    for content in (b"<svg onload=alert(1)>", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"GIF89a"):
        answer = author.upload(f"/banks/{group.bank_id}/pictures", "p.png", content, field="file")
        assert (answer.status_code, answer.json()["code"]) == (422, "picture.refused")
        assert "PNG" in answer.text
    assert rows(group, PictureRow) == 0


def test_a_paste_becomes_an_item_text_with_its_pictures(group, browsers, png):  # P42
    author = browsers(group.author)
    data = base64.b64encode(png).decode()
    html = f'<p>看<b>图</b><script>alert(1)</script></p><img alt="红" src="data:image/png;base64,{data}"><img src="file:///c/x">'
    answer = author.upload(f"/banks/{group.bank_id}/paste", "paste.html", html.encode(), field="file")
    assert answer.status_code == 200, answer.text
    (kept,) = [use.sha256 for use in _uses(group)]
    assert answer.json()["text"] == f"看**图**\n\n![红](picture:{kept})［图］"
    assert [lost["zh"] for lost in answer.json()["lost"]] == ["图片未能带入，请另行上传。"]
    large = author.upload(f"/banks/{group.bank_id}/paste", "paste.html", b"x" * 8_000_001, field="file")
    assert (large.status_code, large.json()["code"]) == (422, "paste.too_large")


def _uses(group):
    with group.house.database.transaction(reading=True) as db:
        return list(db.query(BankPicture))
