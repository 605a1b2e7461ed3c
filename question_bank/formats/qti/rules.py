"""Which named rule is the item's own response processing? Found by comparing both on responses, exactly."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, permutations, product

from question_bank.formats.qti.expressions import NotInterpreted
from question_bank.formats.qti.processing import Response
from question_bank.items import Body, ItemType
from question_bank.kinds import kind_of
from question_bank.scoring import Scoring, ScoringRule

Score = Callable[[Response], Fraction]

_FULL = 10_000
_MOST_RESPONSES = 600
_FEW = 9

CHOICE_RULES = tuple(
    Scoring(rule)
    for rule in (
        ScoringRule.ALL_OR_NOTHING,
        ScoringRule.PROPORTIONAL_IF_NO_WRONG,
        ScoringRule.HALF_IF_MISSED,
        ScoringRule.NET_CORRECT,
        ScoringRule.COVERAGE,
        ScoringRule.EACH_ANSWER,
    )
)
ORDERING_RULES = tuple(
    Scoring(rule) for rule in (ScoringRule.ALL_OR_NOTHING, ScoringRule.POSITION_MATCHES, ScoringRule.ADJACENT_PAIRS)
)
MATCHING_RULES = tuple(
    Scoring(rule) for rule in (ScoringRule.ALL_OR_NOTHING, ScoringRule.PER_PAIR, ScoringRule.NET_PAIRS)
)


def find_rule(
    item_type: ItemType,
    body: Body,
    candidates: Iterable[Scoring],
    *,
    responses: Sequence[tuple[Response, object]],
    score: Score,
    full: Fraction,
) -> Scoring | None:
    """The first candidate that gives every response the same part of the mark as `score`; None where none does.

    `responses` are pairs of one response in the item's variables and the same in ours; `full` is the score of the
    right one. Raises `NotInterpreted`.
    """
    if full <= 0:
        raise NotInterpreted("SCORE")
    wanted = [score(foreign) / full * _FULL for foreign, _ in responses]
    kind = kind_of(item_type)
    for candidate in candidates:
        if all(
            kind.score(own, body=body, order=_identity(body), scoring=candidate, points_hundredths=_FULL) == value
            for (_, own), value in zip(responses, wanted, strict=True)
        ):
            return candidate
    return None


def _identity(body: Body) -> list[int]:
    return list(range(max(len(getattr(body, name, ())) for name in ("options", "elements", "choices"))))


def choices_of(count: int, most: int, key: frozenset[int]) -> Iterator[tuple[int, ...]]:
    """Sets of chosen options, `most` at the utmost: all of them for few options, else those near the key."""
    if count <= _FEW:
        for size in range(1, min(most, count) + 1):
            yield from combinations(range(count), size)
        return
    near = {frozenset(key)} | {key ^ {one} for one in range(count)} | {frozenset({one}) for one in range(count)}
    near |= {frozenset(pair) for pair in combinations(range(min(count, 20)), 2)}
    yield from sorted(tuple(sorted(chosen)) for chosen in near if 0 < len(chosen) <= most)


def orders_of(count: int) -> Iterator[tuple[int, ...]]:
    """Orders of elements: all for up to five, else the right one and those a step away from it."""
    if count <= 5:
        yield from permutations(range(count))
        return
    right = tuple(range(count))
    yield right
    yield right[::-1]
    yield right[1:] + right[:1]
    for place in range(count - 1):
        yield (*right[:place], place + 1, place, *right[place + 2 :])


def pairings_of(premises: int, choices: int, right: Sequence[int]) -> Iterator[tuple[int | None, ...]]:
    """Choices given to premises, None for none: all where they are few, else those a step away from the right one."""
    if (choices + 1) ** premises <= _MOST_RESPONSES:
        yield from product([None, *range(choices)], repeat=premises)
        return
    yield tuple(right)
    for place in range(premises):
        yield (*right[:place], None, *right[place + 1 :])
        yield tuple(right[place] if at == place else None for at in range(premises))
        yield (*right[:place], (right[place] + 1) % choices, *right[place + 1 :])
