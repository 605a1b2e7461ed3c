"""Hostile input in a child process: limited in seconds and memory, and never a failure of the parent (P43)."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import Invalid
from app.jobs.child import ImportBroken, ImportTooBig, ImportTooSlow, run_in_child
from question_bank.errors import ContentError, InvalidItem


class NoSuchSheet(Invalid):
    code = "import.no_sheet"
    zh = "缺少工作表 {sheet}。"
    en = "There is no sheet {sheet}."


def double(rows: list[int]) -> list[int]:
    return [row * 2 for row in rows]


def sleep(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def devour(megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


def refuse(sheet: str) -> None:
    raise NoSuchSheet(sheet=sheet)


def refuse_content(code: str) -> None:
    raise InvalidItem(code, zh="没有标准答案。", en="There is no key.")


def fall_over(_given: None) -> None:
    raise ZeroDivisionError


def crash(_given: None) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def return_a_lambda(_given: None) -> object:
    return lambda: None


def test_the_return_value_comes_back() -> None:
    assert run_in_child(double, list(range(50_000)), seconds=20, memory_mb=128) == [n * 2 for n in range(50_000)]


def look_around(path: str) -> tuple[int, int, bool]:
    try:
        Path(path).write_bytes(b"x")
        written = True
    except OSError:
        written = False
    return os.nice(0), len(os.environ), written


def test_the_child_stands_back_and_finds_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIZHENG_PROBE", "secret")
    niceness, environment, written = run_in_child(look_around, str(tmp_path / "file"), seconds=20, memory_mb=128)
    assert (niceness >= 10, environment, written) == (True, 0, False)


def test_time_is_limited_and_the_child_is_gone() -> None:
    started = time.monotonic()
    with pytest.raises(ImportTooSlow) as refused:
        run_in_child(sleep, 60.0, seconds=0.3, memory_mb=128)
    assert time.monotonic() - started < 20
    assert "0.3" in refused.value.sentence("zh")
    assert multiprocessing.active_children() == []


def test_memory_is_limited() -> None:
    assert run_in_child(devour, 50, seconds=20, memory_mb=128) == 50 * 1024 * 1024
    with pytest.raises(ImportTooBig, match="too_big") as refused:
        run_in_child(devour, 400, seconds=20, memory_mb=128)
    assert "128 MB" in refused.value.sentence("en")


def test_a_refusal_comes_back_as_it_was() -> None:
    with pytest.raises(NoSuchSheet) as refused:
        run_in_child(refuse, "试题", seconds=20, memory_mb=128)
    assert refused.value.sentence("zh") == "缺少工作表 试题。"
    with pytest.raises(ContentError) as content:
        run_in_child(refuse_content, "item.no_key", seconds=20, memory_mb=128)
    assert (content.value.code, content.value.zh) == ("item.no_key", "没有标准答案。")


@pytest.mark.parametrize("function", [fall_over, crash, return_a_lambda])
def test_a_reader_that_falls_over_its_input_is_a_refusal(function: Callable[[None], object]) -> None:
    with pytest.raises(ImportBroken) as refused:
        run_in_child(function, None, seconds=20, memory_mb=128)
    assert refused.value.status == 422


def test_the_work_can_be_abandoned() -> None:
    class Abandoned(Exception):
        pass

    def check() -> None:
        raise Abandoned

    with pytest.raises(Abandoned):
        run_in_child(sleep, 60.0, seconds=60, memory_mb=128, check=check)
