"""How an item is scored, as JSON and back."""

from question_bank.canonical import Json
from question_bank.errors import ContentError
from question_bank.record import Record
from question_bank.scoring import Scoring, ScoringRule


def scoring_to_json(scoring: Scoring) -> dict[str, Json]:
    """The rule and its set mark."""
    return {"rule": scoring.rule.value, "mark_hundredths": scoring.mark_hundredths}


def scoring_from_json(value: Json, at: str, *, refusal: type[ContentError]) -> Scoring:
    """What `scoring_to_json` wrote. Raises `refusal`, naming the place, for any other shape."""
    record = Record(value, members=frozenset({"rule", "mark_hundredths"}), at=at, refusal=refusal)
    return Scoring(record.member("rule", ScoringRule), record.integer_or_none("mark_hundredths"))
