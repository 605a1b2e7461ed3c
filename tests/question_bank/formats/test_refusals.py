"""P43: what is no bank, or is made to hurt, is refused at once with a sentence that says what to do."""

import io
import struct
import time
import tracemalloc
import warnings
import zipfile
import zlib

import pytest
import xlsxwriter

from question_bank.errors import UnreadableFile
from question_bank.formats import read_bank
from tests.support.bank_files import bank_xlsx, party_bank, party_bank_docx

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
WITHIN_SECONDS = 2.0


def refuse(data: bytes) -> UnreadableFile:
    """The refusal, which must name the file in both languages and come in time."""
    began = time.process_time()
    with pytest.raises(UnreadableFile) as caught:
        read_bank("导入.docx", data)
    assert time.process_time() - began < WITHIN_SECONDS
    assert "导入.docx" in caught.value.zh
    assert "导入.docx" in caught.value.en
    return caught.value


def ole2_with(stream: str) -> bytes:
    return OLE2 + stream.encode("utf-16-le") + bytes(512)


def packed(members: dict[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return stream.getvalue()


def replaced(data: bytes, name: str, content: bytes) -> bytes:
    """The package with one member changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return packed({one: content if one == name else package.read(one) for one in package.namelist()})


@pytest.mark.parametrize(
    ("data", "code", "advice"),
    [
        (b"", "file.empty", "空"),
        (b" \r\n\t ", "file.empty", "空"),
        (b"\xef\xbb\xbf", "file.empty", "空"),
        (b"%PDF-1.7 ...", "file.foreign", ".docx"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "file.foreign", "Word"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "file.foreign", "Word"),
        (b"{\\rtf1 x}", "file.foreign", ".docx"),
        (b"Rar!\x1a\x07", "file.foreign", "解压"),
        (ole2_with("WordDocument"), "file.doc", ".docx"),
        (ole2_with("EncryptedPackage"), "file.password", "密码"),
        (ole2_with("ETExtData"), "file.et", ".xlsx"),
        (ole2_with("Workbook"), "file.damaged_workbook", ".xlsx"),
        (b"PK\x03\x04" + bytes(40), "file.damaged", "另存"),
        (packed({"a.txt": "x"}), "file.archive", "解压"),
        (packed({"imsmanifest.xml": "<manifest/>"}), "file.qti_manifest", "资源"),
        (packed({"imsmanifest.xml": "<m/>", "../a": "x"}), "file.unsafe_path", "包外"),
        (b"<quiz><question></quiz>", "file.xml", "第 1 行"),
        (b'<!DOCTYPE quiz [<!ENTITY a "b">]><quiz>&a;</quiz>', "file.xml", "DOCTYPE"),
        (b'<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1"/>', "file.qti", ".zip"),
        (b'{"schema":"bank/1"}', "file.json", "bank/1"),
        (packed({"ppt/presentation.xml": "<p/>"}), "file.foreign", "Word"),
        (packed({"content.xml": "<o/>"}), "file.foreign", ".xlsx"),
        (packed({"word/document.xml": "<w/>"}), "file.no_text", "正文"),
        (packed({"word/document.xml": "<w>"}), "file.damaged", "另存"),
        (packed({"xl/workbook.xml": "<w/>"}), "file.damaged_workbook", "另存"),
        (b'<?xml version="1.0"?><questestinterop/>', "file.qti", "QTI 1.x"),
        (b"<html><body>x</body></html>", "file.markup", ".docx"),
        (b"MZ\x90\x00\x03" + bytes(range(256)), "file.binary", "Word"),
        (b"hello\x00world\x01", "file.binary", "Word"),
        ("只是一段话，没有试题。\n还有一行。".encode(), "file.no_items", "模板"),
    ],
)
def test_what_is_no_bank_is_refused_by_name_with_advice(data, code, advice):
    refusal = refuse(data)
    assert refusal.code == code
    assert advice in refusal.zh


# Encodings


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
    ],
)
def test_chinese_encodings_are_told_apart(encoding, told):
    report = read_bank("x", "1、预备期为（）。\nA、半年\nB、一年\n答案：B\n".encode(encoding))
    assert (report.encoding, report.items[0].item.stem) == (told, "预备期为（）。")


@pytest.mark.parametrize("encoding", ["windows-1252", "latin-1", "iso8859-2", "cp1251", "shift_jis", "big5"])
def test_gb18030_is_never_guessed_for_other_text(encoding):
    texts = {
        "cp1251": "1. Сколько будет два плюс два?\nА) три\nБ) четыре\n",
        "iso8859-2": "1. Która liczba jest większa? żółć\nA) jedna\nB) dwie\nANSWER: B\n",
        "shift_jis": "1. ひらがなとカタカナのどちらですか\nA. ひらがな\nB. カタカナ\n",
        "big5": "1. 預備黨員的預備期為多久\nA. 半年\nB. 一年\n答案：B\n",
    }
    text = texts.get(encoding, "1. What is a café, a naïve façade, “déjà vu”?\nA) one\nB) two\nANSWER: B\n")
    if encoding == "latin-1":
        text = text.replace("“", '"').replace("”", '"')
    assert refuse(text.encode(encoding)).code == "file.encoding"


def test_half_a_character_is_refused():
    whole = "1、预备期为（）。\nA、半年\nB、一年\n答案：B".encode("gb18030")
    assert refuse(whole[:-1] + b"\x81").code == "file.encoding"


# Zip


def bomb(*names: str, megabytes: int, claimed: int | None = None) -> bytes:
    """A package whose members unpack to so much each and claim `claimed` bytes, made without packing that much."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as package:
        package.writestr("xl/workbook.xml", b"<w/>")
        for name in names:
            package.writestr(name, block * megabytes)
    data = bytearray(stream.getvalue())
    size = struct.pack("<I", megabytes * 2**20 if claimed is None else claimed)
    check = struct.pack("<I", zlib.crc32(b" " * 2**20 * megabytes))
    for name in names:
        local, central = data.index(name.encode()) - 30, data.rindex(name.encode()) - 46
        data[local + 8 : local + 10] = data[central + 10 : central + 12] = struct.pack("<H", zipfile.ZIP_DEFLATED)
        data[local + 14 : local + 18] = data[central + 16 : central + 20] = check
        data[local + 22 : local + 26] = data[central + 24 : central + 28] = size
    return bytes(data)


@pytest.mark.parametrize("claimed", [None, 10, 0])
@pytest.mark.parametrize("member", ["word/document.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_300_mb_in_a_small_zip_are_refused_whatever_the_header_claims(member, claimed):
    data = bomb(member, megabytes=300, claimed=claimed)
    assert len(data) < 2**20
    tracemalloc.start()
    try:
        assert refuse(data).code == "file.unpacks_too_big"
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("claimed", [None, 10])
def test_sizes_add_up_over_all_members(claimed):
    names = [f"xl/media/{n}.bin" for n in range(10, 25)]
    assert refuse(bomb(*names, megabytes=14, claimed=claimed)).code == "file.unpacks_too_big"


def test_two_members_of_one_name_are_refused():
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as package:
        warnings.simplefilter("ignore")
        package.writestr("xl/workbook.xml", b"<w/>")
        package.writestr("xl/workbook.xml", b"<v/>")
    assert refuse(stream.getvalue()).code == "file.damaged"


def test_too_many_entries_are_refused():
    assert refuse(packed({f"word/{n}.xml": b"" for n in range(2_001)} | {"word/document.xml": b"<w/>"})).code == (
        "file.too_many_entries"
    )


def test_an_archive_inside_is_refused():
    inner = packed({"a.txt": "x"})
    data = packed({"xl/workbook.xml": b"<w/>", "xl/embeddings/inner.xlsx": inner})
    assert refuse(data).code == "file.nested_archive"


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
        b'<!doctype a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_document_types_are_refused_in_word_and_excel(doctype):
    assert refuse(replaced(party_bank_docx(), "word/document.xml", doctype + b"<a>&c;</a>")).code == "file.doctype"
    assert refuse(replaced(bank_xlsx(), "xl/sharedStrings.xml", doctype + b"<a>&c;</a>")).code == "file.doctype"


def test_a_document_type_in_utf_16_is_refused_as_well():
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY c "x">]><a>&c;</a>'
    assert refuse(replaced(party_bank_docx(), "word/document.xml", text.encode("utf-16"))).code == "file.doctype"
    assert refuse(replaced(bank_xlsx(), "xl/workbook.xml", text.encode("utf-16"))).code == "file.doctype"


def test_nesting_without_end_is_refused():
    deep = b"<w>" * 5_000 + b"</w>" * 5_000
    assert refuse(replaced(party_bank_docx(), "word/document.xml", deep)).code == "file.damaged"


# Sheets


def sheet_xml(cells: str, dimension: str = "A1") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><worksheet '
        'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="{dimension}"/><sheetData>{cells}</sheetData></worksheet>'
    ).encode()


def with_sheet(content: bytes) -> bytes:
    return replaced(bank_xlsx(), "xl/worksheets/sheet1.xml", content)


def test_16384_columns_are_refused_and_the_sheet_named():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for column in range(16_384):
            sheet.write_string(0, column, "题干")
    refusal = refuse(stream.getvalue())
    assert refusal.code == "file.sheet_too_big"
    assert "sheet1" in refusal.zh


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        "<row r='1'><c s='1'  r = 'XFD1'><v>1</v></c></row>",
        (
            '<row r="1"><x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="ZZZ1">'
            "<x:v>1</x:v></x:c></row>"
        ),
        '<row r="1"><c r="A99999999999"><v>1</v></c></row>',
    ],
)
def test_cells_in_far_corners_are_refused_before_room_is_made_for_them(cells):
    refusal = refuse(with_sheet(sheet_xml(cells)))
    assert (refusal.code, "sheet1" in refusal.zh) == ("file.sheet_too_big", True)


