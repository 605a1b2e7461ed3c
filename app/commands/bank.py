"""`chizheng bank`: read a file into a bank, give a bank out as a file of our own."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from app.accounts.queries import account_by_login, grants_of
from app.accounts.sessions import prove_factor
from app.authoring.models import BankImport
from app.authoring.queries import bank_by_name
from app.authoring.queries.staging import doubtful_entries
from app.authoring.reading import Decision, Duplicates, Fate, Outlook, read_notes
from app.authoring.service.exports import ExportFormat, export_bank
from app.authoring.service.imports import (
    choose,
    commit_import,
    decide_doubtful,
    start_import,
)
from app.authoring.service.staging import look_ahead
from app.authoring.uploads import read_file
from app.commands.house import opened
from app.errors import NotFound
from app.operation import House, Operation, acting_as
from app.security.actor import Actor, ActorKind

group = typer.Typer(help="题库 / banks", no_args_is_help=True)

_FATE_WORDS = {
    Fate.TAKEN: "将导入 / to be imported",
    Fate.OPEN: "存疑 / doubtful",
    Fate.LEFT_OUT: "不导入 / left out",
    Fate.REPEATED: "文件内重复 / repeated in the file",
    Fate.IN_BANK: "题库已有 / in the bank already",
}


@group.callback()
def _nouns() -> None:
    """题库 / banks."""


@group.command("import")
def import_file(
    *,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    bank: Annotated[str, typer.Option(help="题库名称 / the bank's name")],
    login: Annotated[str, typer.Option("--as", help="以谁的名义 / the author's login name")],
    duplicates: Annotated[
        Duplicates, typer.Option(help="重复的试题 / items with the same stem")
    ] = Duplicates.KEEP_FIRST,
    leave_doubtful: Annotated[bool, typer.Option(help="存疑的不导入 / leave doubtful items out")] = False,
    submit: Annotated[bool, typer.Option(help="入库后提交审题 / submit for review")] = False,
    commit: Annotated[bool, typer.Option(help="确认导入 / bring the items in")] = False,
) -> None:
    """读入题库文件；不加 --commit 时只预览，不保存 / read a file into a bank; without --commit only show."""
    with opened() as house:
        settings = house.settings
        read = read_file(
            file.name, file.read_bytes(), seconds=settings.import_seconds, memory_mb=settings.import_memory_mb
        )
        with acting_as(house, "bank-import", actor=_actor(house, login)) as op:
            found = start_import(op, bank_id=_bank_id(op, bank), file=read)
            choose(op, import_id=found.id, level=None, difficulty=None, duplicates=duplicates)
            if leave_doubtful:
                decide_doubtful(op, import_id=found.id, decision=Decision.LEAVE)
            ahead = look_ahead(op, found)
            _tell(op, found, ahead)
            if not commit:
                print("未作任何改动；加 --commit 确认导入 / nothing was changed; add --commit to bring them in")
                raise typer.Exit  # within the transaction: nothing of the preview is kept
            done = commit_import(op, import_id=found.id, seen=ahead.taken, submit=submit)
        print(f"已入库 {done} 道 / {done} items are in the bank")


def _tell(op: Operation, found: BankImport, ahead: Outlook) -> None:
    for fate, count in Counter(ahead.fates).items():
        print(f"{_FATE_WORDS[fate]}: {count}")
    for entry in doubtful_entries(op.db, found.id):
        print(f"  {entry.place_zh} {'；'.join(doubt.zh for doubt in entry.doubts)}")
    for note in read_notes([*found.notes["refused"], *found.notes["lost"]]):
        print(f"  {note.place_zh} {note.zh}")


@group.command("export")
def export(
    *,
    bank: Annotated[str, typer.Argument(help="题库名称 / the bank's name")],
    out: Annotated[Path, typer.Argument(dir_okay=False, help="写到哪里 / where to write it")],
    login: Annotated[str, typer.Option("--as", help="导出人 / who exports")],
    approver: Annotated[str, typer.Option("--approved-by", help="批准人，另一人 / who approves: another person")],
    file_format: Annotated[ExportFormat, typer.Option("--format", help="格式 / the format")] = ExportFormat.JSON,
    code: Annotated[str, typer.Option(prompt="导出人验证码 / code of who exports", hide_input=True)],
    approver_code: Annotated[str, typer.Option(prompt="批准人验证码 / code of who approves", hide_input=True)],
) -> None:
    """导出题库，须两人验证 / give a bank out as a file; two people prove who they are."""
    if out.exists():
        raise typer.BadParameter("文件已存在 / the file exists already", param_hint="OUT")
    with opened() as house:
        second = _actor(house, approver)
        with acting_as(house, "bank-export", actor=_actor(house, login)) as op:
            _prove(op, login, code)
            _prove(op, approver, approver_code)
            made = export_bank(op, bank_id=_bank_id(op, bank), approver=second, file_format=file_format)
            out.touch(mode=0o600, exist_ok=False)
            out.write_bytes(made.content)
    for problem in made.lost:
        print(f"  {problem.zh} / {problem.en}")
    if made.withheld:
        named = ", ".join(map(str, made.withheld))
        print(f"  秘密试题未导出 / secret items withheld: {named}")
    print(f"{out}: {made.items} 道试题 / items, SHA-256 {made.digest}")


def _prove(op: Operation, login: str, code: str) -> None:
    account = account_by_login(op.db, login)
    if account is None:
        raise NotFound
    prove_factor(op, account, code)


def _actor(house: House, login: str) -> Actor:
    """The person of that login name, with the roles of this moment."""
    with house.database.transaction(reading=True) as db:
        account = account_by_login(db, login)
        if account is None or account.disabled_at is not None:
            raise typer.BadParameter(f"没有这个账号 / there is no such account: {login}")
        grants = grants_of(db, account.id)
        return Actor(ActorKind.PERSON, account_id=account.id, person_id=account.person_id, grants=grants)


def _bank_id(op: Operation, name: str) -> int:
    found = bank_by_name(op.db, name)
    if found is None:
        raise typer.BadParameter(f"没有这个题库 / there is no such bank: {name}")
    return found.id
