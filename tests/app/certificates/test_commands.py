"""`chizheng certificate verify` and `rebuild`: what they say, and how they end."""

import json

import pytest
from typer.testing import CliRunner

from app.audit.export import export
from app.certificates.rules import Cause
from app.certificates.service import acts
from app.cli import cli
from app.operation import acting_as
from app.security.signing_keys import Keyring


@pytest.fixture
def issued(sqlite_world, tmp_path, monkeypatch):
    """A certificate, its credential as a file, the key set, an export; and the commands' environment."""
    world = sqlite_world
    world.add(name="林晓梅")
    certificate = world.issue()[0]
    settings = world.house.settings
    for name in ("database_url", "public_base_url"):
        monkeypatch.setenv(f"CHIZHENG_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("CHIZHENG_DATA_FOLDER", str(settings.data_folder))
    monkeypatch.setenv("CHIZHENG_ANCHOR_FOLDER", str(settings.anchor_folder))
    (tmp_path / "c.jwt").write_text(certificate.credential)
    with world.house.database.transaction(reading=True) as db:
        (tmp_path / "keys.json").write_text(json.dumps(world.house.tool(Keyring).public_jwks(db)))
    return world, certificate


def run(*args):
    found = CliRunner().invoke(cli, ["certificate", *map(str, args)])
    return found.exit_code, found.output


def write_export(world, path):
    path.write_text("".join(line + "\n" for line in export(world.house.database, {})))
    return path


# The machine's own clock is before the story's: what is valid "now" is not valid yet, and that too is told.
def test_a_credential_is_checked_against_a_key_set_without_the_service(issued, tmp_path, monkeypatch):
    _, certificate = issued
    monkeypatch.setenv("CHIZHENG_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    code, said = run("verify", tmp_path / "c.jwt", "--jwks", tmp_path / "keys.json")
    assert (code, certificate.number in said) in {(0, True), (1, False)}
    if code:
        assert "尚未生效" in said
    (tmp_path / "c.jwt").write_text(certificate.credential[:-4] + "AAAA")
    code, said = run("verify", tmp_path / "c.jwt", "--jwks", tmp_path / "keys.json")
    assert code == 1
    assert "此电子凭证无效" in said
    assert "not valid" in said


def test_files_that_cannot_be_read_are_named(issued, tmp_path):
    for path in (tmp_path / "missing.jwt", tmp_path):
        code, said = run("verify", path)
        assert code == 2
        assert str(path) in said.replace("\n", "")
    (tmp_path / "keys.json").write_text("[]")
    assert run("verify", tmp_path / "c.jwt", "--jwks", tmp_path / "keys.json")[0] == 2
    assert run("rebuild", tmp_path / "missing")[0] == 2
    assert run("rebuild", tmp_path / "keys.json")[0] == 2


def test_number_and_code_are_asked_of_the_service(issued):
    world, certificate = issued
    code, said = run("verify", certificate.number, certificate.check_code)
    assert code == 0
    assert "林晓梅" in said
    assert "有效 / valid" in said
    assert run("verify", certificate.number, "2222-2222-2222")[0] == 1
    with acting_as(world.house, "machine") as op:
        acts.suspend_at_once(op, certificate.id, Cause.BARRED)
    code, said = run("verify", certificate.number, certificate.check_code)
    assert code == 1
    assert "暂停 / suspended" in said


def test_the_valid_set_is_rebuilt_from_an_export_at_a_moment(issued, tmp_path):
    world, certificate = issued
    path = write_export(world, tmp_path / "log.jsonl")
    code, said = run("rebuild", path, "--at", "2026-11-23T09:00:00")  # local time
    assert code == 0
    assert f"{certificate.number}\tprimary\tearned\t{certificate.case_id}" in said
    assert "1" in said.splitlines()[-1]
    code, said = run("rebuild", path, "--at", "2026-11-23T08:59:59")
    assert certificate.number not in said
    lines = path.read_text().splitlines()
    issue = next(line for line in lines if "certificate:issue" in line)
    path.write_text("\n".join([*lines[:-1], issue, lines[-1]]))
    code, said = run("rebuild", path)
    assert code == 1
    assert "unsound" in said
