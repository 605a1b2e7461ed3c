"""How an item is scored, as JSON and back."""

import re
from fractions import Fraction

from question_bank.canonical import Json
from question_bank.errors import ContentError
from question_bank.record import Record
from question_bank.scoring import Scoring, ScoringRule

_FRACTION = re.compile(r"-?[0-9]{1,12}(/[1-9][0-9]{0,11})?")


def scoring_to_json(scoring: Scoring) -> dict[str, Json]:
    """The rule and its set mark; weights and floor, as fractions in lowest terms, where the rule takes weights."""
    value: dict[str, Json] = {"rule": scoring.rule.value, "mark_hundredths": scoring.mark_hundredths}
    if scoring.rule.takes_weights:
        value |= {"weights": [str(weight) for weight in scoring.weights], "floor": str(scoring.floor)}
    return value


def scoring_from_json(value: Json, at: str, *, refusal: type[ContentError]) -> Scoring:
    """What `scoring_to_json` wrote. Raises `refusal`, naming the place, for any other shape."""
    members = {"rule", "mark_hundredths"}
    weighs = isinstance(value, dict) and "weights" in value
    record = Record(
        value, members=frozenset(members | ({"weights", "floor"} if weighs else set())), at=at, refusal=refusal
    )
    rule, mark = record.member("rule", ScoringRule), record.integer_or_none("mark_hundredths")
    if rule.takes_weights is not weighs:
        raise refusal("json.shape", zh=f"{at}：权重与规则不符。", en=f"{at}: weights do not fit the rule.")
    if not weighs:
        return Scoring(rule, mark)
    weights = record.texts("weights")
    return Scoring(
        rule,
        mark,
        tuple(fraction_from_text(text, f"{at}.weights[{n}]", refusal=refusal) for n, text in enumerate(weights)),
        fraction_from_text(record.text("floor"), f"{at}.floor", refusal=refusal),
    )


def fraction_from_text(text: str, at: str, *, refusal: type[ContentError]) -> Fraction:
    """A fraction in lowest terms, as `str` writes it ("1/3", "-1"). Raises `refusal`, naming the place."""
    fraction = Fraction(text) if _FRACTION.fullmatch(text) else None
    if fraction is None or str(fraction) != text:
        raise refusal("json.shape", zh=f"{at}：应为最简分数。", en=f"{at}: a fraction in lowest terms is expected.")
    return fraction
