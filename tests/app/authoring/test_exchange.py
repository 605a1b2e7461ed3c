"""Exchange formats through the service: pictures come along, and every export tells whose copy it is."""

import base64
import io
import zipfile

import pytest
from PIL import Image

from app.authoring.queries import read_content
from app.authoring.queries.items import all_newest
from app.authoring.queries.pictures import held_hashes
from app.authoring.service.exports import ExportFormat, export_bank
from app.authoring.service.imports import commit_import
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from question_bank.content import accept_picture, pictures_in
from question_bank.formats import read_bank

TEXT_ONLY = {ExportFormat.GIFT, ExportFormat.XLSX}


def moodle_quiz():
    stream = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(stream, "PNG")
    flag = base64.b64encode(stream.getvalue()).decode()
    picture = f'<file name="旗.png" path="/" encoding="base64">{flag}</file>'
    image = '<p>这是什么旗？<img src="@@PLUGINFILE@@/%E6%97%97.png" alt="红旗"></p>'
    return accept_picture(stream.getvalue()), (
        '<quiz><question type="multichoice"><name><text>这是什么旗？</text></name>'
        f'<questiontext format="html"><text><![CDATA[{image}]]></text>{picture}</questiontext><single>true</single>'
        '<answer fraction="100" format="html"><text>党旗</text></answer>'
        '<answer fraction="0" format="html"><text>队旗</text></answer></question></quiz>'
    )


@pytest.fixture
def stocked(group):
    picture, quiz = moodle_quiz()
    import_id = group.start(quiz.encode())
    with group.acting(group.author) as op:
        assert commit_import(op, import_id=import_id, seen=1, submit=False) == 1
    return picture


def test_a_picture_of_a_moodle_bank_stands_in_the_bank(group, stocked):
    with group.acting(group.author) as op:
        ((_, version),) = all_newest(op.db, group.bank_id)
        (shown,) = pictures_in(read_content(version.content).stem)
        assert (shown.sha256, shown.alt) == (stocked.sha256, "红旗")
        assert held_hashes(op.db, group.bank_id, [stocked.sha256]) == {stocked.sha256}


@pytest.mark.parametrize("file_format", ExportFormat)
def test_every_format_is_marked_and_comes_back(group, stocked, file_format):  # P19
    approver = Actor(ActorKind.PERSON, account_id=987, person_id=99, grants=(Grant(Role.EXAM_APPROVER),))
    with group.acting(group.author) as op:
        made = export_bank(op, bank_id=group.bank_id, approver=approver, file_format=file_format)
    words = made.content.decode("utf-8", "replace")
    if file_format in (ExportFormat.QTI21, ExportFormat.QTI30):
        with zipfile.ZipFile(io.BytesIO(made.content)) as package:
            words = package.comment.decode()
    if file_format in {ExportFormat.XLSX, ExportFormat.DOCX, ExportFormat.DOCX_KEY}:
        with zipfile.ZipFile(io.BytesIO(made.content)) as package:
            words = "".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    assert "987" in words
    if file_format in {ExportFormat.DOCX, ExportFormat.DOCX_KEY}:  # paper to be read by people
        return
    report = read_bank("导出", made.content)
    assert len(report.items) == made.items == 1
    assert len(report.pictures) == (0 if file_format in TEXT_ONLY else 1)
    assert bool(made.lost) is (file_format in TEXT_ONLY)
    (act,) = group.acts("bank:export")
    assert f'"format":"{file_format}"' in act.after
