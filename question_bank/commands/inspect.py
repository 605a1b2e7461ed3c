"""`question-bank inspect FILE…`: what an import would find, without importing."""

from pathlib import Path
from typing import Annotated, Any

import typer

from question_bank.commands.speech import say_json, with_progress
from question_bank.errors import UnreadableFile
from question_bank.formats import ImportReport, Place, Problem, ReadItem, read_bank
from question_bank.items import ItemType
from question_bank.kinds import kind_of

Files = Annotated[list[Path], typer.Argument(help="题库文件 / files with items", exists=True, dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，格式见 docs/question-bank.md / JSON")]

_PARTS = {
    "duplicates": "题干相同 / groups of items with one stem",
    "alike": "题干仅标点、全半角不同 / groups that only marks and width tell apart",
    "doubtful": "待确认 / doubtful",
    "refused": "未能读入 / refused",
    "lost": "未能保留 / lost",
}


def inspect(files: Files, *, as_json: AsJson = False) -> None:
    """识别格式、题型、重复与疑点 / recognise the format and name items, duplicates and doubts."""
    told = [inspect_file(path.name, path.read_bytes()) for path in with_progress(files)]
    if as_json:
        say_json({"files": told})
    else:
        for file in told:
            _say_file(file)
    if any(not file["format"] for file in told):
        raise typer.Exit(2)
    if any(file[part] for file in told for part in ("duplicates", "alike", "doubtful", "refused", "lost")):
        raise typer.Exit(1)


def inspect_file(name: str, data: bytes) -> dict[str, Any]:
    """The members that docs/question-bank.md describes; `format` is empty where the whole file was refused."""
    try:
        report = read_bank(name, data)
    except UnreadableFile as refusal:
        refused = [problem_to_json(Problem(refusal.code, refusal.zh, refusal.en))]
        return _compose(name, ImportReport(format="", encoding="", items=()), refused)
    return _compose(name, report, [problem_to_json(problem) for problem in report.refused])


def _compose(name: str, report: ImportReport, refused: list[dict[str, Any]]) -> dict[str, Any]:
    numbered = list(enumerate(report.items, start=1))
    return {
        "name": name,
        "format": report.format,
        "encoding": report.encoding,
        "items": {item_type.value: count for item_type, count in report.counts.items()},
        "topics": ["/".join(topic) for topic in report.topics],
        "duplicates": [_group_to_json(report, group) for group in report.identical],
        "alike": [_group_to_json(report, group) for group in report.duplicates if group not in report.identical],
        "doubtful": [
            {**_read_to_json(number, read), "doubts": [problem_to_json(doubt) for doubt in read.doubts]}
            for number, read in numbered
            if read.doubts
        ],
        "refused": refused,
        "lost": [problem_to_json(problem) for problem in report.lost],
    }


def _group_to_json(report: ImportReport, group: tuple[int, ...]) -> list[dict[str, Any]]:
    return [_read_to_json(at + 1, report.items[at]) for at in group]


def _read_to_json(number: int, read: ReadItem) -> dict[str, Any]:
    return {
        "number": number,
        "item_type": read.item.item_type.value,
        "stem": read.item.stem,
        "place": _place_to_json(read.place),
    }


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """The problem in both languages with its place."""
    return {"code": problem.code, "zh": problem.zh, "en": problem.en, "place": _place_to_json(problem.place)}


def _place_to_json(place: Place) -> dict[str, Any]:
    places = {
        "sheet": place.sheet,
        "row": place.row,
        "column": place.column,
        "paragraph": place.paragraph,
        "line": place.line,
        "entry": place.entry,
    }
    return {part: value for part, value in places.items() if value is not None}


def _say_file(file: dict[str, Any]) -> None:
    encoding = f"，{file['encoding']}" if file["encoding"] else ""
    typer.echo(f"{file['name']}: {file['format'] or '未能读取 / refused'}{encoding}")
    for item_type, count in file["items"].items():
        name = kind_of(ItemType(item_type)).name
        typer.echo(f"  {name.zh} / {name.en}: {count}")
    for part, words in _PARTS.items():
        if file[part]:
            typer.echo(f"  {words}: {len(file[part])}")
    for doubtful in file["doubtful"]:
        for doubt in doubtful["doubts"]:
            typer.echo(f"    #{doubtful['number']} {doubt['zh']} / {doubt['en']}")
    for problem in (*file["refused"], *file["lost"]):
        typer.echo(f"    {problem['zh']} / {problem['en']}")
