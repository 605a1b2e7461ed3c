"""The items that our template shows: one of every type, small enough to be seen through at once."""

from decimal import Decimal

from question_bank.items import Body, Difficulty, Item, ItemType
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import blanks_of
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.practical import ChecklistEntry, PracticalBody
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from question_bank.kinds.true_false import judgement


def examples(*, english: bool) -> list[Item]:
    """The examples, in either language; each says of itself that it is one."""

    def say(zh: str, en: str) -> str:
        return en if english else zh

    def options(*texts: str) -> tuple[Option, ...]:
        return tuple(map(Option, texts))

    def item(
        item_type: ItemType,
        stem: str,
        body: Body,
        explanation: str = "",
        difficulty: Difficulty = Difficulty.EASY,
    ) -> Item:
        topic = (say("示例", "Examples"), say("算术", "Arithmetic"))
        return Item(item_type, say("【示例】", "[Example] ") + stem, body, explanation, topic, difficulty)

    leap_days = say("用闰日补足回归年的零头", "Leap days make up for the rest")
    return [
        item(
            ItemType.SINGLE_CHOICE,
            say("一周有几天？", "How many days has a week?"),
            ChoiceBody(options(say("五天", "five"), say("七天", "seven"), say("十天", "ten")), frozenset({1})),
            say("一周七天。", "A week has seven days."),
        ),
        item(
            ItemType.MULTIPLE_CHOICE,
            say("下列哪些是偶数？", "Which of these are even?"),
            ChoiceBody(
                options(say("二", "two"), say("三", "three"), say("四", "four"), say("六", "six")), frozenset({0, 2, 3})
            ),
            difficulty=Difficulty.MEDIUM,
        ),
        item(ItemType.TRUE_FALSE, say("闰年有 366 天。", "A leap year has 366 days."), judgement(is_true=True)),
        item(
            ItemType.FILL_BLANK,
            say("一年有____个月，一天有____小时。", "A year has ____ months, a day ____ hours."),
            blanks_of((say("十二", "twelve"), "12"), (say("二十四", "twenty-four"), "24")),
        ),
        item(
            ItemType.ORDERING,
            say("从小到大排列。", "Put in ascending order."),
            OrderingBody((say("三", "three"), say("五", "five"), say("八", "eight"))),
        ),
        item(
            ItemType.NUMERIC,
            say("每人 12.5 元，三人共多少元？", "At 12.5 yuan each, what do three pay?"),
            NumericBody(Decimal("37.5"), Decimal("0.1"), unit=say("元", "yuan")),
        ),
        item(
            ItemType.SHORT_ANSWER,
            say("为什么有闰年？", "Why are there leap years?"),
            ShortAnswerBody(
                (say("一个回归年不是整数天，需要用闰日补足。", "A year is no whole number of days."),),
                (
                    ScoringPoint(say("回归年不是整数天", "No whole number of days"), 2, (say("整数", "whole"),)),
                    ScoringPoint(leap_days),
                ),
            ),
            difficulty=Difficulty.MEDIUM,
        ),
        item(
            ItemType.MATCHING,
            say("为各数找出它的两倍。", "Find the double of each number."),
            MatchingBody(
                (say("二", "two"), say("三", "three")),
                (say("四", "four"), say("六", "six"), say("九", "nine")),
                (0, 1),
            ),
        ),
        item(
            ItemType.PRACTICAL,
            say("用算盘计算 123 加 456，并报出结果。", "Add 123 and 456 on an abacus and say the result."),
            PracticalBody(
                (
                    ChecklistEntry(say("先清盘", "Clears the abacus first"), 2),
                    ChecklistEntry(say("拨珠正确", "Moves the beads rightly"), 5),
                    ChecklistEntry(say("报出 579", "Says 579"), 3),
                ),
                say("独立操作，限时三分钟。", "Alone, within three minutes."),
            ),
        ),
        item(
            ItemType.CASE_ANALYSIS,
            say("班级分组", "A class in groups"),
            CaseBody(
                say("某班有 24 名学生，每 6 人一组。", "A class has 24 pupils, six in a group."),
                (
                    Part(
                        ItemType.SINGLE_CHOICE,
                        say("共分几组？", "How many groups are there?"),
                        ChoiceBody(options(say("三组", "three"), say("四组", "four")), frozenset({1})),
                        say("24 除以 6 得 4。", "24 divided by 6 is 4."),
                        2,
                    ),
                    Part(
                        ItemType.SHORT_ANSWER,
                        say("每 5 人一组可行吗？为什么？", "Would groups of five do? Why?"),
                        ShortAnswerBody(
                            (say("不可行，24 不是 5 的倍数。", "No: 24 is no multiple of 5."),),
                            (ScoringPoint(say("说明不能整除", "Says that it does not divide"), 3),),
                        ),
                        share=3,
                    ),
                ),
            ),
            difficulty=Difficulty.MEDIUM,
        ),
    ]
