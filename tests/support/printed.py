"""A paper with an item of every type, a formula, a table, a picture, and characters that fonts lack."""

import io
from decimal import Decimal

from PIL import Image

from question_bank.content import accept_picture
from question_bank.form import Entry, Form, FormSection
from question_bank.items import Item, ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import blanks_of
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.practical import ChecklistEntry, PracticalBody
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from question_bank.print import Candidate, Copy, Heading, Paper
from question_bank.scoring import Scoring, ScoringRule

T = ItemType


def a_paper() -> Paper:
    """Two copies of one form: a blank one, and one for a candidate with a rare name."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "WEBP")
    picture = accept_picture(out.getvalue())
    four = ("六个月", "三个月", "**一年**", "$2^3$")
    shown = f"见图（  ）\n![一面红旗](picture:{picture.sha256})\n$\\bad$ <b>😀</b> #eval(1)"
    sections = (
        ("单项选择题", 200, [Item(T.SINGLE_CHOICE, shown, choices(four, 0))]),
        ("多项选择题", 300, [Item(T.MULTIPLE_CHOICE, "包括（   ）。", choices(four, 0, 1, 2))]),
        ("判断题", 100, [Item(T.TRUE_FALSE, "预备党员有表决权。", choices(("正确", "错误"), 1))]),
        ("填空题", 200, [Item(T.FILL_BLANK, "为____服务", blanks_of(["人民", "人民群众"]))]),
        ("计算题", 250, [Item(T.NUMERIC, "$$\\frac{4200}{100}$$应交多少？", NumericBody(Decimal(42), unit="元"))]),
        ("排序题", 200, [Item(T.ORDERING, "排序", OrderingBody(("申请", "考察", "转正")))]),
        ("匹配题", 200, [Item(T.MATCHING, "匹配", MatchingBody(("大会", "党课"), ("每季", "每月"), (0, 1)))]),
        ("简答题", 800, [Item(T.SHORT_ANSWER, "简述\n\n| 会 | 次 |\n|---|---|\n| 甲 | 乙 |", answer("三会一课"))]),
        ("案例分析题", 500, [Item(T.CASE_ANALYSIS, "阅读材料。", a_case())]),
        ("实操题", 1000, [Item(T.PRACTICAL, "主持表决", PracticalBody((ChecklistEntry("清点人数"),)))]),
    )
    items = {f"item {at}": item for at, (_, _, (item,)) in enumerate(sections)}
    made: list[FormSection] = []
    position = 1
    for at, (title, points, (item,)) in enumerate(sections):
        parts = item.body.parts if isinstance(item.body, CaseBody) else (None,)
        entries = []
        for number, part in enumerate(parts):
            content = part or item
            extent = kind_of(content.item_type).layout(content.body).extent
            order = tuple(reversed(range(extent.shown)))
            rule = Scoring(ScoringRule.ALL_OR_NOTHING)
            place = None if part is None else number
            entries.append(
                Entry(position, f"item {at}", content.item_type, points, rule, order, extent.slots, part=place)
            )
            position += 1
        made.append(FormSection(title, tuple(entries)))
    form = Form(1, tuple(made))
    return Paper(
        Heading("某县委组织部", "党务工作者资格考试", ("初级", "90 分钟"), ("写在答题卡上。",)),
        (
            Copy(form, "A 卷", mark="第 1 份"),
            Copy(form, "B 卷", Candidate("欧阳㼆𠮷", "202611210012", "某镇", "第一考场", "12"), "第 2 份"),
        ),
        items,
        {picture.sha256: picture},
    )


def choices(texts: tuple[str, ...], *key: int) -> ChoiceBody:
    """Options, and the places of the right ones."""
    return ChoiceBody(tuple(map(Option, texts)), frozenset(key))


def answer(model: str) -> ShortAnswerBody:
    """A model answer with one scoring point."""
    return ShortAnswerBody((model,), (ScoringPoint("说出党课"),))


def a_case() -> CaseBody:
    """A stimulus with an item to choose and one to write."""
    return CaseBody(
        "某支部代填选票。",
        (
            Part(T.SINGLE_CHOICE, "是否合规？", choices(("是", "否"), 1)),
            Part(T.SHORT_ANSWER, "如何纠正？", answer("重新投票")),
        ),
    )
