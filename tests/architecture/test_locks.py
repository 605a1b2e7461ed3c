"""The locks say what is installed, by hash, and nothing about the machine that wrote them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")
PIN = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;]+)(?: ; (?P<marker>[^\\]+?))? \\\n"
    r"(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


def read_pins(lock: str) -> dict[tuple[str, str], str]:
    text = (ROOT / lock).read_text()
    return {(pin["name"], pin["marker"] or ""): pin["version"] for pin in PIN.finditer(text)}


def read_wishes(name: str) -> set[str]:
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
    wishes = [line for line in lines if line and not line.startswith(("#", "-r "))]
    return {re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", wish)[0]).lower() for wish in wishes}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text()
    for forbidden in ("://", "file:", "--index", "--extra", "--find", "--trusted", " @ ", "\n-"):
        assert forbidden not in text, forbidden


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_a_pin_with_its_hashes(lock: str) -> None:
    rest = PIN.sub("", (ROOT / lock).read_text())
    assert [line for line in rest.splitlines() if not line.startswith("#")] == []
    assert read_pins(lock)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_all_that_is_asked_for(lock: str) -> None:
    asked = read_wishes(lock.replace(".txt", ".in"))
    assert asked - {name for name, _ in read_pins(lock)} == set()


def test_the_tests_run_on_what_the_service_runs_on() -> None:
    tested = read_pins("requirements-dev.txt")
    assert {pin: tested.get(pin) for pin in read_pins("requirements.txt")} == read_pins("requirements.txt")
