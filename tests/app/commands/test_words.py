"""What the commands print and refuse, called in this process."""

import pytest
from typer.testing import CliRunner

from app.cli import cli, main
from app.commands.demo import aligned
from app.commands.secrets import with_secrets
from app.errors import FieldProblem, Invalid
from app.settings import Settings

RUNNER = CliRunner()


def run(*words: str, **environ: str):
    return RUNNER.invoke(cli, list(words), env={"COLUMNS": "200", **environ})


def test_help_names_every_command_in_both_languages():
    shown = run("--help").stdout
    nouns = ("serve", "worker", "account", "audit", "backup", "bank", "certificate", "config", "db", "demo", "exam")
    for noun in (*nouns, "keys", "people"):
        assert f" {noun} " in shown
    assert "启动网站 / serve the pages and the API" in shown


@pytest.mark.parametrize(
    "words",
    [
        ("account", "create-admin"),
        ("audit", "verify"),
        ("audit", "export"),
        ("backup", "make"),
        ("backup", "restore"),
        ("bank", "import"),
        ("bank", "export"),
        ("certificate", "verify"),
        ("config", "check"),
        ("db", "migrate"),
        ("demo", "load"),
        ("demo", "run"),
        ("exam", "verify-draw"),
        ("keys", "rotate"),
        ("keys", "rewrap"),
        ("people", "import"),
        ("people", "template"),
        ("serve",),
        ("worker",),
    ],
)
def test_every_command_explains_itself_in_both_languages(words):
    answer = run(*words, "--help")
    assert answer.exit_code == 0, answer.output
    assert any("一" <= sign <= "鿿" for sign in answer.stdout)
    assert " / " in answer.stdout


def test_the_settings_in_force_are_listed_without_their_secrets():  # P40
    secret = "a-secret-of-thirty-two-characters-or-more"
    url = "postgresql://exam:hidden@db.example/exam"
    answer = run("config", "check", CHIZHENG_SECRET_KEY=secret, CHIZHENG_DATABASE_URL=url)
    assert answer.exit_code == 0, answer.output
    assert "CHIZHENG_PORT=8000" in answer.stdout
    assert secret not in answer.stdout
    assert "postgresql://exam:***@db.example/exam" in answer.stdout


def test_an_administrator_needs_a_good_password_and_an_administrators_role():
    who = ("account", "create-admin", "--login", "aq1", "--name", "安管", "--id-number", "990101198506150014")
    weak = run(*who, "--password", "1234567890")
    assert weak.exit_code == 2
    assert "too common" in weak.output
    assert run(*who, "--password", "晨光里的第一班车开往山那边", "--role", "exam_officer").exit_code == 2


def test_secrets_are_made_once_read_by_their_owner_only_and_never_over_those_given(tmp_path):  # P40
    folder = tmp_path / "secrets"
    assert with_secrets({}, folder) == {}
    first = with_secrets({}, folder, make=True)
    assert set(first) == {"CHIZHENG_SECRET_KEY_FILE", "CHIZHENG_FIELD_KEY_FILE"}
    kept = {path.name: path.read_text() for path in folder.iterdir()}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    assert with_secrets({}, folder) == with_secrets({}, folder, make=True) == first
    assert {path.name: path.read_text() for path in folder.iterdir()} == kept
    Settings.from_environ(first)
    assert with_secrets({"CHIZHENG_MODE": "production"}, folder, make=True) == {"CHIZHENG_MODE": "production"}
    given = {"CHIZHENG_SECRET_KEY": "one's own, thirty-two characters long"}
    assert "CHIZHENG_SECRET_KEY_FILE" not in with_secrets(given, tmp_path / "others", make=True)
    assert [path.name for path in (tmp_path / "others").iterdir()] == ["field_key"]


def test_columns_of_the_log_ins_stand_below_each_other_on_a_terminal():
    lines = aligned([("角色", "login"), ("system", "x"), ("考务员", "y")])
    assert lines == ["角色    login", "system  x", "考务员  y"]


def test_a_refusal_is_said_once_though_it_stands_at_a_field_too(monkeypatch, capsys):
    def refuse() -> None:
        raise Invalid(
            FieldProblem("file", Invalid.zh, Invalid.en), FieldProblem("name", "必填。", "Please fill it in.")
        )

    monkeypatch.setattr("app.cli.cli", refuse)
    monkeypatch.setattr("os.umask", lambda _mask: 0)  # the process of the tests keeps its own
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"{Invalid.zh} 必填。 / {Invalid.en} Please fill it in.\n"
