"""The commands explain themselves, and say in one line what a machine lacks."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def preflight() -> ModuleType:
    spec = importlib.util.spec_from_file_location("preflight", ROOT / "tools/preflight.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def healthy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that lacks nothing; each test takes one thing away."""
    monkeypatch.setitem(sys.modules, "pip", SimpleNamespace(__version__="23.0.1"))  # Debian 12's
    monkeypatch.chdir(tmp_path)


def test_a_good_machine_hears_nothing(preflight: ModuleType) -> None:
    assert preflight.find_obstacle() == ""


def test_an_old_python_is_told_how_to_name_a_newer_one(preflight: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    assert "3.9.2" in preflight.find_obstacle()
    assert "make run PYTHON=python3.11" in preflight.find_obstacle()


def test_a_folder_that_cannot_be_written_to_is_named(
    preflight: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert str(tmp_path) in preflight.find_obstacle()


def test_a_missing_or_old_pip_comes_with_its_remedy(preflight: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["pip"], "__version__", "20.3.4")
    assert "install --upgrade pip" in preflight.find_obstacle()
    monkeypatch.setitem(sys.modules, "pip", None)  # an import of it fails
    assert "apt install python3-pip" in preflight.find_obstacle()


def test_a_full_disk_is_noticed_before_anything_is_fetched(
    preflight: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    assert "900 MB" in preflight.find_obstacle()


def test_an_obstacle_is_one_line_in_two_languages(preflight: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 6, 0, "final", 0))
    chinese, english = preflight.find_obstacle().split(" / ")
    assert re.search(r"[一-鿿]", chinese)
    assert not re.search(r"[一-鿿]", english)
    assert "\n" not in chinese + english


def test_help_lists_every_command() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"^  make ([a-z-]+)", listed, flags=re.MULTILINE))
    assert named == {"help", "run", "test", "bench", "faults", "fuzz", "lock", "wheelhouse"}


def test_both_commands_stand_in_the_environment_and_run_from_anywhere(tmp_path: Path) -> None:
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    subprocess.run(["make", "launchers", f"VENV={tmp_path}"], cwd=ROOT, check=True, capture_output=True)
    told = subprocess.run([python.parent / "question-bank", "--help"], cwd=tmp_path, capture_output=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "-m app.cli " in (python.parent / "chizheng").read_text(encoding="utf-8")
