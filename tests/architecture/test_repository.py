"""What stands in the repository: nothing of one machine, nothing that is left over, nothing too long to read."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
OUTSIDE = {".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis", "var", "wheelhouse", "build"}

# A letter in brackets, so that this file does not hold what it forbids.
MACHINE = [
    re.compile(r"/[w]ork/[a-z]|/[r]oot/|/[U]sers/[A-Za-z]|/[o]pt/(?:wheels|pypi)"),
    re.compile(r"\b[p]ypi\.[a-z]|\b[p]ythonhosted\.|\b[r]egistry\.[a-z]+\.(?:org|com|cn)"),
    re.compile(r"\b(?:[t]una|[a]liyun|[h]uaweicloud|[u]stc)\.(?:[a-z]+\.)?(?:edu|com|cn)"),
]
LEFT_OVERS = re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX)\b|raise [N]otImplementedError|pragma: [n]o cover")


def list_files() -> list[Path]:
    """The tracked files; without git (a bare machine, an archive), every file that is not made by a command."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return sorted(walk())
    return [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name and (ROOT / os.fsdecode(name)).is_file()]


def walk() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in OUTSIDE and not name.endswith(".egg-info")]
        yield from (Path(folder) / name for name in names if name != ".env")


def find_lines(patterns: list[re.Pattern[str]]) -> list[str]:
    found = []
    for path in list_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:  # a picture, a document
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(lines, 1)
            if any(pattern.search(line) for pattern in patterns)
        ]
    return found


def test_no_file_knows_the_machine_or_registry_it_was_made_with() -> None:
    assert find_lines(MACHINE) == []


def test_nothing_is_left_over() -> None:
    assert find_lines([LEFT_OVERS]) == []


def test_no_source_is_longer_than_can_be_read_at_once() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in list_files()
        if path.suffix in {".py", ".js", ".css", ".html"}
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


@pytest.mark.parametrize(
    "words",
    [
        ("see /", "work/main"),
        ("cd /", "root/x"),
        ("https://py", "pi.example"),
        ("# TO", "DO later"),
        ("pragma: no", " cover"),
    ],
)
def test_the_patterns_find_what_they_forbid(words: tuple[str, str]) -> None:
    assert any(pattern.search("".join(words)) for pattern in [*MACHINE, LEFT_OVERS])
