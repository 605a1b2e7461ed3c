"""What guards the demo: it comes into an empty place only, and every command reads it with the same secrets."""

import os
import socket
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli import cli
from app.commands import demo
from app.commands.demo import AnchorsAlone, NotEmpty
from app.commands.house import opened, settings
from app.operation import acting_as
from app.people.models import Person
from app.people.rules import UnitKind
from app.people.service import create_unit, unmask_id_number
from app.settings import SettingsError
from tests.support.personas import make_person

RUNNER = CliRunner()


def play_briefly(house, _clock, *, now, told) -> None:
    """The first act of the story alone."""
    told(f"{now}")
    with acting_as(house, "demo") as op:
        unit = create_unit(
            op, name=house.settings.county, kind=UnitKind.COUNTY, parent=None, headcount=9, quota_posts=2
        )
        make_person(op, unit)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, no setting given, and a short story."""
    for name in [name for name in os.environ if name.startswith("CHIZHENG_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "load", play_briefly)
    return tmp_path


def test_what_load_has_encrypted_is_read_by_run_and_by_every_other_command(place):
    loaded = RUNNER.invoke(cli, ["demo", "load"])
    assert loaded.exit_code == 0, loaded.exception
    assert (place / "var/secrets/field_key").exists()
    assert settings() == demo._settings_for_run().model_copy(
        update={"worker_inside": False, "public_base_url": settings().public_base_url}
    )
    with opened() as house, acting_as(house, "test") as op:
        person = op.db.scalars(select(Person)).one()
        assert len(unmask_id_number(op, person, why="核对")) == 18
    again = RUNNER.invoke(cli, ["demo", "load"])
    assert isinstance(again.exception, NotEmpty)
    rewrapped = RUNNER.invoke(cli, ["keys", "rewrap"])
    assert rewrapped.exit_code == 0, rewrapped.output
    assert "CHIZHENG_FIELD_KEY_PREVIOUS" in rewrapped.output


def test_a_log_whose_database_is_gone_is_not_begun_anew(place, monkeypatch):
    (place / "var/anchors").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setenv("CHIZHENG_PORT", str(free.getsockname()[1]))
    answer = RUNNER.invoke(cli, ["demo", "run"])
    assert isinstance(answer.exception, AnchorsAlone)
    assert not (place / "var/chizheng.db").exists()


@pytest.mark.parametrize("command", [("serve",), ("demo", "run")])
def test_plain_http_beyond_this_machine_is_refused_unless_allowed(place, monkeypatch, command):  # P39
    monkeypatch.setenv("CHIZHENG_HOST", "0.0.0.0")
    answer = RUNNER.invoke(cli, list(command))
    assert isinstance(answer.exception, SettingsError)
    assert "CHIZHENG_ALLOW_PLAIN_HTTP" in str(answer.exception)
    assert not (place / "var/chizheng.db").exists()
