"""Files that nobody here wrote: what a right importer yields is known, file by file.

The folder is named by CHIZHENG_REAL_DATA; it is test input only and no part of the repository.
"""

import os
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from question_bank.formats import ImportReport, read_bank
from question_bank.items import ItemType
from question_bank.kinds import problems_of
from question_bank.kinds.choice import key_of, options_of
from tests.support.bank_reports import BLANK, JUDGE, MULTIPLE, SHORT, SINGLE

FOLDER = os.environ.get("CHIZHENG_REAL_DATA", "")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER, reason="CHIZHENG_REAL_DATA names no folder with real files"),
]


class Expected(NamedTuple):
    """Counts by type in the order single, multiple, true or false, fill-in, short; flagged items; topics."""

    counts: tuple[int, int, int, int, int]
    flagged: int
    topics: int = 0
    encoding: str = ""
    refused: int = 0


TYPES = (SINGLE, MULTIPLE, JUDGE, BLANK, SHORT)
FILES = {
    "docx/party-building-807.docx": Expected((331, 212, 264, 0, 0), 0, 3),
    "docx/tagged-stems-40.docx": Expected((31, 0, 9, 0, 0), 0, 10),
    "docx/auto-numbered-10-no-keys.docx": Expected((10, 0, 0, 0, 0), 10),
    "txt/party-building-813-bom.txt": Expected((333, 214, 266, 0, 0), 0, 0, "utf-8-sig"),
    "txt/engineering-ethics-303.txt": Expected((109, 122, 72, 0, 0), 0, 15, "utf-8"),
    "txt/gb18030-three-options-100.txt": Expected((100, 0, 0, 0, 0), 0, 0, "gb18030"),
    "txt/gb18030-four-options-30.txt": Expected((30, 0, 0, 0, 0), 0, 0, "gb18030"),
    "txt/L1_35331_mixed_inline_options.txt": Expected((8, 2, 0, 0, 0), 10, 0, "utf-8"),
    "txt/L3_book118_bracket_answer_and_explanation.txt": Expected((3, 0, 0, 0, 0), 0, 0, "utf-8"),
    "txt/L4_book118_blank_line_between.txt": Expected((5, 0, 0, 0, 0), 0, 0, "utf-8"),
    "xlsx/party-class-no-header.xlsx": Expected((60, 60, 30, 0, 0), 0),
    "xlsx/ideology-290.xlsx": Expected((138, 152, 0, 0, 0), 0),
    "xlsx/biff-five-types.xls": Expected((330, 239, 340, 44, 42), 0, 1),
    "xlsx/options-in-one-cell.xlsx": Expected((156, 124, 0, 0, 0), 3),
    "xlsx/blank-rows-and-odd-keys.xlsx": Expected((593, 0, 0, 0, 0), 3),
    "xlsx/template-sheet-per-type.xlsx": Expected((1, 1, 1, 1, 1), 1, refused=1),
    "xlsx/template-row-per-option.xlsx": Expected((2, 1, 1, 0, 0), 0),
    "xlsx/template-flat-ten.xlsx": Expected((3, 2, 2, 2, 1), 1),
    "xlsx/template-wjx-120.xlsx": Expected((80, 40, 0, 0, 0), 0),
}


def read(path: str) -> ImportReport:
    return read_bank(Path(path).name, (Path(FOLDER) / path).read_bytes())


def counts(report: ImportReport) -> tuple[int, ...]:
    return tuple(report.counts.get(item_type, 0) for item_type in TYPES)


@pytest.mark.parametrize("path", FILES)
def test_every_file_reads_as_its_table_says(path, capsys):
    expected = FILES[path]
    began = time.process_time()
    report = read(path)
    seconds = time.process_time() - began
    with capsys.disabled():
        print(
            f"\n{path}: expected {expected.counts}, read {counts(report)}, flagged {len(report.doubtful)}, "
            f"refused {len(report.refused)}, named as not read {len(report.lost)}, "
            f"duplicates {len(report.duplicates)} ({len(report.identical)} identical), {seconds:.2f} s"
        )
    found = (counts(report), len(report.doubtful), len(report.topics), report.encoding, len(report.refused))
    assert found == (expected.counts, expected.flagged, expected.topics, expected.encoding, expected.refused)
    assert seconds < 3


@pytest.mark.parametrize("path", FILES)
def test_no_item_carries_what_is_not_its_own(path):
    for one in read(path).items:
        item = one.item
        texts = [item.stem, *(option.text for option in options_of(item))]
        assert not [text for text in texts if "答案：" in text or "参考答案" in text], one.place
        if not one.doubts:
            assert problems_of(item) == [], one.place


def test_the_party_bank_chapter_by_chapter():
    report = read("docx/party-building-807.docx")
    by_chapter = Counter((one.item.topic, one.item.item_type) for one in report.items)
    assert [tuple(by_chapter[topic, item_type] for item_type in TYPES[:3]) for topic in report.topics] == [
        (111, 97, 116),
        (80, 48, 76),
        (140, 67, 72),
    ]
    options = Counter(
        len(options_of(one.item)) for one in report.items if one.item.item_type is not ItemType.TRUE_FALSE
    )
    assert options == {4: 513, 5: 27, 6: 3}
    # Eight pairs are the same word for word; two more differ in a bracket's width or a full stop.
    assert (len(report.identical), len(report.duplicates)) == (8, 10)


def test_the_bank_without_a_header_names_eleven_duplicates():
    assert len(read("xlsx/party-class-no-header.xlsx").duplicates) == 11


def test_odd_keys_are_read():
    report = read("xlsx/blank-rows-and-odd-keys.xlsx")
    assert all(len(key_of(one.item)) == 1 for one in report.items)


def test_judge_marks_are_read_both_ways():
    judged = [key_of(one.item) for one in read("txt/engineering-ethics-303.txt").items if one.item.item_type is JUDGE]
    assert Counter(judged) == {frozenset({0}): 42, frozenset({1}): 30}


def test_western_text_is_not_read_as_chinese():
    paths = [path for path in Path(FOLDER, "gift").rglob("*windows-1252*") if path.is_file()]
    assert paths
    for path in paths:
        report = read_bank(path.name, path.read_bytes())
        assert (report.format, report.encoding) == ("gift", "windows-1252")
        assert [read.item.item_type.value for read in report.items] == ["short_answer", "short_answer", "matching"]
        assert "encoding.guessed" in {doubt.code for doubt in report.items[2].doubts}
