"""The tables that people keep banks in, one by one, in our own words."""

import datetime as dt
import io
from collections.abc import Callable, Sequence

import pytest
import xlsxwriter

from question_bank.formats import ImportReport, read_bank
from question_bank.items import Basis, Difficulty, Level
from question_bank.kinds.fill_blank import blanks_of
from tests.support.bank_reports import BLANK, JUDGE, MULTIPLE, SHORT, SINGLE, codes, rows

Cells = Sequence[Sequence[object]]
PLAIN = ("题干", "A", "B", "C", "答案")


def workbook(sheets: dict[str, Cells], *, mend: Callable[..., None] | None = None) -> bytes:
    """A workbook; `mend` may do more to the book and its last sheet."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for row, values in enumerate(cells):
                for column, value in enumerate(values):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), day)
                    elif value != "":
                        sheet.write(row, column, value)
            if mend is not None:
                mend(book, sheet)
    return stream.getvalue()


def read(*cells: Sequence[object], sheet: str = "Sheet1") -> ImportReport:
    return read_bank("题库.xlsx", workbook({sheet: cells}))


@pytest.mark.parametrize(
    "header",
    [
        ("题型", "题干", "选项A", "选项B", "选项C", "答案"),
        ("题目类型", "题目内容（必填）", "选项 Ａ", "选项 Ｂ", "选项 Ｃ", "正确答案*"),
        ("试题类型", "试题", "A项", "B项", "C项目", "标准答案"),
        ("类型", "问题描述", "选项1", "选项2", "选项3", "正确选项(只能填字母)"),
        ("题型", "题目", "选项一", "选项二", "选项三", "参考答案"),
        ("题型（必选）", "问题", "A选项", "B选项", "C选项", "正确答案："),
        ("type", "Question", "Option A", "Option B", "Option C", "Answer"),
    ],
)
def test_headers_by_alias_wherever_they_stand(header):
    report = read(
        ("党务知识题库",),
        ("说明：请勿改动表头",),
        header,
        ("单选题", "预备期多久？", "半年", "一年", "两年", "B"),
        ("多选", "处分有哪些？", "警告", "严重警告", "罚款", "AB"),
        ("判断题", "党费要交。", "", "", "", "对"),
    )
    assert rows(report) == [
        (SINGLE, "预备期多久？", ["半年", "一年", "两年"], "B"),
        (MULTIPLE, "处分有哪些？", ["警告", "严重警告", "罚款"], "AB"),
        (JUDGE, "党费要交。", ["正确", "错误"], "A"),
    ]
    assert report.doubtful == ()
    assert [one.place.row for one in report.items] == [4, 5, 6]


def test_the_key_may_stand_before_the_options():
    report = read(("答案", "题干", "A", "B"), ("B", "预备期多久？", "半年", "一年"))
    assert rows(report) == [(SINGLE, "预备期多久？", ["半年", "一年"], "B")]


@pytest.mark.parametrize("key", ["AC", "A,C", "A、C", "a c", "Ａ，Ｃ", "A|C", "A;C", "警告；开除党籍", "警告|开除党籍"])
def test_spellings_of_a_key_of_several(key):
    assert rows(read(PLAIN, ("处分有", "警告", "罚款", "开除党籍", key)))[0][3] == "AC"


@pytest.mark.parametrize("key", ["B", "b", "Ｂ", " B ", "一年", "B."])
def test_spellings_of_a_key_of_one(key):
    report = read(PLAIN, ("预备期", "半年", "一年", "两年", key))
    assert (rows(report)[0][0], rows(report)[0][3]) == (SINGLE, "B")


@pytest.mark.parametrize(
    ("key", "letter"),
    [
        ("对", "A"),
        ("√", "A"),
        ("正确", "A"),
        ("T", "A"),
        ("TRUE", "A"),
        (True, "A"),
        (1, "A"),
        ("A", "A"),
        ("错", "B"),
        ("×", "B"),
        ("错误", "B"),
        ("F", "B"),
        (False, "B"),
        (0, "B"),
        ("B", "B"),
        ("否", "B"),
    ],
)
def test_spellings_of_a_judged_key(key, letter):
    report = read(("题型", "题干", "A", "B", "答案"), ("判断题", "党费要交。", "", "", key))
    assert rows(report) == [(JUDGE, "党费要交。", ["正确", "错误"], letter)]
    assert report.doubtful == ()


def test_numbers_stay_as_they_look():
    report = read(("题干", "A", "B", "C", "D", "答案"), ("一共几个？", 3, 3.5, 10_000, 0.1, "A"))
    assert rows(report)[0][2] == ["3", "3.5", "10000", "0.1"]
    assert report.doubtful == ()


def test_long_numbers_that_excel_rounded_and_dates_are_doubted_with_their_column():
    report = read(
        ("题干", "A", "B", "答案"),
        ("哪个号码？", 411522199001011234, "甲", "A"),
        ("哪一天？", dt.date(2018, 10, 28), "甲", "A"),
    )
    assert codes(report) == [["cell.rounded"], ["cell.date"]]
    assert report.items[0].doubts[0].place.column == "B"
    assert rows(report)[1][2] == ["2018年10月28日", "甲"]


def test_no_header_at_all():
    report = read(
        ("党的宗旨是什么（）。", "全心全意为人民服务", "反腐败", "改革", "A"),
        ("处分包括哪几种（）。", "警告", "严重警告", "罚款", "AB"),
        ("预备期一般为多久（）。", "一年", "两年", "三年", "A"),
        ("党员应当按期交纳党费。", "", "", "", "A"),
        ("预备党员有表决权。", "", "", "", "B"),
    )
    assert [(row[0], row[3]) for row in rows(report)] == [
        (SINGLE, "A"),
        (MULTIPLE, "AB"),
        (SINGLE, "A"),
        (JUDGE, "A"),
        (JUDGE, "B"),
    ]
    assert report.doubtful == ()


def test_a_sheet_per_type_sets_the_type():
    cells = {
        "单选题": [("题干", "选项A", "选项B", "答案"), ("预备期？", "一年", "两年", "A")],
        "判断题": [("题干", "选项A", "选项B", "答案"), ("党费要交。", "正确", "错误", "A")],
        "填空题": [("题干", "空1", "空2"), ("预备期____，可延长____。", "一年", "一次")],
        "简答题": [("题干", "答案"), ("什么是三会一课？", "三会和党课")],
        "案例分析题": [("题干", "答案"), ("某支部……", "略")],
        "说明": [("请按模板填写",)],
        "联系人": [("姓名", "电话"), ("林晓梅", "6601")],
    }
    report = read_bank("x", workbook(cells))
    assert report.counts == {SINGLE: 1, JUDGE: 1, BLANK: 1, SHORT: 1}
    assert report.items[2].item.body == blanks_of(("一年",), ("一次",))
    assert [(one.code, one.place.sheet) for one in report.refused] == [("item.unsupported_type", "案例分析题")]
    # Notes on how to fill it in are no loss; a sheet of anything else is named.
    assert [(one.code, one.place.sheet) for one in report.lost] == [("sheet.no_items", "联系人")]


def test_one_row_per_option_with_merged_cells_or_without():
    cells = [
        ("题目序号", "题目类型", "题目内容", "整体解析", "是否正确项", "选项内容"),
        (1, 1, "预备期多久？", "见第七条", 0, "半年"),
        (1, "", "", "", 1, "一年"),
        ("", "", "", "", 0, "两年"),
        (2, 2, "处分有？", "", 1, "警告"),
        (2, 2, "处分有？", "", 1, "严重警告"),
        (2, 2, "处分有？", "", 0, "罚款"),
        (3, 3, "党费要交。", "", "是", "正确"),
        (3, "", "", "", "否", "错误"),
        (4, 1, "没有对的？", "", 0, "甲"),
        (4, "", "", "", 0, "乙"),
    ]
    report = read_bank("x", workbook({"试题": cells}, mend=lambda book, sheet: sheet.merge_range("D2:D4", "见第七条")))
    assert rows(report) == [
        (SINGLE, "预备期多久？", ["半年", "一年", "两年"], "B"),
        (MULTIPLE, "处分有？", ["警告", "严重警告", "罚款"], "AB"),
        (JUDGE, "党费要交。", ["正确", "错误"], "A"),
        (SINGLE, "没有对的？", ["甲", "乙"], ""),
    ]
    assert codes(report) == [[], [], [], ["key.missing"]]


@pytest.mark.parametrize(
    "cell",
    [
        "A.半年, B.一年, C.一年，再延长一次, D.两年",
        "A、半年\nB、一年\nC、一年，再延长一次\nD、两年",
        "A. 半年 B. 一年 C. 一年，再延长一次 D. 两年",
        "半年|一年|一年，再延长一次|两年",
        "单选题, A.半年; B.一年; C.一年，再延长一次; D.两年",
    ],
)
def test_all_options_in_one_cell(cell):
    report = read(("题目", "选项", "答案"), ("单选题  12.预备期多久？", cell, "B"))
    assert rows(report) == [(SINGLE, "预备期多久？", ["半年", "一年", "一年，再延长一次", "两年"], "B")]
    assert report.doubtful == ()


def test_options_that_cannot_be_told_apart_are_doubted():
    report = read(("题目", "选项", "答案"), ("预备期多久？", "A半年A.一年, B.两年", "B"))
    assert codes(report) == [["options.not_divided"]]


def test_option_columns_with_flags():
    header = ("题干", "选项一内容", "选项一是否正确", "选项二内容", "选项二是否正确", "选项三内容", "选项三是否正确")
    report = read(header, ("处分有", "警告", "是", "罚款", "否", "严重警告", "是"))
    assert rows(report) == [(MULTIPLE, "处分有", ["警告", "罚款", "严重警告"], "AC")]


def test_letters_before_the_options_are_taken_off_and_gaps_stay():
    report = read(PLAIN, ("预备期", "A、半年", "B．一年", "C. A类", "B"), ("介绍人", "一名", "", "三名", "A"))
    assert [row[2] for row in rows(report)] == [["半年", "一年", "A类"], ["一名", "", "三名"]]
    assert codes(report) == [[], ["options.empty"]]


def test_blank_rows_section_rows_and_repeated_headers():
    report = read(
        PLAIN,
        ("一、单选题",),
        ("预备期", "半年", "一年", "", "B"),
        ("", "", "", "", ""),
        PLAIN,
        ("二、判断题",),
        ("党费要交。", "", "", "", "A"),
        ("", "", "孤", "", ""),
    )
    assert [row[0] for row in rows(report)] == [SINGLE, JUDGE]
    assert [(one.code, one.place.row) for one in report.refused] == [("item.no_stem", 8)]


def test_formatted_blank_rows_count_for_nothing():
    def paint(book, sheet):
        red = book.add_format({"bg_color": "red"})
        for row in range(2, 3_000):
            sheet.write_blank(row, 3, None, red)

    data = workbook({"S": [PLAIN, ("预备期", "半年", "一年", "两年", "B")]}, mend=paint)
    assert len(read_bank("x", data).items) == 1


def test_topics_difficulty_level_tags_basis_and_merged_topics():
    header = ("章节", "知识点", "题干", "A", "B", "答案", "难度", "等级", "标签", "依据", "条款")
    cells = [
        header,
        ("第一章", "预备期", "预备期", "一年", "两年", "A", "难", "中级", "必考 党员", "《党章》", "第七条"),
        ("", "党费", "党费", "要交", "不交", "A", "easy", "", "", "", ""),
    ]
    report = read_bank("x", workbook({"S": cells}, mend=lambda book, sheet: sheet.merge_range("A2:A3", "第一章")))
    first, second = (one.item for one in report.items)
    assert (first.topic, second.topic) == (("第一章", "预备期"), ("第一章", "党费"))
    assert (first.difficulty, second.difficulty) == (Difficulty.HARD, Difficulty.EASY)
    assert (first.level, first.tags, first.basis) == (
        Level.INTERMEDIATE,
        ("必考", "党员"),
        (Basis("《党章》", "第七条"),),
    )


def test_type_codes_are_read_as_the_header_explains_them():
    header = ("问题", "题型（0单选，1判断，2多选）", "选项A", "选项B", "答案（多选用英文逗号分隔，如：A,B）")
    report = read(
        header, ("预备期", 0, "半年", "一年", "B"), ("党费要交。", 1, "", "", "A"), ("处分", 2, "警告", "罢免", "A,B")
    )
    assert [row[0] for row in rows(report)] == [SINGLE, JUDGE, MULTIPLE]


def test_an_unknown_type_is_doubted_and_pictures_too():
    report = read(
        ("题型", "题干", "A", "B", "答案", "题目图片"),
        ("看图题", "预备期", "半年", "一年", "B", ""),
        ("单选", "党徽", "甲", "乙", "B", "https://example.org/1.png"),
    )
    assert codes(report) == [["type.unknown"], ["item.picture"]]


def test_line_ends_inside_cells():
    report = read(PLAIN, ("预备期\r\n是多久_x000D_？", "半年", "一年", "", "B"))
    assert rows(report)[0][1] == "预备期\n是多久\n？"


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
def test_csv_is_known_by_its_header(delimiter, encoding):
    lines = [("题型", "题干", "选项A", "选项B", "答案"), ("单选题", '"预备期""多久""？"', "半年", "一年", "B")]
    report = read_bank("题库.csv", "\r\n".join(map(delimiter.join, lines)).encode(encoding))
    assert report.format == "csv"
    assert rows(report) == [(SINGLE, '预备期"多久"？', ["半年", "一年"], "B")]
    assert report.items[0].place.row == 2


def test_places_are_counted_as_excel_does_below_blank_rows_and_beside_blank_columns():
    report = read(
        [], [], [None, None, "题干", "选项A", "选项B", "答案"], [None, None, "甲是什么（ ）。", "一", "二", "C"]
    )
    assert [(item.place.row, item.item.stem) for item in report.items] == [(4, "甲是什么（ ）。")]
    assert codes(report) == [["key.not_an_option"]]
