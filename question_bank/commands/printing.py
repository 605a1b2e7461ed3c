"""`question-bank print ITEMS OUT`: a paper, its answer sheet or its key, as PDF or Word."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from question_bank.assembly.sequence import form_as_it_stands
from question_bank.canonical import Json, read_json
from question_bank.commands.banks import load_bank
from question_bank.content import Picture
from question_bank.errors import InvalidForm, UnreadableFile
from question_bank.form import Form
from question_bank.form_json import form_from_json
from question_bank.formats import ImportReport
from question_bank.items import Item
from question_bank.print import (
    Copy,
    Heading,
    Paper,
    print_answer_sheets,
    print_keys,
    print_papers,
    write_answer_sheets,
    write_papers,
)

Items = Annotated[Path, typer.Argument(help="题库文件 / a file with items", exists=True, dir_okay=False)]
Target = Annotated[Path, typer.Argument(help="写到哪里，.pdf 或 .docx / where to write", dir_okay=False)]
Drawn = Annotated[
    Path | None,
    typer.Option(
        "--forms", help="assemble 的输出；缺省按文件顺序 / what assemble printed; else as the file stands", exists=True
    ),
]
Title = Annotated[str, typer.Option(help="标题 / the title")]


class Sheet(StrEnum):
    """What is printed of a form."""

    PAPER = "paper"
    ANSWER_SHEET = "answer-sheet"
    KEY = "key"


What = Annotated[Sheet, typer.Option("--what", help="试卷、答题卡或标准答案 / paper, answer sheet or key")]


def print_bank(
    items: Items, target: Target, *, forms: Drawn = None, what: What = Sheet.PAPER, title: Title = ""
) -> None:
    """打印试卷、答题卡、标准答案 / print papers, answer sheets or keys."""
    report, bank = load_bank(items)
    drawn = [form_as_it_stands(bank, title=items.stem)] if forms is None else _read_forms(read_json(forms.read_bytes()))
    target.write_bytes(_lay_out(_compose(report, bank, drawn, title=title or items.stem), target, what))


def _compose(report: ImportReport, bank: Mapping[str, Item], forms: list[Form], *, title: str) -> Paper:
    copies = tuple(Copy(form, label="A 卷" if len(forms) == 1 else f"第 {form.number} 号卷") for form in forms)
    pictures: dict[str, Picture] = {picture.sha256: picture for picture in report.pictures}
    return Paper(Heading(authority="", title=title), copies, bank, pictures)


def _lay_out(paper: Paper, target: Path, what: Sheet) -> bytes:
    suffix = target.suffix.lower()
    if suffix not in {".pdf", ".docx"}:
        raise UnreadableFile(
            "file.unknown_print",
            zh=f"“{target.name}”：文件名请以 .pdf 或 .docx 结尾。",
            en=f"{target.name}: the name must end in .pdf or .docx.",
        )
    if suffix == ".docx":
        if what is Sheet.ANSWER_SHEET:
            return write_answer_sheets(paper)
        return write_papers(paper, with_key=what is Sheet.KEY)
    return {Sheet.PAPER: print_papers, Sheet.ANSWER_SHEET: print_answer_sheets, Sheet.KEY: print_keys}[what](paper)


def _read_forms(told: Json) -> list[Form]:
    """The forms in what `assemble` printed. Raises `InvalidForm`."""
    forms = told.get("forms") if isinstance(told, dict) else None
    if not isinstance(forms, list) or not forms:
        raise InvalidForm(
            "form.none",
            zh="文件中没有试卷，请给出 assemble 的输出。",
            en="The file holds no forms; give what assemble printed.",
        )
    return [form_from_json(form) for form in forms]
