"""Lists as units fill them in: what is read, and the sentence for every file that cannot be."""

import io
import zipfile

import pytest
import python_calamine
import xlsxwriter

from app.exams import roster
from app.exams.roster import make_template, read_roster
from app.people import workbooks
from app.people.identity import IdNumberRounded, parse_id_number
from question_bank.errors import UnreadableFile


def workbook(*rows, numbers=()):
    """A sheet of these rows; `numbers` are places (row, column) written as numbers."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for r, cells in enumerate(rows):
        for c, cell in enumerate(cells):
            if (r, c) in numbers:
                sheet.write_number(r, c, float(cell))
            else:
                sheet.write_string(r, c, cell)
    book.close()
    return buffer.getvalue()


HEAD = ("姓名", "身份证号")
NUMBER = "990101199001010010"


def test_rows_are_read_below_the_header_wherever_it_stands():
    data = workbook(
        ("东镇报名表",), ("序号", " 姓 名 ", "身份证号码", "备注"), ("1", "林一", NUMBER, "x"), ("", "", "", "")
    )
    assert [(r.row, r.name, r.id_number) for r in read_roster("a.xlsx", data)] == [(3, "林一", NUMBER)]


def test_a_number_cell_is_handed_on_so_that_it_is_refused_as_rounded():
    (row,) = read_roster("a.xlsx", workbook(HEAD, ("林一", "330102199001011234"), numbers={(1, 1)}))
    with pytest.raises(IdNumberRounded):
        parse_id_number(row.id_number)


def test_a_number_typed_as_a_name_is_not_kept():  # P46
    (row,) = read_roster("a.xlsx", workbook(HEAD, (NUMBER, NUMBER)))
    assert row.name == ""


def test_the_template_is_read_as_it_is_filled_in_and_its_example_left_out():
    data = make_template(exam_name="初级考试", unit_names=["东镇", "东镇一村"])
    with pytest.raises(UnreadableFile) as refused:
        read_roster("模板.xlsx", data)
    assert refused.value.code == "roster.nobody"
    book = python_calamine.load_workbook(io.BytesIO(data))
    assert book.sheet_names == ["报名名单", "填写说明", "单位"]
    assert book.get_sheet_by_name("报名名单").to_python()[0][:2] == ["姓名", "身份证号"]
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "dataValidation" in sheet
    styles = zipfile.ZipFile(io.BytesIO(data)).read("xl/styles.xml").decode()
    assert 'numFmtId="49"' in styles  # text
    assert "xl/comments1.xml" in zipfile.ZipFile(io.BytesIO(data)).namelist()


def bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("xl/worksheets/sheet1.xml", b"0" * (210 * 2**20))
    return buffer.getvalue()


def docx():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"  \n", "file.empty"),
        ("姓名,身份证号\n林一,1".encode(), "workbook.none"),
        (b"%PDF-1.7", "file.foreign"),
        (b"PK\x03\x04broken", "file.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file.et"),
        (docx(), "workbook.none"),
        (workbook(("名字", "号码"), ("林一", NUMBER)), "roster.no_header"),
        (workbook(HEAD), "roster.nobody"),
    ],
)
def test_a_file_that_is_no_list_gets_a_sentence_that_names_it(content, code):
    with pytest.raises(UnreadableFile) as refused:
        read_roster("名单.xlsx", content)
    assert refused.value.code.startswith(code)
    assert "名单.xlsx" in refused.value.zh
    assert "名单.xlsx" in refused.value.en


def test_a_bomb_is_refused_before_a_reader_makes_room_for_it():  # P43
    with pytest.raises(UnreadableFile):
        read_roster("a.xlsx", bomb())


def test_a_list_has_bounds(monkeypatch):  # P43
    with pytest.raises(UnreadableFile) as refused:
        read_roster("a.xlsx", b"PK" + b"0" * workbooks.MOST_BYTES)
    assert refused.value.code == "workbook.too_big"
    monkeypatch.setattr(roster, "MOST_ROWS", 1)
    with pytest.raises(UnreadableFile) as refused:
        read_roster("a.xlsx", workbook(HEAD, ("一", "1"), ("二", "2")))
    assert refused.value.code == "roster.too_long"
    wide = workbook(tuple("x" for _ in range(300)), HEAD)
    with pytest.raises(UnreadableFile):
        read_roster("a.xlsx", wide)