def test_a_huge_declared_range_alone_does_no_harm():
    texts = {"A1": "题干", "B1": "答案", "A2": "党费要交。", "B2": "对"}
    written = {at: f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in texts.items()}
    cells = (
        f'<row r="1">{written["A1"]}{written["B1"]}</row><row r="2">{written["A2"]}{written["B2"]}</row>'
        '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    report = read_bank("x", with_sheet(sheet_xml(cells, dimension="A1:XFD1048576")))
    assert [one.item.stem for one in report.items] == ["党费要交。"]


def test_300000_short_rows_are_refused():
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 300_001))
    assert refuse(with_sheet(sheet_xml(rows))).code == "file.sheet_too_big"


def test_millions_of_formatted_blank_cells_are_refused():
    row = "<row>" + '<c s="1"/>' * 1_000 + "</row>"
    assert refuse(with_sheet(sheet_xml(row * 1_100))).code in ("file.sheet_too_big", "file.unpacks_too_big")


def test_too_many_lines_of_text_and_cells_of_csv_are_refused():
    assert refuse(b"1\n" * 200_001).code == "file.too_many_lines"
    assert refuse("题干,答案\n".encode() + (b"1" + b"," * 199 + b"\n") * 10_001).code == "file.sheet_too_big"
    assert refuse("题干,答案\n".encode() + b"," * 256).code == "file.sheet_too_big"


def test_a_stem_without_end_is_cut_and_flagged():
    report = read_bank("x", ("1、甲\n" + "乙丙丁戊\n" * 20_000 + "A、一\nB、二\n答案：A\n").encode())
    assert len(report.items[0].item.stem) < 13_000
    assert [doubt.code for doubt in report.items[0].doubts] == ["item.text_too_long"]


@pytest.mark.parametrize(("central", "local", "value"), [(8, 6, 1), (10, 8, 99)], ids=["password", "compression"])
def test_a_package_that_cannot_be_unpacked_is_refused(central, local, value):
    data = bytearray(bank_xlsx(party_bank()[:3]))
    for sign, offset in ((b"PK\x01\x02", central), (b"PK\x03\x04", local)):
        at = data.find(sign)
        while at >= 0:
            data[at + offset] = value
            at = data.find(sign, at + 4)
    with pytest.raises(UnreadableFile):
        read_bank("锁.xlsx", bytes(data))
