import json
import os
import subprocess
import sys
from pwd import getpwuid

import pytest
import typer

from app.audit.anchor_file import AnchorFile
from app.audit.export import read_records
from app.audit.findings import Finding, Tampering, Verdict
from app.audit.models import AuditRecord
from app.audit.sealing import explain_gap, seal
from app.commands.audit import export_command, verify_command
from tests.support.audit_log import act, force


def settings(house):
    url = house.database.url.render_as_string(hide_password=False)
    return house.settings.model_copy(update={"database_url": url})


@pytest.fixture
def sealed(house):
    act(house, 3)
    seal(house)
    return house


def test_the_database_verifies_and_an_edit_makes_the_command_fail_with_the_record_named(sealed, capsys):  # P36
    verify_command(settings(sealed))
    assert "审计日志验证通过：3 条记录" in capsys.readouterr().out
    force(sealed, "UPDATE audit_record SET reason = 'x' WHERE id = 2")
    with pytest.raises(typer.Exit) as leaving:
        verify_command(settings(sealed))
    assert leaving.value.exit_code == 1
    said = capsys.readouterr().err
    assert "首条异常记录 2" in said
    assert "first bad record 2" in said


def test_an_export_verifies_without_the_database(sealed, tmp_path, capsys):
    path = tmp_path / "audit.jsonl"
    export_command(settings(sealed), output=path)
    elsewhere = settings(sealed).model_copy(update={"database_url": "sqlite:////nowhere/at/all.db"})
    folder = sealed.settings.anchor_folder
    verify_command(elsewhere, export_path=path)
    verify_command(elsewhere, export_path=path, anchors=folder)
    verify_command(elsewhere, export_path=path, anchors=folder / "anchors.jsonl", keys=folder / "keys.jsonl")
    path.write_text(path.read_text().replace('"state\\":\\"closed', '"state\\":\\"open'))
    with pytest.raises(typer.Exit) as leaving:
        verify_command(elsewhere, export_path=path)
    assert leaving.value.exit_code == 1
    assert "edit" in capsys.readouterr().err


def test_the_export_goes_to_standard_output_and_never_over_a_file(sealed, tmp_path, capsys):
    export_command(settings(sealed))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["line"] for line in lines] == ["format", "key", "leaf", "leaf", "leaf", "anchor", "end"]
    (tmp_path / "there").write_text("precious")
    with pytest.raises(typer.Exit) as leaving:
        export_command(settings(sealed), output=tmp_path / "there")
    assert leaving.value.exit_code == 2
    assert (tmp_path / "there").read_text() == "precious"


def test_an_export_is_recorded_with_who_had_it_and_how_much(sealed, tmp_path, capsys):  # P35
    export_command(settings(sealed), output=tmp_path / "first.jsonl")
    export_command(settings(sealed), output=tmp_path / "second.jsonl")
    first, second = list(read_records((tmp_path / "second.jsonl").read_text().splitlines()))[-1], records(sealed)[-1]
    me = getpwuid(os.getuid()).pw_name
    assert (first["action"], first["after"]) == ("audit:export", {"operator": me, "records": 3, "last_record": 3})
    assert json.loads(second.after) == {"operator": me, "records": 4, "last_record": first["id"]}
    verify_command(settings(sealed))
    assert capsys.readouterr().err.count("warning") == 0


def test_a_database_that_only_reads_is_exported_all_the_same(sealed, tmp_path, capsys):
    if sealed.database.dialect == "sqlite":
        full = "SELECT RAISE(ABORT, 'attempt to write a readonly database')"
        force(sealed, f"CREATE TRIGGER kept BEFORE INSERT ON audit_record BEGIN {full}; END")
    else:
        force(sealed, f'ALTER DATABASE "{sealed.database.url.database}" SET default_transaction_read_only = on')
    export_command(settings(sealed), output=tmp_path / "copy.jsonl")
    assert len((tmp_path / "copy.jsonl").read_text().splitlines()) == 7
    assert "not recorded" in capsys.readouterr().err
    assert len(records(sealed)) == 3


def records(house):
    with house.database.transaction(reading=True) as db:
        return db.query(AuditRecord).order_by(AuditRecord.id).all()


def test_missing_files_are_told_apart(sealed, tmp_path, capsys):
    with pytest.raises(typer.Exit) as leaving:
        verify_command(settings(sealed), export_path=tmp_path / "no.jsonl")
    assert leaving.value.exit_code == 2
    AnchorFile(sealed.settings.anchor_folder).anchors.unlink()
    for anchors in (None, sealed.settings.anchor_folder, sealed.settings.anchor_folder / "anchors.jsonl"):
        with pytest.raises(typer.Exit) as leaving:
            verify_command(settings(sealed), anchors=anchors)
        assert leaving.value.exit_code == 1
    assert "anchors_missing" in capsys.readouterr().err


def test_explained_gaps_are_told(sealed, capsys):
    AnchorFile(sealed.settings.anchor_folder).anchors.unlink()
    explain_gap(sealed, cause="the disk of the anchors was lost")
    verify_command(settings(sealed))
    assert "explained gap" in capsys.readouterr().out


@pytest.mark.parametrize("kind", Tampering)
def test_every_kind_has_its_sentence_in_both_languages(kind):
    verdict = Verdict(Finding(kind, record_id=5, leaf_index=4, anchor_id=3, line=2))
    assert "首条异常记录 5" in verdict.sentence("zh")
    assert "first bad record 5" in verdict.sentence("en")
    assert kind.value in verdict.sentence("zh")


def test_verification_loads_neither_a_database_nor_a_table():
    """An auditor's copy of the check needs none of the product's tables."""
    code = (
        "import sys, app.audit.verification;"
        "sys.exit(bool({'sqlalchemy', 'app.database', 'app.audit.models'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
