"""P43: a reader is never asked to make room for a rectangle that nobody filled."""

import io
import struct
import zipfile

import pytest

from question_bank.errors import UnreadableFile
from question_bank.formats import read_bank
from question_bank.formats.biff_guard import check_biff
from question_bank.formats.workbook_guard import MOST_AREA, MOST_CELLS, MOST_ROWS, SheetSize, _Scan, column_number
from tests.support.bank_files import bank_xlsx

END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def biff(cells: list[tuple[int, int]], *, padding: int = 5_000) -> bytes:
    """Records of a sheet with a number in each of these cells (row and column from 0)."""
    records = [(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))]
    records += [(0x0203, struct.pack("<HHHd", row, column, 0, 1.0)) for row, column in cells]
    records += [(0x000A, b""), (0x1234, bytes(padding))]
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)


def xls(stream: bytes, *, circle: bool = False) -> bytes:
    """An OLE2 file with this stream as its Workbook: header, one table, one directory, then the stream."""
    sectors = -(-len(stream) // 512)
    chain = [*range(3, 2 + sectors), 2 if circle else END]
    table = [TABLE, END, *chain]
    table += [FREE] * (128 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    root = "Root Entry".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBB", 22, 5, 1)
    book = "Workbook".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBB", 18, 2, 1)
    directory = root.ljust(116, b"\0") + struct.pack("<III", END, 0, 0)
    directory += book.ljust(116, b"\0") + struct.pack("<III", 2, len(stream), 0)
    return (header + struct.pack("<128I", *table) + directory.ljust(512, b"\0") + stream).ljust(
        512 * (3 + sectors), b"\0"
    )


def test_the_cells_of_an_xls_are_counted_without_refusing_a_common_one():
    check_biff(xls(biff([(0, 0), (1, 1), (995, 9)])))


@pytest.mark.parametrize("cells", [[(0, 300)], [(0, 0), (65_535, 255)], [(0, 65_535)]])
def test_far_corners_of_an_xls_are_refused(cells):
    with pytest.raises(UnreadableFile) as caught:
        read_bank("旧表.xls", xls(biff(cells)))
    assert caught.value.code == "file.sheet_too_big"


def test_a_run_of_numbers_counts_every_column():
    wide = struct.pack("<HH", 0x00BD, 8) + struct.pack("<HHHH", 0, 0, 0, 60_000)
    with pytest.raises(UnreadableFile) as caught:
        check_biff(xls(wide + bytes(5_000)))
    assert caught.value.code == "file.sheet_too_big"


def test_a_chain_in_a_circle_is_damage():
    with pytest.raises(UnreadableFile) as caught:
        check_biff(xls(biff([(0, 0)]), circle=True))
    assert caught.value.code == "file.damaged_workbook"


@pytest.mark.parametrize("length", [8, 40, 300, 600, 1_100, 3_000])
def test_a_truncated_xls_is_damage(length):
    with pytest.raises(UnreadableFile) as caught:
        check_biff(xls(biff([(0, 0)]))[:length])
    assert caught.value.code == "file.damaged_workbook"


def test_a_file_that_is_two_things_at_once_is_refused():
    tail = io.BytesIO()
    with zipfile.ZipFile(tail, "w") as package:
        package.writestr("content.xml", "<x/>")
    with pytest.raises(UnreadableFile) as caught:
        read_bank("x", xls(biff([(0, 0)])) + tail.getvalue())
    assert caught.value.code == "file.foreign"
    both = io.BytesIO(bank_xlsx())
    with zipfile.ZipFile(both, "a") as package:
        package.writestr("content.xml", "<x/>")
    with pytest.raises(UnreadableFile) as caught:
        read_bank("x", both.getvalue())
    assert caught.value.code == "file.foreign"


def test_cells_without_references_count_by_their_order():
    xml = b"<worksheet><sheetData><row>" + b"<c><v>1</v></c>" * 300 + b"</row></sheetData></worksheet>"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("xl/workbook.xml", "<w/>")
        package.writestr("xl/anywhere.bin", xml)
    with pytest.raises(UnreadableFile) as caught:
        read_bank("x", stream.getvalue())
    assert (caught.value.code, "anywhere" in caught.value.zh) == ("file.sheet_too_big", True)


def test_a_sheet_may_be_long_or_wide_but_not_both():
    SheetSize("S").use(MOST_ROWS, MOST_AREA // MOST_ROWS)
    SheetSize("S").use(1, 256)
    with pytest.raises(UnreadableFile):
        SheetSize("S").use(MOST_ROWS, MOST_AREA // MOST_ROWS + 1)


def test_cells_add_up():
    size = SheetSize("S", cells=MOST_CELLS - 1)
    size.use(1, 1)
    with pytest.raises(UnreadableFile):
        size.use(1, 2)


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("z", 26), ("AA", 27), ("IV", 256), ("XFD", 16_384)])
def test_columns_are_numbered_as_excel_does(letters, number):
    assert column_number(letters) == number


@pytest.mark.parametrize("size", [7, 64, 1_000_000])
def test_plain_tags_and_odd_ones_count_alike_however_the_file_is_cut(size):
    plain = b"".join(
        b'<row r="%d" spans="1:3"><c r="A%d" t="s"><v>0</v></c><c r="B%d" s="1"/><c r="C%d"><v>2</v></c></row>'
        % (row, row, row, row)
        for row in range(1, 30)
    )
    odd = plain.replace(b'<c r="', b'<x:c  t="n" r="').replace(b"</c>", b"</x:c>")
    sizes = []
    for xml in (plain, odd):
        scan = _Scan(SheetSize("S"))
        for start in range(0, len(xml), size):
            scan.feed(xml[start : start + size])
        sizes.append(scan.size)
    assert sizes[0] == sizes[1] == SheetSize("S", cells=58, rows=29, columns=3)
