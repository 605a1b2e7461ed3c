"""What processes ask of the kernel, as strace sees it: when bytes came in, went to the disk, and were answered.

Where power cannot be cut, this is looked at instead: between the last byte of a request and its acknowledgement stands
a sync of the database's log, waited for to its end, after something was written into it. One strace watches the service
and the database, and what stands in its record in some order happened in that order: a process is held while its line
is written. So no two clocks are compared.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.waiting import wait_for

_SYNCS = frozenset({"fsync", "fdatasync"})
_READS = frozenset({"read", "recvfrom", "recvmsg"})
_SENDS = frozenset({"write", "writev", "sendto", "sendmsg"})
_WRITES = frozenset({"write", "writev", "pwrite64", "pwritev"})
_LOG = re.compile(r"-wal$|/pg_wal/[0-9A-F]{24}$")
"""SQLite's, and a segment of PostgreSQL's."""
_ENOUGH = 96
"""Bytes of what is read or written that are recorded: a request's first line, no cookie."""

_WHOLE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|\?)")
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+|\?)")
_FILE = re.compile(r"(\d+)<(.*?)>(?:,|$)")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Call:
    """One call: by which thread, on which file, what it said or was told first, and at which lines of the record it
    began and ended."""

    thread: int
    name: str
    number: int
    file: str
    text: str
    result: int
    began: int
    ended: int


@dataclass(frozen=True)
class Acknowledged:
    """A request that was answered with success, and whether what it did was on the disk by then."""

    path: str
    synced: bool


@contextmanager
def traced(pids: Sequence[int], record: Path) -> Iterator[None]:
    """Have strace write into `record` what these processes, their threads and their children ask of the kernel. Skips
    the test where there is no strace, or where the machine lets nobody watch another process."""
    if shutil.which("strace") is None:
        pytest.skip("没有 strace / strace is not installed")
    said = record.with_name("strace.said")
    names = ",".join(sorted(_SYNCS | _READS | _SENDS | _WRITES))
    watched = [f"--attach={pid}" for pid in pids]
    with said.open("wb") as error:
        watcher = subprocess.Popen(
            ["strace", "-f", "-y", "-s", str(_ENOUGH), "-e", f"trace={names}", "-o", record, *watched],
            stdin=subprocess.DEVNULL, stdout=error, stderr=error,
        )  # fmt: skip
    try:
        # One of many may have ended meanwhile, as backends of PostgreSQL do: strace says so, and goes on.
        seen = re.compile("|".join(rf"{pid} attached|SEIZE, {pid}\)" for pid in pids))
        wait_for(lambda: watcher.poll() is not None or len(set(seen.findall(said.read_text()))) == len(set(pids)))
        if watcher.poll() is not None:
            pytest.skip(f"此处不能跟踪进程 / processes cannot be traced here: {said.read_text()}")
        yield
    finally:
        watcher.terminate()  # it lets go of the processes, which go on
        watcher.wait(20)


def read_calls(record: str) -> list[Call]:
    """The calls of a record, in the order of their ends; what was not finished is left out."""
    calls, begun = [], dict[tuple[str, str], tuple[int, str]]()
    for line, said in enumerate(record.splitlines()):
        if found := _BEGUN.match(said):
            thread, name, arguments = found.groups()
            begun[thread, name] = line, arguments
            continue
        began, before = line, ""
        if found := _RESUMED.match(said):
            began, before = begun.pop((found[1], found[2]), (line, ""))
        else:
            found = _WHOLE.match(said)
        if found is None or found[4] == "?":
            continue
        thread, name, rest, result = found.groups()
        arguments = before + rest
        file, text = _FILE.match(arguments), _TEXT.search(arguments)
        if file:
            told = text[1] if text else ""
            calls.append(Call(int(thread), name, int(file[1]), file[2], told, int(result), began, line))
    return calls


def acknowledgements(calls: Sequence[Call]) -> list[Acknowledged]:
    """Every POST that was answered with success, in order. It was synced where, after its last byte had been read and
    before the answer was begun, something was written into the database's log, and that was then synced to the end."""
    acknowledged = []
    for answer in calls:
        if answer.name not in _SENDS or not answer.text.startswith("HTTP/1.1 2"):
            continue
        line = answer.thread, answer.number
        read = [
            call for call in calls
            if (call.thread, call.number) == line and call.name in _READS and call.result > 0
            and call.ended < answer.began
        ]  # fmt: skip
        asked = next((call.text for call in reversed(read) if call.text.startswith(("POST ", "GET "))), "")
        if not asked.startswith("POST "):
            continue
        meanwhile = [
            call for call in calls
            if _LOG.search(call.file) and read[-1].ended < call.began and call.ended < answer.began
        ]  # fmt: skip
        written = min((call.ended for call in meanwhile if call.name in _WRITES), default=answer.began)
        synced = any(call.name in _SYNCS and call.result == 0 and call.began > written for call in meanwhile)
        acknowledged.append(Acknowledged(asked.split(" ")[1], synced))
    return acknowledged
