"""One sound item of every type, as an author would write it."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from question_bank.items import Item, ItemType
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import ChoiceBody
from question_bank.kinds.fill_blank import Blank, FillBlankBody, Variant, blanks_of
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody, Unit
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.practical import ChecklistEntry, PracticalBody
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from question_bank.kinds.true_false import judgement
from question_bank.scoring import Scoring, ScoringRule
from tests.support.bank import multiple, options, single, true_false

PER_BLANK, PER_PAIR = Scoring(ScoringRule.PER_BLANK), Scoring(ScoringRule.PER_PAIR)
NEIGHBOURS = Scoring(ScoringRule.ADJACENT_PAIRS)

BLANKS = Item(
    ItemType.FILL_BLANK,
    "预备期为____，表决须____方为有效。",
    FillBlankBody(
        (Blank((Variant("一年"), Variant("1年"), Variant("十二个月", Fraction(1, 2)))), Blank((Variant("A"),), share=2))
    ),
    topic=("党章",),
    scoring=PER_BLANK,
)
NUMBER = Item(
    ItemType.NUMERIC,
    "会场到支部驻地有多远？",
    NumericBody(Decimal("3.5"), Decimal("0.05"), unit="千米", units=(Unit("米", Decimal("0.001")),)),
    topic=("党章",),
)
ORDER = Item(
    ItemType.ORDERING,
    "发展党员的步骤",
    OrderingBody(("递交入党申请书", "确定为积极分子", "列为发展对象", "接收为预备党员")),
    topic=("党章",),
    scoring=NEIGHBOURS,
)
PAIRS = Item(
    ItemType.MATCHING,
    "会议与召开的频次",
    MatchingBody(
        ("支部党员大会", "支部委员会", "党课"), ("每季度一次", "每月一次", "每半年一次", "每周一次"), (0, 1, 2)
    ),
    topic=("党章",),
    scoring=PER_PAIR,
)
SHORT = Item(
    ItemType.SHORT_ANSWER,
    "简述三会一课。",
    ShortAnswerBody(
        ("支部党员大会、支部委员会、党小组会和党课。",), (ScoringPoint("三会", 3, ("大会",)), ScoringPoint("一课"))
    ),
    topic=("党章",),
)
CASE = Item(
    ItemType.CASE_ANALYSIS,
    "阅读材料，回答问题。",
    CaseBody(
        "某支部有正式党员 23 名，换届时到会 18 名。",
        (
            Part(
                ItemType.SINGLE_CHOICE,
                "到会人数是否有效？",
                ChoiceBody(options("有效", "无效"), frozenset({0})),
                share=2,
            ),
            Part(ItemType.TRUE_FALSE, "可以由支书指定委员。", judgement(is_true=False)),
            Part(ItemType.FILL_BLANK, "应到____人。", blanks_of(("23", "二十三"))),
        ),
    ),
    topic=("党章",),
)
PRACTICAL = Item(
    ItemType.PRACTICAL,
    "主持一次党员大会。",
    PracticalBody((ChecklistEntry("清点人数", 2), ChecklistEntry("宣布议程")), "模拟会议室，二十分钟。"),
    topic=("党章",),
)
EVERY = {
    item.item_type: item
    for item in (single(), multiple(), true_false(), BLANKS, NUMBER, ORDER, PAIRS, SHORT, CASE, PRACTICAL)
}

_HAPPENED = (
    "甲村支部换届，应到二十三人，实到十八人，会后补选一名委员。",
    "乙企业支部收缴党费时漏收三名流动党员，半年后才发现。",
    "丙校支部接收预备党员，讨论前没有公示，大会照常表决。",
    "丁社区组织生活会只有书记发言，记录由办事员代写。",
    "戊局机关支部把民主评议放到次年三月，结果未向本人反馈。",
    "己厂两名积极分子培养不足一年，材料日期前后不一。",
    "庚镇一名党员外出务工，连续七个月没有参加活动。",
    "辛医院支部委员调离后空缺近一年，由一人兼任三职。",
    "壬合作社成立党组织，正式党员仅有两名，请示联合建立。",
    "癸街道发展对象的政治审查缺少配偶单位的函调材料。",
)


def case_of(number: int, stem: str = "阅读下列材料，回答问题。") -> Item:
    """Cases 0 to 9: what happened differs, and the first part; the lead-in and the other parts are the same."""
    first, *others = CASE.body.parts
    asked = replace(first, stem=f"上述第 {number} 种做法是否符合规定？")
    return replace(CASE, stem=stem, body=CaseBody(_HAPPENED[number], (asked, *others)))
