"""The grades that Moodle's own tests expect, given by our rules. The file is not part of the repository."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from question_bank.choice_scoring import Choice, score_choice
from question_bank.items import Body, ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.fill_blank import Blank, FillBlankBody, Variant
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.true_false import judgement
from question_bank.kinds.written import Normalisation
from question_bank.scoring import ALL_OR_NOTHING, Scoring, ScoringRule

pytestmark = pytest.mark.real_data
PER_BLANK, PER_PAIR = Scoring(ScoringRule.PER_BLANK), Scoring(ScoringRule.PER_PAIR)


@pytest.fixture(scope="module")
def vectors(real_data: Path) -> dict[str, Any]:
    return json.loads((real_data / "grading/moodle_grading_vectors.json").read_text(encoding="utf-8"))


def share(number: float) -> Fraction:
    """Moodle writes thirds with seven digits."""
    return Fraction(str(number)).limit_denominator(1000)


def earned(item_type: ItemType, body: Body, response: Any, scoring: Scoring = ALL_OR_NOTHING) -> Fraction:
    kind = kind_of(item_type)
    layout = kind.layout(body)
    parsed = kind.parse_response(response, layout.extent)
    order = range(len(layout.shown))
    hundredths = kind.score(parsed, body=body, order=order, scoring=scoring, points_hundredths=10**6)
    return Fraction(hundredths) / 10**6


@pytest.mark.parametrize("name", ["multichoice_multi", "multichoice_multi_rounding", "multichoice_single"])
def test_chosen_options(vectors: dict[str, Any], name: str) -> None:
    answers = vectors[name]["answers"]
    weights = tuple(share(number) for number in answers.values())
    right = frozenset(at for at, weight in enumerate(weights) if weight > 0)
    scoring = Scoring(ScoringRule.OPTION_FRACTIONS, weights=weights)
    if name == "multichoice_single":
        scoring = Scoring(ScoringRule.OPTION_WEIGHTS, weights=weights, floor=Fraction(-1))
    for case in vectors[name]["cases"]:
        chosen = frozenset([*answers].index(text) for text in case.get("ticked", [case.get("choice")]))
        score = score_choice(Choice(chosen, right, len(weights)), scoring=scoring, points_hundredths=900)
        assert score == 900 * share(case["fraction"]), case


def test_true_or_false(vectors: dict[str, Any]) -> None:
    body = judgement(is_true=vectors["truefalse"]["key"])
    for case in vectors["truefalse"]["cases"]:
        assert earned(ItemType.TRUE_FALSE, body, [0 if case["answer"] else 1]) == case["fraction"]


def test_matching(vectors: dict[str, Any]) -> None:
    pairs = vectors["match"]["pairs"]
    choices = ("Mammal", "Amphibian", "Insect")
    body = MatchingBody(tuple(pairs), choices, tuple(choices.index(text) for text in pairs.values()))
    for case in vectors["match"]["cases"]:
        response = [choices.index(case["r"][premise]) if premise in case["r"] else None for premise in pairs]
        assert earned(ItemType.MATCHING, body, response, PER_PAIR) == share(case["fraction"])


def test_short_answers_and_their_wildcards(vectors: dict[str, Any]) -> None:
    variants = tuple(Variant(text, share(worth)) for text, worth in vectors["shortanswer"]["answers"])
    body = FillBlankBody((Blank(variants),), normalisation=Normalisation(wildcards=True))
    for case in vectors["shortanswer"]["cases"]:
        assert earned(ItemType.FILL_BLANK, body, [case["answer"]], PER_BLANK) == share(case["fraction"])
    for case in vectors["shortanswer_wildcards"]:
        switches = Normalisation(width=False, case=case["ignore_case"], space=False, punctuation=False, wildcards=True)
        # Moodle takes white space at the ends away before it compares.
        assert switches.matches(case["response"], case["pattern"]) is case["match"], case


def test_gaps(vectors: dict[str, Any]) -> None:
    gaps = vectors["gapselect"]["gaps"]
    body = FillBlankBody(tuple(Blank((Variant(str(at)),)) for at in range(gaps)))
    for case in vectors["gapselect"]["cases"]:
        response = [str(at) if at < case["right"] else "x" for at in range(gaps)]
        assert earned(ItemType.FILL_BLANK, body, response, PER_BLANK) == share(case["fraction"])


def test_tolerances(vectors: dict[str, Any]) -> None:
    for name, vector in vectors["numerical_tolerance"].items():
        kind = {"relative": ToleranceKind.RELATIVE, "geometric": ToleranceKind.GEOMETRIC}.get(
            name, ToleranceKind.ABSOLUTE
        )
        body = NumericBody(Decimal(str(vector["answer"])), Decimal(str(vector["tolerance"] or 0)), kind)
        for inside, expected in (("inside", 1), ("outside", 0)):
            for number in vector[inside]:
                written = re.sub("e-0?", "e-", str(number))
                assert earned(ItemType.NUMERIC, body, written) == expected, (name, number)
