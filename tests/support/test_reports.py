"""What is not run is said; where nothing may be left out, it fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import conftest
from tests.support import skipping
from tests.support.postgres import REPOSITORY

SKIPS = """
import pytest

def test_one():
    pytest.skip("no such tool here")

def test_two():
    pytest.skip("no such tool here")

@pytest.mark.xfail(reason="known", strict=True)
def test_three():
    assert False
"""
SKIPS_WHOLLY = "import pytest\n\npytest.skip('not this file', allow_module_level=True)\n"


def run(source: str, folder: Path, ci: str) -> tuple[int, str]:
    file = folder / "test_made.py"
    file.write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.skipping", "--rootdir", folder, file],
        cwd=REPOSITORY,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_skipped_tests_are_counted_with_their_reason(tmp_path: Path) -> None:
    code, said = run(SKIPS, tmp_path, ci="")
    assert code == 0
    assert "not run here" in said
    assert "2 × no such tool here" in said


@pytest.mark.parametrize(("source", "code"), [(SKIPS, 1), (SKIPS_WHOLLY, 2)])
def test_nothing_is_skipped_in_ci(source: str, code: int, tmp_path: Path) -> None:
    found, said = run(source, tmp_path, ci="true")
    assert found == code
    assert "nothing may be skipped where CI=true" in said


@pytest.mark.parametrize("hook", [name for name in vars(skipping) if name.startswith("pytest_")])
def test_the_suite_itself_is_held_to_it(hook: str, request: pytest.FixtureRequest) -> None:
    manager = request.config.pluginmanager
    heard = [one.function for one in getattr(manager.hook, hook).get_hookimpls() if one.plugin is conftest]
    assert heard == [getattr(skipping, hook)]
