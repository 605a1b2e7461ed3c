"""`question-bank convert IN OUT`: a bank in another format, and what that format could not carry."""

from pathlib import Path
from typing import Annotated

import typer

from question_bank.commands.banks import load_bank
from question_bank.commands.inspect import problem_to_json
from question_bank.commands.speech import say_json
from question_bank.errors import UnreadableFile
from question_bank.formats import WRITERS, write_bank

Source = Annotated[Path, typer.Argument(help="题库文件 / a file with items", exists=True, dir_okay=False)]
Target = Annotated[Path, typer.Argument(help="写到哪里 / where to write", dir_okay=False)]
To = Annotated[str, typer.Option("--to", help=f"格式，缺省按文件名 / format, else by name: {', '.join(WRITERS)}")]

_BY_SUFFIX = {".json": "json", ".xml": "moodle-xml", ".gift": "gift", ".aiken": "aiken", ".zip": "qti30"}


def convert(source: Source, target: Target, *, to: To = "") -> None:
    """转换题库格式，逐项说明未能保留的内容 / convert, and name item by item what was lost."""
    file_format = to or _format_named(target.name)
    report, items = load_bank(source)
    written = write_bank(
        [*items.values()], file_format, pictures={picture.sha256: picture for picture in report.pictures}
    )
    target.write_bytes(written.data)
    doubtful = [number for number, read in enumerate(report.items, start=1) if read.doubts]
    say_json(
        {
            "from": report.format,
            "to": file_format,
            "read": len(items),
            "written": written.items,
            "doubtful": doubtful,
            "refused": [problem_to_json(problem) for problem in report.refused],
            "lost": [problem_to_json(problem) for problem in (*report.lost, *written.lost)],
        }
    )
    if doubtful or report.refused or report.lost or written.lost:
        raise typer.Exit(1)


def _format_named(name: str) -> str:
    """The format that a file's name asks for. Raises `UnreadableFile` where it asks for none that we write."""
    lower = name.lower()
    found = next((known for known, writer in WRITERS.items() if lower.endswith(f".{writer.suffix}")), None)
    found = found or next((known for suffix, known in _BY_SUFFIX.items() if lower.endswith(suffix)), None)
    if found is None:
        raise UnreadableFile(
            "file.unknown_target",
            zh=f"“{name}”：看不出要转换成什么格式，请用 --to 指明：{'、'.join(WRITERS)}。",
            en=f"{name}: its name tells no format; please say one with --to: {', '.join(WRITERS)}.",
        )
    return found
