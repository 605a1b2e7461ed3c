"""`chizheng people`: a county's units, party organisations and persons, from one workbook."""

from pathlib import Path
from typing import Annotated

import typer

from app.accounts.service import invite_candidates
from app.commands.house import opened
from app.operation import acting_as
from app.people.register.book import SHEET_WORDS, RowProblem, make_book_template, read_book
from app.people.register.service import enter_book, look_at_book

group = typer.Typer(help="单位、党组织和人员 / units, party organisations and persons", no_args_is_help=True)
_MOST_TOLD = 200


@group.callback()
def _nouns() -> None:
    """单位、党组织和人员 / units, party organisations and persons."""


@group.command("template")
def write_template(
    out: Annotated[Path, typer.Argument(dir_okay=False, help="写到哪里，.xlsx / where to write it")],
) -> None:
    """写出空白导入表 / write an empty workbook to fill in."""
    if out.exists():
        raise typer.BadParameter("文件已存在 / the file exists already", param_hint="OUT")
    out.write_bytes(make_book_template())


@group.command("import")
def import_book(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    *,
    commit: Annotated[bool, typer.Option(help="确认导入 / enter them")] = False,
    accounts: Annotated[
        bool,
        typer.Option(help="为尚无账号的在岗人员建立考生账号 / a candidate's account for who is in post without one"),
    ] = False,
) -> None:
    """导入单位、党组织和人员，全有或全无；不加 --commit 只核对 / enter all or nothing; without --commit check only."""
    book = read_book(file.name, file.read_bytes())
    with opened() as house, acting_as(house, "people-import") as op:
        outlook, invited = look_at_book(op, book), 0
        if commit and not outlook.problems:
            enter_book(op, outlook)
            invited = invite_candidates(op) if accounts else 0
    for problem in outlook.problems[:_MOST_TOLD]:
        print(f"  {_place(problem)}")
    if outlook.problems:
        print(f"{len(outlook.problems)} 处问题，未导入 / {len(outlook.problems)} problems; nothing was entered")
        raise typer.Exit(1)
    units, organisations, persons = (len(rows) for rows in (outlook.units, outlook.organisations, outlook.persons))
    print(
        f"单位 {units}、党组织 {organisations}、人员 {persons}，库中已有 {outlook.known} / units {units}, "
        f"party organisations {organisations}, persons {persons}, in the register already {outlook.known}"
    )
    if outlook.phones:
        count = len(outlook.phones)
        print(f"为库中 {count} 名没有手机号的人员补上手机号 / mobile numbers for {count} who are there without one")
    if commit:
        print(f"已导入，建立考生账号 {invited} 个 / entered, with {invited} accounts of candidates")
    else:
        print("未作任何改动；加 --commit 确认导入 / nothing was changed; add --commit to enter them")


def _place(problem: RowProblem) -> str:
    zh = f"“{problem.sheet}”第 {problem.row} 行" if problem.row else f"“{problem.sheet}”"
    en = f"{SHEET_WORDS[problem.sheet]}, row {problem.row}" if problem.row else SHEET_WORDS[problem.sheet]
    return f"{zh}：{problem.zh} / {en}: {problem.en}"
