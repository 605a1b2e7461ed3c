"""Valid items of every type that exchange formats know, for hypothesis, in texts full of those formats' signs."""

import re
from dataclasses import replace

from hypothesis import strategies as st

from question_bank.content import escape
from question_bank.items import Basis, Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import Blank, FillBlankBody, Variant, split_at_blanks
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from question_bank.kinds.true_false import TRUE_FALSE_OPTIONS
from question_bank.scoring import Scoring, ScoringRule

_SIGNS = [*"党章规定A1中-=~#{}:\\<>&\"'*|$!;/%[]().é \n", "答案：", "ANSWER:", "//", "->", "]]>", "题"]
words = st.lists(st.sampled_from(_SIGNS), min_size=1, max_size=12).map("".join)
names = st.text(st.sampled_from("党员章程abc"), min_size=1, max_size=5)


def _tidy(text):
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{2,}", "\n\n", lines).strip()


texts = words.map(_tidy).filter(lambda text: text and len(split_at_blanks(text)) == 1).map(escape)
accepted = words.map(lambda text: " ".join(text.split())).filter(bool)


def _apart(least, most):
    return st.lists(texts, min_size=least, max_size=most, unique_by=lambda text: " ".join(text.split()))


def _rules(*rules):
    return st.sampled_from([None, *map(Scoring, rules)])


@st.composite
def _choices(draw, item_type):
    options = tuple(map(Option, draw(_apart(2, 5))))
    places = st.integers(0, len(options) - 1)
    several = item_type is ItemType.MULTIPLE_CHOICE
    key = frozenset(draw(st.lists(places, min_size=1, max_size=len(options) if several else 1)))
    rule = draw(_rules(*(rule for rule in ScoringRule if rule in _PLAIN_RULES))) if several else None
    return item_type, ChoiceBody(options, key), rule, ""


_PLAIN_RULES = {
    ScoringRule.ALL_OR_NOTHING,
    ScoringRule.HALF_IF_MISSED,
    ScoringRule.PROPORTIONAL_IF_NO_WRONG,
    ScoringRule.NET_CORRECT,
    ScoringRule.EACH_ANSWER,
}


@st.composite
def _blanks(draw):
    count = draw(st.integers(1, 3))
    variants = st.lists(accepted, min_size=1, max_size=2, unique=True)
    blanks = tuple(Blank(tuple(map(Variant, draw(variants)))) for _ in range(count))
    rule = draw(_rules(ScoringRule.PER_BLANK, ScoringRule.ALL_OR_NOTHING))
    return ItemType.FILL_BLANK, FillBlankBody(blanks), rule, " _____ 中" * count


@st.composite
def _pairs(draw):
    premises, choices = draw(_apart(1, 4)), draw(_apart(2, 4))
    pairs = tuple(draw(st.integers(0, len(choices) - 1)) for _ in premises)
    return (
        ItemType.MATCHING,
        MatchingBody(tuple(premises), tuple(choices), pairs),
        draw(_rules(ScoringRule.PER_PAIR, ScoringRule.NET_PAIRS)),
        "",
    )


_numbers = st.decimals(-1000, 1000, places=2)
_kinds = st.one_of(
    _choices(ItemType.SINGLE_CHOICE),
    _choices(ItemType.MULTIPLE_CHOICE),
    st.integers(0, 1).map(
        lambda right: (ItemType.TRUE_FALSE, ChoiceBody(TRUE_FALSE_OPTIONS, frozenset({right})), None, "")
    ),
    _blanks(),
    st.builds(lambda value, by: (ItemType.NUMERIC, NumericBody(value, abs(by)), None, ""), _numbers, _numbers),
    st.builds(
        lambda elements, rule: (ItemType.ORDERING, OrderingBody(tuple(elements)), rule, ""),
        _apart(2, 5),
        _rules(ScoringRule.ALL_OR_NOTHING, ScoringRule.POSITION_MATCHES),
    ),
    _pairs(),
    st.builds(
        lambda models, point: (ItemType.SHORT_ANSWER, ShortAnswerBody(tuple(models), tuple(point)), None, ""),
        st.lists(names, max_size=2),
        st.lists(st.builds(ScoringPoint, names, st.integers(1, 9), st.just(("甲", "乙"))), max_size=2),
    ),
)


@st.composite
def exchange_items(draw):
    item_type, body, rule, tail = draw(_kinds)
    return Item(
        item_type,
        draw(texts) + tail,
        body,
        explanation=draw(st.just("") | texts),
        topic=tuple(draw(st.lists(names, max_size=3))),
        difficulty=draw(st.sampled_from(Difficulty)),
        level=draw(st.sampled_from(Level)),
        basis=tuple(Basis(name, "第一条") for name in draw(st.lists(names, max_size=1))),
        tags=tuple(dict.fromkeys(draw(st.lists(names, max_size=2)))),
        scoring=rule,
    )


def as_compared(item):
    """The item with the choices of a matching in one order: no format keeps it, and no form shows it."""
    body = item.body
    if not isinstance(body, MatchingBody):
        return item
    order = sorted(range(len(body.choices)), key=lambda place: body.choices[place])
    choices = tuple(body.choices[place] for place in order)
    return replace(item, body=MatchingBody(body.premises, choices, tuple(map(order.index, body.pairs))))
