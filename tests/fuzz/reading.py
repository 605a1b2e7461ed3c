"""One file, one process: read it as an import does, within limits, and tell what came of it.

The process is a fork of this one, which has one thread and everything loaded: a spawned one would take a second to
import what it needs, for files that take milliseconds.
"""

import json
import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.authoring.packing import Pack, follow, unpack
from app.authoring.reading import Staged, read_item
from question_bank.content import plain, render
from question_bank.errors import UnreadableFile
from question_bank.formats import ImportReport, read_bank
from question_bank.item_json import item_from_json, item_to_json
from question_bank.kinds import problems_of

SECONDS = 10
MEMORY_MB = 512


@dataclass(frozen=True)
class Outcome:
    """What came of one file. `kind`: read, refused, exception, hang, memory or died; the first two are in order.

    `seconds` are of processor time, `memory_mb` what the reader took beyond what the process began with.
    """

    kind: str
    words: str = ""
    seconds: float = 0.0
    memory_mb: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Whether it is what the importer promises."""
        return self.kind in ("read", "refused")


def read_as_import(name: str, data: bytes) -> ImportReport:
    """The report, and all that a dry run asks of its items: their problems, their stored form, their looks."""
    report = read_bank(name, data)
    for one in report.items:
        problems = problems_of(one.item)
        if problems and not one.doubts:
            raise AssertionError(f"an item without doubts that its kind refuses: {problems[0].en}")
        if not problems and item_from_json(item_to_json(one.item)) != one.item:
            raise AssertionError("an item that is not the same when it was stored")
        plain(one.item.stem)
        render(one.item.stem, picture=lambda _: None)
    return report


def read_as_packs(_name: str, data: bytes) -> list[Staged]:
    """What the parent of a reading child takes of the packs in these bytes, each judged as it comes (`packing.follow`);
    refused by name where one is foreign. What is taken can be laid out whole."""
    taken: list[Staged] = []
    try:
        for pack in _PACKS.decode(data):
            follow(pack, len(taken))
            taken += unpack(pack.entries)
    except (msgspec.DecodeError, ValueError):  # ForeignPackError, and text that is not UTF-8
        raise UnreadableFile("packs.foreign", zh="不是此文件的内容。", en="Not of this file.") from None
    for one in taken:
        read_item(one.content)  # outside of what is refused: what was taken must be readable
    return taken


READERS: dict[str, Callable[[str, bytes], object]] = {"packs": read_as_packs}
"""How bytes of a format are read where they are no file of an author's."""
_PACKS = msgspec.msgpack.Decoder(list[Pack])


def read_apart(
    name: str,
    data: bytes,
    *,
    read: Callable[[str, bytes], object] = read_as_import,
    seconds: int = SECONDS,
    memory_mb: int = MEMORY_MB,
) -> Outcome:
    """What comes of reading the bytes in a process of its own with these limits."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _live(theirs, name, data, read, seconds, memory_mb)
    os.close(theirs)
    # A loaded machine may keep the child waiting: its limit is processor time, and wall time only for one that sleeps.
    said = _hear(ours, 6 * seconds)
    os.close(ours)
    if not said:
        os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    spent = used.ru_utime + used.ru_stime
    if said:
        return Outcome(**json.loads(said))
    overdue = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
    return Outcome("hang" if overdue else "died", f"status {status}", spent)


def _hear(pipe: int, seconds: float) -> bytes:
    said, until = b"", time.monotonic() + seconds
    while select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(pipe, 65_536)
        if not piece:
            return said
        said += piece
    return b""


def _live(
    pipe: int, name: str, data: bytes, read: Callable[[str, bytes], object], seconds: int, memory_mb: int
) -> None:
    """The child's whole life. Never returns."""
    try:
        before = _resident_kb()
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        limit = taken + memory_mb * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        began = time.process_time()
        kind, words = _try(name, data, read)
        spent = time.process_time() - began
        said = {"kind": kind, "words": words, "seconds": spent, "memory_mb": (_resident_kb() - before) / 1024}
        os.write(pipe, json.dumps(said).encode())
    finally:
        os._exit(0)


def _try(name: str, data: bytes, read: Callable[[str, bytes], object]) -> tuple[str, str]:
    try:
        read(name, data)
    except UnreadableFile as refusal:
        return ("refused" if refusal.zh and refusal.en else "exception"), refusal.code
    except MemoryError:
        return "memory", ""
    except BaseException:  # noqa: BLE001 - whatever a file does to its reader is what is looked for
        return "exception", traceback.format_exc(limit=-6)[-8_000:]
    return "read", ""


def _resident_kb() -> int:
    """The most that this process has had in memory so far."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
