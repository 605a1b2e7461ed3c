"""The plain row read at a glance: the same item as the general way gives, and of any other row nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats.drafts import Draft, Findings
from question_bank.formats.plain_rows import PlainRows
from question_bank.formats.report import Place, ReadItem
from question_bank.formats.settlement import settle
from question_bank.formats.tables import Held, Row, Table, read_rows

HEADER = ("题型", "题干", "选项A", "选项B", "选项C", "答案", "知识点", "难度", "等级", "依据", "标签", "解析", "分值")
NARROW = ("题干", "A", "B", "C", "正确答案", "分类")
TYPES = [
    "单选题",
    "多选题",
    "判断题",
    "单选题目",
    "填空题",
    "排序题",
    "完形填空题",
    "单选",
    "题目",
    "1",
    "",
    " 单选题 ",
]
PIECES = [
    "党的组织", "下列说法", "（　）", "( )", "（A）", "（ B ）", "____", "1、", "12.", "第3题",
    "第 12 题：", "第12345题", "第2批", "试题", " 题 目",
    "第一届", "[多选]",
    "单选题1.", "判断", "问题", "stem", "（对）", "√", "对", "错误。", "ＡＢ", "！", "*", "$x$", "|", " ",
    "\u3000", "2023年", "C", "km/h", "“引用”", "_x000D_", "\n", "\ufffc", "²", "é", "1.5", "（2018年修订）", "?", "😀",
]  # fmt: skip
KEYS = [
    "A",
    "B",
    "AB",
    "ABC",
    "A、C",
    "ac",
    "BA",
    "AA",
    "D",
    "对",
    "错",
    "√",
    "T",
    "F",
    "1",
    "0",
    "甲",
    "",
    "A B",
    "是",
]
OPTIONS = [
    "甲",
    "乙",
    "丙",
    "A.甲",
    "B、乙",
    "A、乙",
    "C 丙",
    "（A）甲",
    "true",
    "T",
    " ",
    "",
    "甲 ",
    "乙，丙",
    "乙,丙",
    "a",
    "A",
    "对",
    "错",
]
NAMES = ["", "党章", "党章/总纲", "易", "中级", "3", "《党章》第七条", "《甲》；《乙》第二条", "甲、乙 丙", "x" * 201]


class Shown(Held):
    """Rows that are offered to the glance."""

    def texts(self, cells):
        return cells


def read(header, rows, *, glance):
    held = [
        Row(Place("单选题", n), tuple(c.strip() for c in cells)) for n, cells in enumerate([header, *rows], start=1)
    ]
    raw = Shown(held) if glance else Held(held)
    if glance:
        raw.each = lambda: iter([header, *rows])
    findings = Findings()
    results = [
        settle(one) if isinstance(one, Draft) else one
        for one in read_rows(Table("单选题" if header is NARROW else "", raw), findings)
    ]
    return results, findings.lost


cells = st.tuples(
    st.sampled_from(TYPES),
    st.lists(st.sampled_from(PIECES), max_size=4).map("".join),
    st.sampled_from(OPTIONS), st.sampled_from(OPTIONS), st.sampled_from(OPTIONS),
    st.sampled_from(KEYS),
    *[st.sampled_from(NAMES)] * 6, st.sampled_from(["", "2"]),
)  # fmt: skip


@settings(max_examples=120)
@given(st.lists(cells, min_size=1, max_size=6), st.booleans())
def test_a_glance_gives_what_the_general_way_gives(rows, narrow):
    header = HEADER
    if narrow:
        header, rows = NARROW, [(row[1], *row[2:6], row[6]) for row in rows]
    assert read(header, rows, glance=True) == read(header, rows, glance=False)


PLAIN = ("单选题", "党的组织（　）。", "甲", "乙", "丙", "B", "党章", "易", "", "", "", "见党章。", "")


@pytest.mark.parametrize(
    ("row", "is_plain"),
    [
        (PLAIN, True),
        (("多选题", *PLAIN[1:5], "AC", *PLAIN[6:]), True),
        (("判断题", "党的组织。", "", "", "", "错", *PLAIN[6:]), True),
        (("判断题", "党的组织（对）", "", "", "", "错", *PLAIN[6:]), False),
        (("单选题", "党的组织（A）。", *PLAIN[2:]), False),
        (("单选题", "12、党的组织", *PLAIN[2:]), False),
        (("单选题", *PLAIN[1:5], "AC", *PLAIN[6:]), False),
        (("单选题", "甲", "乙", "乙", *PLAIN[4:]), False),
    ],
)
def test_nearly_every_row_of_a_clean_bank_is_plain(row, is_plain, monkeypatch):
    seen = []
    glance = PlainRows.read
    monkeypatch.setattr(PlainRows, "read", lambda self, *given: seen.append(glance(self, *given)) or seen[-1])
    results, _ = read(HEADER, [row], glance=True)
    assert isinstance(results[0], ReadItem)
    assert [one is not None for one in seen] == [is_plain]
