"""`question-bank optimise PARAMETERS.csv …`: the one form with the most information at an ability, and whether it is
proved that there is none better."""

import csv
import io
import re
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from question_bank.assembly.optimal import Bound, choose_best, information
from question_bank.commands.speech import say_json
from question_bank.errors import InvalidMatrix
from question_bank.formats.plain_text import decode

Parameters = Annotated[
    Path,
    typer.Argument(
        help="试题参数表，CSV：首列为题名，另有 difficulty，可有 slope / a table: names first, difficulty, maybe slope",
        exists=True,
        dir_okay=False,
    ),
]
Count = Annotated[int, typer.Option(help="题数 / how many items", min=1, max=500)]
Ability = Annotated[float, typer.Option(help="在此能力处信息量最大，如合格线 / where to measure best", min=-10, max=10)]
Sums = Annotated[list[str], typer.Option("--sum", help="某列之和，如 time=475..485 / the sum of a column")]
Numbers = Annotated[
    list[str], typer.Option("--number", help="某列为某值的题数，如 format:mc=3..6 / items with a value")
]
Apart = Annotated[str, typer.Option(help="同值的试题至多取一道的列 / a column of which each value comes once")]
Seconds = Annotated[float, typer.Option(help="最多计算几秒 / how long to look", min=1, max=3600)]

_BOUND = re.compile(r"(?P<column>[^:=]+)(?::(?P<value>[^=]+))?=(?P<least>[-\d.]*?)\.\.(?P<most>[-\d.]*)")


def optimise(
    parameters: Parameters,
    *,
    count: Count,
    ability: Ability = 0.0,
    sums: Sums = [],  # noqa: B006 - typer reads the default and never changes it
    numbers: Numbers = [],  # noqa: B006 - likewise
    apart: Apart = "",
    seconds: Seconds = 60.0,
) -> None:
    """信息量最大的一份固定试卷（整数规划），JSON / the one best form, by integer programming, as JSON."""
    told = compose_optimum(
        parameters.read_bytes(), count=count, ability=ability, bounds=[*sums, *numbers], apart=apart, seconds=seconds
    )
    say_json(told)
    if not told["proved"]:
        raise typer.Exit(1)


def compose_optimum(
    table: bytes, *, count: int, ability: float, bounds: list[str], apart: str, seconds: float
) -> dict[str, Any]:
    """The members that docs/question-bank.md describes. Raises `InvalidMatrix` for a table or a bound that cannot be
    read, naming it, and `NoOptimum`."""
    rows = list(csv.DictReader(io.StringIO(decode(table)[0])))
    if not rows or "difficulty" not in rows[0]:
        _refuse("参数表应有表头和 difficulty 列。", "The table needs a header and a column named difficulty.")
    names = [row[next(iter(rows[0]))] for row in rows]
    difficulties = _numbers(rows, "difficulty", least=-20, most=20)
    slopes = _numbers(rows, "slope", least=0.01, most=10) if "slope" in rows[0] else [1.0] * len(rows)
    worth = [information(ability, difficulty=one, slope=slope) for one, slope in zip(difficulties, slopes, strict=True)]
    asked = [_read_bound(text, rows) for text in bounds]
    groups: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        if apart and row[_column(apart, rows)]:
            groups.setdefault(row[apart], []).append(at)
    best = choose_best(
        worth,
        count=count,
        bounds=[bound for _, bound in asked],
        apart=[group for group in groups.values() if len(group) > 1],
        seconds=seconds,
    )
    return {
        "items": len(rows),
        "ability": ability,
        "chosen": [names[at] for at in best.chosen],
        "information": best.objective,
        "standard_error": best.objective**-0.5 if best.objective > 0 else None,
        "proved": best.proved,
        "bound": best.bound,
        "constraints": [
            {"constraint": text, "amount": sum(bound.amounts[at] for at in best.chosen)} for text, bound in asked
        ],
    }


def _read_bound(text: str, rows: list[dict[str, str]]) -> tuple[str, Bound]:
    found = _BOUND.fullmatch(text)
    if found is None:
        _refuse(
            f"“{text}”：应写作 列=下限..上限，或 列:值=下限..上限。",
            f"{text}: write COLUMN=LEAST..MOST or COLUMN:VALUE=LEAST..MOST.",
        )
    column, value = _column(found["column"], rows), found["value"]
    amounts = _numbers(rows, column) if value is None else [float(row[column] == value) for row in rows]
    least, most = (_number(limit, text) if limit else None for limit in (found["least"], found["most"]))
    return text, Bound(amounts, least, most)


def _column(name: str, rows: list[dict[str, str]]) -> str:
    if name not in rows[0]:
        _refuse(f"参数表没有“{name}”列。", f"The table has no column {name}.")
    return name


def _numbers(rows: list[dict[str, str]], column: str, *, least: float = -1e9, most: float = 1e9) -> list[float]:
    found = [_number(row[column], f"{column} {number}") for number, row in enumerate(rows, start=2)]
    for number, one in enumerate(found, start=2):
        if not least <= one <= most:
            _refuse(f"{column} {number}：应为 {least} 至 {most}。", f"{column} {number}: must be {least} to {most}.")
    return found


def _number(text: str | None, place: str) -> float:
    try:
        return float(text or "")
    except ValueError:
        _refuse(f"{place}：“{text}”不是数字。", f"{place}: {text!r} is no number.")


def _refuse(zh: str, en: str) -> NoReturn:
    raise InvalidMatrix("optimum.parameters", zh=zh, en=en)
