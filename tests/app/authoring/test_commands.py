"""`chizheng bank import` and `export`: the same rules, from the command line."""

import json

import pyotp
import pytest
from typer.testing import CliRunner

from app.authoring.models import BankImport
from app.authoring.rules import Involvement, ItemState, SameExporter
from app.authoring.service.exports import ExportFormat, export_bank
from app.commands.bank import group as commands
from app.errors import Forbidden
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from question_bank.item_json import item_from_json
from tests.support.author_group import Group
from tests.support.personas import make_staff


@pytest.fixture
def run(sqlite_house, monkeypatch):
    """Runs a command over the test's own database; returns exit code and what was said."""
    monkeypatch.setenv("CHIZHENG_DATABASE_URL", str(sqlite_house.database.url))
    runner = CliRunner()

    def command(*arguments):
        result = runner.invoke(commands, [str(a) for a in arguments])
        return result.exit_code, result.output, result.exception

    return command


def bank_name(group: Group) -> str:
    return f"党务题库{group.unit.id}"


def test_an_import_only_shows_unless_it_is_told_to_commit(sqlite_group, run, bank_docx, tmp_path):
    group = sqlite_group
    file = tmp_path / "题库.docx"
    file.write_bytes(bank_docx)
    arguments = ("import", file, "--bank", bank_name(group), "--as", group.author.login)
    code, said, _ = run(*arguments)
    assert code == 0
    assert "将导入 / to be imported: 120" in said
    assert "未作任何改动" in said
    with group.house.database.transaction(reading=True) as db:
        assert db.query(BankImport).count() == 0
    assert not group.items()
    code, said, _ = run(*arguments, "--commit", "--submit")
    assert (code, "已入库 120 道" in said) == (0, True)
    assert {i.state for i in group.items()} == {ItemState.SUBMITTED}
    assert {i.created_by for i in group.items()} == {group.author.account_id}


def test_an_import_keeps_to_the_scope_of_its_author(sqlite_group, run, bank_docx, tmp_path):
    file = tmp_path / "题库.docx"
    file.write_bytes(bank_docx)
    code, _, error = run(
        "import", file, "--bank", bank_name(sqlite_group), "--as", sqlite_group.reviewer.login, "--commit"
    )
    assert code == 1
    assert error.code == "object.not_found"
    assert not sqlite_group.items()


def stocked(group, bank_docx):
    from app.authoring.service import imports

    import_id = group.start(bank_docx)
    with group.acting(group.author) as op:
        imports.commit_import(op, import_id=import_id, seen=120, submit=False)


def test_an_export_takes_two_people_and_tells_whose_it_is(sqlite_group, run, bank_docx, sample, tmp_path):  # P19
    group = sqlite_group
    stocked(group, bank_docx)
    approver = make_staff(group.house, Role.EXAM_APPROVER)
    out = tmp_path / "bank.json"
    base = ("export", bank_name(group), out, "--as", group.reviewer.login, "--approved-by")

    def codes(first, second):
        return ("--code", pyotp.TOTP(first.secret).now(), "--approver-code", pyotp.TOTP(second.secret).now())

    _, first, _, second = codes(group.reviewer, approver)
    for wrong in (("--code", "000000", "--approver-code", second), ("--code", first, "--approver-code", "000000")):
        code, _, error = run(*base, approver.login, *wrong)
        assert (code, error.code) == (1, "factor.refused")
        assert not out.exists()
    code, _, error = run(*base, approver.login, *codes(group.reviewer, approver))
    assert code == 0, error
    found = json.loads(out.read_bytes())
    assert (found["exported_by"], found["approved_by"]) == (group.reviewer.account_id, approver.account_id)
    assert [item_from_json(entry["item"]).stem for entry in found["items"]] == [item.stem for item in sample]
    assert out.stat().st_mode & 0o777 == 0o600
    (act,) = group.acts("bank:export")
    assert '"items":120' in act.after
    item_id = group.items()[0].id
    assert (group.reviewer.person_id, Involvement.EXPORTED) in group.involved(item_id)


def test_nobody_approves_their_own_export_and_not_everybody_may(group, sample):
    colleague = Actor(
        ActorKind.PERSON,
        account_id=group.author.account_id,
        person_id=group.author.person_id,
        grants=(Grant(Role.EXAM_APPROVER),),
    )
    with group.acting(group.author) as op, pytest.raises(SameExporter):
        export_bank(op, bank_id=group.bank_id, approver=colleague, file_format=ExportFormat.JSON)
    reviewer = Actor(ActorKind.PERSON, account_id=1, person_id=99, grants=(Grant(Role.ITEM_REVIEWER),))
    with group.acting(group.author) as op, pytest.raises(Forbidden):
        export_bank(op, bank_id=group.bank_id, approver=reviewer, file_format=ExportFormat.JSON)
    assert not group.acts("bank:export")
