"""A county begins on the command line: administrators who hold no post, then everybody from one workbook."""

import os
from datetime import date

import pytest
import xlsxwriter
from sqlalchemy import select
from typer.testing import CliRunner

from app.accounts.models import Account
from app.cli import cli
from app.commands.house import opened
from app.operation import acting_as
from app.people.identity import synthetic_id_number
from app.people.models import Person
from app.people.queries import unit_by_name

ADMIN = ("--login", "aq1", "--name", "安管", "--password", "晨光里的第一班车开往山那边")
ADMINISTRATOR, FIRST, SECOND = (synthetic_id_number("990101", date(1985, 6, 15), at) for at in (1, 2, 3))
HEADS = ("姓名", "身份证号", "单位", "政治面貌", "学历")


def run(*words):
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder with a migrated database in it, and no setting but cheap hashes."""
    for name in [name for name in os.environ if name.startswith("CHIZHENG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CHIZHENG_ARGON2_MEMORY_KIB", "8")
    monkeypatch.setenv("CHIZHENG_ARGON2_PASSES", "1")
    monkeypatch.chdir(tmp_path)
    assert run("db", "migrate").exit_code == 0
    return tmp_path


def write(name, *persons):
    with xlsxwriter.Workbook(name) as book:
        units, people = book.add_worksheet("单位"), book.add_worksheet("人员")
        for at, row in enumerate([("单位名称", "类别"), ("东风镇", "乡镇")]):
            units.write_row(at, 0, row)
        for at, row in enumerate([HEADS, *persons]):
            people.write_row(at, 0, row)


def test_a_county_begins_with_administrators_and_a_workbook(place):
    assert run("account", "create-admin", *ADMIN, "--id-number", ADMINISTRATOR).exit_code == 0
    write("坏.xlsx", ("林一", FIRST, "东风镇", "党员", "本科"), ("林二", FIRST, "西风镇", "党员", "本科"))
    bad = run("people", "import", "坏.xlsx", "--commit")
    assert bad.exit_code == 1
    assert "“人员”第 3 行：“西风镇”既不在表中" in bad.stdout
    assert "persons, row 3: Has the ID number of row 2." in bad.stdout
    write("好.xlsx", ("林一", FIRST, "东风镇", "党员", "本科"), ("林二", SECOND, "东风镇", "党员", "本科"))
    looked = run("people", "import", "好.xlsx")
    assert (looked.exit_code, "人员 2，库中已有 0" in looked.stdout, "--commit" in looked.stdout) == (0, True, True)
    entered = run("people", "import", "好.xlsx", "--commit", "--accounts")
    assert (entered.exit_code, "考生账号 2 个" in entered.stdout) == (0, True)
    with opened() as house, acting_as(house, "test") as op:
        authority = unit_by_name(op.db, house.settings.authority)
        assert authority.parent_id == unit_by_name(op.db, house.settings.county).id
        first = op.db.scalars(select(Account).where(Account.login == "aq1")).one()
        assert first.totp_cipher is None  # a phone can still be bound: nobody was shown a secret
        posts = dict(op.db.execute(select(Person.name, Person.in_post)).all())
        assert posts == {"安管": False, "林一": True, "林二": True}  # who administers takes no post of the quota
        assert op.db.scalars(select(Account.login).order_by(Account.id)).all() == ["aq1", "K000002", "K000003"]
    assert run("people", "template", "好.xlsx").exit_code == 2
