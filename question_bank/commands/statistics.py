"""`question-bank statistics RESPONSES.csv`: everything of the statistics package about one table of responses."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from question_bank.commands.speech import say_json
from question_bank.errors import InvalidMatrix
from question_bank.formats.plain_text import decode
from question_bank.statistics import MarkMatrix, analyse, analyse_choices, describe_quiz, fit, read_table

Responses = Annotated[Path, typer.Argument(help="作答数据，CSV / a table of responses", exists=True, dir_okay=False)]
Key = Annotated[str, typer.Option(help="标准答案，如 ABDC 或 A,BD,C；也可为含答案的文件 / the key, or a file with it")]

# A posterior is computed for every pattern at every node; past this the fit would take more than a minute.
_MOST_CELLS_FITTED = 2_000_000


def describe_responses(responses: Responses, *, key: Key = "") -> None:
    """试题分析、信度与项目反应理论参数，JSON / item analysis, reliability and item response theory, as JSON."""
    table = read_table(responses.read_bytes(), key=_read_key(key) or None)
    say_json(
        {
            "candidates": table.matrix.candidates,
            "items": list(table.matrix.names),
            "ignored": list(table.ignored),
            **compose_statistics(table.matrix),
        }
    )


def _read_key(given: str) -> str:
    """The key itself: as given, or what the file of that name holds. Raises `UnreadableFile` for its encoding."""
    if not os.path.isfile(given):  # noqa: PTH113 Path.is_file raises for a key longer than a name may be
        return given
    return decode(Path(given).read_bytes())[0].strip()


def compose_statistics(matrix: MarkMatrix) -> dict[str, Any]:
    """The members that docs/question-bank.md describes. A model that cannot be fitted is null, with the reason."""
    one, one_refusal = _fit(matrix, one_slope=True)
    each, each_refusal = _fit(matrix, one_slope=False)
    return {
        "classical": asdict(analyse(matrix)),
        "choices": [[asdict(count) for count in counts] for counts in analyse_choices(matrix)],
        "quiz": asdict(describe_quiz(matrix)),
        "one_slope": one,
        "slope_per_item": each,
        "not_fitted": one_refusal or each_refusal,
    }


def _fit(matrix: MarkMatrix, *, one_slope: bool) -> tuple[dict[str, Any] | None, dict[str, str] | None]:
    if matrix.marks.size > _MOST_CELLS_FITTED:
        return None, {"zh": "数据过大，未拟合模型。", "en": "The data is too large; no model was fitted."}
    try:
        return asdict(fit(matrix, one_slope=one_slope)), None
    except InvalidMatrix as refusal:
        return None, {"zh": refusal.zh, "en": refusal.en}
