"""The commands as processes, from an empty folder to a restored backup, and what they say when they cannot.

Each is a process of its own, in its own folder and environment. Two are new interpreters, as a shell starts them; to
read the program takes each of those some seconds, so that the others are forked off a process that has read it.
"""

import os
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.people.identity import synthetic_id_number
from tests.support.forks import fork
from tests.support.obeying import obey

ROOT = Path(__file__).resolve().parents[3]
NUMBER = synthetic_id_number("990101", date(1985, 6, 15), 7)
PASSWORD = "晨光里的第一班车开往山那边"
PATIENCE_SECONDS = 240
ADMIN = ("account", "create-admin", "--login", "aq1", "--name", "安管", "--id-number", NUMBER)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment whose data lie below `folder`."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("CHIZHENG_")}
    return found | {
        "PYTHONPATH": str(ROOT),
        "CHIZHENG_DATABASE_URL": f"sqlite:///{folder}/chizheng.db",
        "CHIZHENG_DATA_FOLDER": str(folder / "data"),
        "CHIZHENG_ANCHOR_FOLDER": str(folder / "anchors"),
        "CHIZHENG_ARGON2_MEMORY_KIB": "8",
        "CHIZHENG_ARGON2_PASSES": "1",
        "COLUMNS": "200",
        **more,
    }


def chizheng(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command in `folder`."""
    with TemporaryDirectory() as heard:
        out, err = Path(heard) / "out", Path(heard) / "err"
        process = fork(obey, words, folder, environment(folder, **more), log=err, out=out)
        process.join(PATIENCE_SECONDS)
        code = process.exitcode
        process.kill()
        process.join()
        process.close()
        assert code is not None, f"{words} did not end: {err.read_text()}"
        return subprocess.CompletedProcess(words, code, out.read_text(), err.read_text())


def chizheng_anew(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command in `folder`, in a new interpreter."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        cwd=folder,
        env=environment(folder, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def refused(answer: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refusal."""
    assert answer.returncode == 2, answer.stdout + answer.stderr
    lines = answer.stderr.strip().splitlines()
    assert len(lines) == 1, answer.stderr
    return lines[0]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def done(answer: subprocess.CompletedProcess[str]) -> str:
    """What a command that succeeded has printed."""
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_from_an_empty_folder_to_a_restored_backup(tmp_path):
    first, kept, fresh = tmp_path / "first", tmp_path / "kept", tmp_path / "fresh"
    first.mkdir()
    fresh.mkdir()
    assert "chizheng db migrate" in refused(chizheng(first, "keys", "rotate"))
    assert "已是最新" in done(chizheng_anew(first, "db", "migrate"))
    assert done(chizheng(first, "keys", "rotate", "--purpose", "anchor")).startswith("anchor: ")
    made = done(chizheng(first, *ADMIN, CHIZHENG_ADMIN_PASSWORD=PASSWORD))
    assert sum(line.startswith("  ") and "-" in line for line in made.splitlines()) == 10
    done(chizheng(first, "backup", "make", str(kept)))
    assert [path for folder in (first, kept) for path in folder.rglob("*") if path.stat().st_mode & 0o077] == []  # P46
    backup = str(next(kept.iterdir()))
    assert "不为空" in refused(chizheng(first, "backup", "restore", backup))
    done(chizheng(fresh, "backup", "restore", backup, "--cause", "演练"))
    done(chizheng(fresh, "audit", "verify"))
    assert "已在库中" in refused(chizheng(fresh, *ADMIN, CHIZHENG_ADMIN_PASSWORD=PASSWORD))


def test_a_port_that_is_taken_is_told_before_anything_is_begun(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refused(chizheng(tmp_path, "demo", "run", CHIZHENG_PORT=port))
    assert f"127.0.0.1:{port}" in line
    assert "CHIZHENG_PORT=" in line
    assert not (tmp_path / "chizheng.db").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "var").write_text("a file where the folder should be")
    assert "var" in refused(chizheng(tmp_path, "demo", "run", CHIZHENG_PORT=str(free_port())))


def test_a_database_that_cannot_be_reached_is_told_in_one_line_without_its_password(tmp_path):
    url = f"postgresql://exam:secret-word@127.0.0.1:{free_port()}/exam"
    line = refused(chizheng(tmp_path, "db", "migrate", CHIZHENG_DATABASE_URL=url))
    assert "CHIZHENG_DATABASE_URL" in line
    assert "secret-word" not in line


@pytest.mark.parametrize(("run", "name"), [(chizheng_anew, "CHIZHENG_PORT"), (chizheng, "CHIZHENG_PROT")])
def test_a_setting_that_is_wrong_is_named_in_one_line(tmp_path, run, name):
    assert refused(run(tmp_path, "config", "check", **{name: "high"})).startswith(name)
