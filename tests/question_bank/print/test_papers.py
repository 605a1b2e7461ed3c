"""Paper: every type, the same bytes each time, keys only where they belong, nothing that executes (P14, P42)."""

import io
import re
import zipfile
import zlib

import docx
import pytest
from PIL import Image

from question_bank.print import print_answer_sheets, print_keys, print_papers, write_answer_sheets, write_papers
from question_bank.print.arrangement import Arrangement, columns_of
from question_bank.print.paper import ordinal, points_text
from question_bank.print.pdf import TEMPLATES, look
from tests.support.printed import a_paper


def test_a_paper_is_arranged_with_every_type_and_without_its_key():  # P14
    data = Arrangement(a_paper()).data()
    first = data["copies"][0]
    assert [section["number"] for section in first["sections"]][-1] == "十"
    assert first["maximum"] == "42.5"
    items = [item for section in first["sections"] for item in section["items"]]
    assert [item["number"] for item in items] == list(range(1, 12))
    assert "keys" not in str(data)
    for secret in ("人民", "三会一课", "说出党课", "重新投票", "清点人数"):
        assert secret not in str(data)
    kept = str(items[0]["stem"])
    assert "（\\xa0\\xa0）" in kept  # runs of spaces hold on paper
    assert "$\\\\bad$" in kept
    assert [item["case"] is not None for item in items[8:10]] == [True, False]
    assert data["copies"][0]["sections"][2]["items"][0]["stem"][-1][1][-1] == ["brackets"]


def test_keys_stand_as_displayed_with_what_markers_need():
    copy = Arrangement(a_paper()).data(with_key=True)["copies"][0]
    keys = {key["number"]: key for section in copy["keys"] for key in section["items"]}
    assert keys[1]["short"] == "D"  # the options of the form stand reversed
    assert keys[2]["short"] == "B、C、D"
    assert keys[5]["short"] == "42 元"
    assert [text["name"] for text in keys[8]["texts"]] == ["参考答案", "第 1 个采分点"]
    assert "人民群众" in str(keys[4]["texts"])


def test_pdf_is_the_same_each_time_and_inert():  # P42
    paper = a_paper()
    for made in (print_papers(paper), print_answer_sheets(paper), print_keys(paper)):
        assert made.startswith(b"%PDF-1.7")
        for word in (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/URI", b"/EmbeddedFile"):
            assert word not in made + _inflated(made)
    assert print_papers(paper) == print_papers(paper)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_page_is_drawn(template):
    pages = look(template, a_paper(), ppi=20)
    assert len(pages) >= 2
    assert {Image.open(io.BytesIO(page)).size for page in pages} == {(165, 234)}


def test_word_files_say_the_same_with_and_without_the_key():  # P14, P42
    paper = a_paper()
    bare, keyed = write_papers(paper, with_key=False), write_papers(paper, with_key=True)
    assert bare == write_papers(paper, with_key=False)
    words = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(bare)).paragraphs)
    assert "见图（\u00a0\u00a0）" in words
    assert "A. $" not in words
    assert "人民群众" not in words
    assert "【答案】" not in words
    told = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(keyed)).paragraphs)
    assert "【答案】D" in told
    assert "说出党课" in told
    with zipfile.ZipFile(io.BytesIO(bare)) as package:
        document = package.read("word/document.xml").decode()
        footer = package.read(next(name for name in package.namelist() if "footer" in name)).decode()
        assert {entry.date_time[0] for entry in package.infolist()} == {1980}
        assert not [name for name in package.namelist() if "vba" in name.lower()]
    assert 'descr="一面红旗"' in document
    assert "&lt;b&gt;" in document
    assert document.count("w:drawing") > 4
    assert "SECTIONPAGES" in footer


def test_an_answer_sheet_as_a_word_file_has_a_place_for_every_response():  # P14, P42
    paper = a_paper()
    made = write_answer_sheets(paper)
    assert made == write_answer_sheets(paper)
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        document = package.read("word/document.xml").decode()
        footers = "".join(package.read(name).decode() for name in package.namelist() if "footer" in name)
    told = re.sub("<[^>]+>", "", document)
    first = Arrangement(paper).data()["copies"][0]
    for item in (item for section in first["sections"] for item in section["items"]):
        assert (f"{item['number']:>2}　" if item["chosen"] else f"{item['number']}.") in told
    for asked in ("［A］［B］", "［错误］［正确］", "＿ 元", "［　　］ → ［　　］", "（2）［　　］", "由考官现场评分"):
        assert asked in told
    assert "SECTIONPAGES" in footers
    for copy in Arrangement(paper).data()["copies"]:
        who = copy["candidate"]
        assert not who["ticket_number"] or not who["name"] or who["name"] not in told
    assert document.count("w:drawing>") // 2 == sum(bool(copy.candidate.ticket_number) for copy in paper.copies)
    for secret in ("人民", "三会一课", "说出党课"):
        assert secret not in told


def test_numbers_and_columns():
    assert [ordinal(n) for n in (1, 10, 12, 20, 35)] == ["一", "十", "十二", "二十", "三十五"]
    assert [points_text(n) for n in (200, 150, 225)] == ["2", "1.5", "2.25"]
    assert columns_of([[["p", [["t", "甲" * width]]]] for width in (2, 8, 3, 4)]) == 4
    assert columns_of([[["p", [["t", "甲" * width]]]] for width in (2, 18, 3, 4)]) == 2
    assert columns_of([[["p", [["t", "甲" * 30]]]]] * 4) == 1


def _inflated(pdf: bytes) -> bytes:
    """What the streams of the file say."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"".join(found)
