"""`question-bank score ITEMS RESPONSES`: points of candidates, exact, by the rule of each item."""

from pathlib import Path
from typing import Annotated, Any

import typer

from question_bank.assembly.sequence import form_as_it_stands
from question_bank.canonical import Json, read_json
from question_bank.commands.banks import load_bank
from question_bank.commands.speech import say_json, with_progress
from question_bank.errors import InvalidResponse
from question_bank.form import Form, score_form
from question_bank.form_json import form_from_json
from question_bank.items import Item
from question_bank.record import Record
from question_bank.scoring import points_text

Items = Annotated[Path, typer.Argument(help="题库文件 / a file with items", exists=True, dir_okay=False)]
Given = Annotated[Path, typer.Argument(help="作答，JSON / responses", exists=True, dir_okay=False)]
OnForm = Annotated[
    Path | None,
    typer.Option(
        help="试卷，JSON；缺省为全部试题各一分 / a form; else every item for a point", exists=True, dir_okay=False
    ),
]


def score(items: Items, responses: Given, *, form: OnForm = None) -> None:
    """按规则逐题评分，精确到分 / score responses by rule, exactly, as JSON."""
    bank = load_bank(items)[1]
    used = form_as_it_stands(bank, title=items.stem) if form is None else form_from_json(read_json(form.read_bytes()))
    told = score_candidates(bank, used, read_json(responses.read_bytes()))
    say_json(told)
    if any(candidate["refused"] for candidate in told["candidates"]):
        raise typer.Exit(1)


def score_candidates(items: dict[str, Item], form: Form, given: Json) -> dict[str, Any]:
    """The members that docs/question-bank.md describes. Raises `InvalidResponse` where the file has another shape.

    A candidate one of whose responses cannot be one of this form is told so, with the reason, and gets no points.
    """
    record = Record(given, members=frozenset({"candidates"}), at="responses", refusal=InvalidResponse)
    candidates = record.each("candidates", _read_candidate)
    return {
        "maximum": points_text(form.maximum_hundredths),
        "candidates": [_score_one(items, form, *candidate) for candidate in with_progress(candidates)],
    }


def _score_one(items: dict[str, Item], form: Form, name: str, responses: dict[int, Any]) -> dict[str, Any]:
    try:
        found = score_form(form, items, responses)
    except InvalidResponse as refusal:
        refused = {"code": refusal.code, "zh": refusal.zh, "en": refusal.en}
        return {"candidate": name, "points": [], "total": None, "to_mark": [], "refused": refused}
    return {
        "candidate": name,
        "points": [None if points is None else points_text(points) for points in found.points],
        "total": points_text(found.total),
        "to_mark": [position for position, points in enumerate(found.points, start=1) if points is None],
        "refused": None,
    }


def _read_candidate(value: Json, at: str) -> tuple[str, dict[int, Any]]:
    record = Record(value, members=frozenset({"candidate", "responses"}), at=at, refusal=InvalidResponse)
    given = value["responses"] if isinstance(value, dict) else None
    if not isinstance(given, dict) or not all(position.isdecimal() and len(position) < 6 for position in given):
        raise InvalidResponse(
            "response.shape",
            zh=f'{at}.responses：应以题号为键，如 {{"1": [0]}}。',
            en=f'{at}.responses: an object keyed by position is needed, such as {{"1": [0]}}.',
        )
    return record.text("candidate"), {int(position): response for position, response in given.items()}
