"""Bodies of every type for hypothesis: of the right shape, whether or not anyone could respond to them."""

from decimal import Decimal

from hypothesis import strategies as st

from question_bank.items import Body, Item, ItemType
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import Blank, FillBlankBody, Variant
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody, ToleranceKind, Unit
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.practical import ChecklistEntry, PracticalBody
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from question_bank.kinds.written import Normalisation
from question_bank.scoring import Scoring, ScoringRule

texts = st.text(max_size=5)
shares = st.integers(-1, 9)
decimals = st.decimals(-(10**6), 10**6, allow_nan=False, places=3)
fractions = st.fractions(-1, 1, max_denominator=9)


def tuples(members: st.SearchStrategy, most: int = 3) -> st.SearchStrategy:
    return st.lists(members, max_size=most).map(tuple)


scorings = st.builds(Scoring, st.sampled_from([r for r in ScoringRule if not r.takes_weights])) | st.builds(
    Scoring,
    st.sampled_from([ScoringRule.OPTION_WEIGHTS, ScoringRule.OPTION_FRACTIONS]),
    weights=tuples(fractions),
    floor=fractions,
)
choice_bodies = st.builds(
    ChoiceBody, tuples(st.builds(Option, texts, pinned=st.booleans())), st.frozensets(st.integers(0, 9), max_size=3)
)
_SIMPLE = {
    ItemType.SINGLE_CHOICE: choice_bodies,
    ItemType.MULTIPLE_CHOICE: choice_bodies,
    ItemType.TRUE_FALSE: choice_bodies,
    ItemType.FILL_BLANK: st.builds(
        FillBlankBody,
        tuples(st.builds(Blank, tuples(st.builds(Variant, texts) | st.builds(Variant, texts, fractions), 2), shares)),
        st.booleans(),
        st.just(Normalisation()) | st.builds(Normalisation, *[st.booleans()] * 5),
    ),
    ItemType.NUMERIC: st.builds(
        NumericBody,
        decimals,
        decimals,
        st.sampled_from(ToleranceKind),
        texts,
        tuples(st.builds(Unit, texts, st.sampled_from([Decimal(1000), Decimal("0.50"), Decimal("-0")])), 2),
    ),
    ItemType.ORDERING: st.builds(OrderingBody, tuples(texts)),
    ItemType.MATCHING: st.builds(MatchingBody, tuples(texts), tuples(texts), tuples(st.integers(-1, 9))),
    ItemType.SHORT_ANSWER: st.builds(
        ShortAnswerBody, tuples(texts), tuples(st.builds(ScoringPoint, texts, shares, tuples(texts, 2)))
    ),
}


def _part(item_type: ItemType) -> st.SearchStrategy[Part]:
    return st.builds(Part, st.just(item_type), texts, _SIMPLE[item_type], texts, shares, st.none() | scorings)


_BODIES: dict[ItemType, st.SearchStrategy[Body]] = {
    **_SIMPLE,
    ItemType.CASE_ANALYSIS: st.builds(CaseBody, texts, tuples(st.sampled_from([*_SIMPLE]).flatmap(_part), 2)),
    ItemType.PRACTICAL: st.builds(PracticalBody, tuples(st.builds(ChecklistEntry, texts, shares)), texts),
}


def items_with(**fields: st.SearchStrategy) -> st.SearchStrategy[Item]:
    """Items of every type, each with a body of its type."""
    return st.sampled_from(ItemType).flatmap(
        lambda item_type: st.builds(Item, item_type=st.just(item_type), body=_BODIES[item_type], **fields)
    )
