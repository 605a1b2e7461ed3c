"""Work on hostile or heavy input, in a child process with a limit on time and on memory (P43).

A file of 300 kB can ask for gigabytes and minutes; nothing that it does to its reader may slow the saves of others.
"""

import gc
import multiprocessing
import os
import resource
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, TypeVar

import structlog

from app.errors import AppError, Invalid
from question_bank.errors import ContentError

_LOG = structlog.get_logger(__name__)

Given = TypeVar("Given")
Made = TypeVar("Made")

# A child imports what its function needs before the clock of its own limit starts.
_START_SECONDS = 60
_LOOK_SECONDS = 0.2
_NICENESS = 10
_OPEN_FILES = 32
_COLLECTED_EVERY = 50_000


class ImportTooSlow(Invalid):
    """The work took longer than it may."""

    code = "import.too_slow"
    zh = "处理此文件超过 {seconds} 秒，已中止，未保存任何内容。请拆分文件后重试。"
    en = (
        "Processing this file took more than {seconds} seconds and was stopped; nothing was saved."
        " Please split the file."
    )


class ImportTooBig(Invalid):
    """The work needed more memory than it may."""

    code = "import.too_big"
    zh = "处理此文件所需内存超过 {memory_mb} MB，已中止，未保存任何内容。请拆分文件后重试。"
    en = (
        "Processing this file needed more than {memory_mb} MB of memory and was stopped; nothing was saved."
        " Please split the file."
    )


class ImportBroken(Invalid):
    """The work ended in a way that it should not have: its reader fell over the input."""

    code = "import.broken"
    zh = "无法处理此文件：文件可能已损坏。未保存任何内容，请用办公软件重新保存后再试。"
    en = (
        "This file could not be processed: it may be damaged. Nothing was saved; please save it anew and try once more."
    )


def run_in_child(
    function: Callable[[Given], Made],
    payload: Given,
    *,
    seconds: float,
    memory_mb: int,
    check: Callable[[], None] = lambda: None,
    take: Callable[[Any], None] | None = None,
) -> Made:
    """What `function(payload)` returns, computed in a process of its own.

    `function` is a module's own function, for the child imports it by name; payload and return value are pickled. With
    `take` it is a generator: what it yields is given to `take` as it comes, the last of it returned; the time that
    `take` needs counts as the child's.
    `seconds` is wall time, `memory_mb` what the child may take beyond what it starts with. A refusal (AppError,
    ContentError) that the function raises is raised here as it was. Else raises ImportTooSlow, ImportTooBig or
    ImportBroken. `check` is called several times a second and may raise to abandon the work (`RunningJob.check`); the
    child never outlives this call.
    """
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads can hang on their locks
    ours, theirs = context.Pipe(duplex=False)
    orders = _Orders(function, payload, seconds, memory_mb, in_parts=take is not None)
    child = context.Process(target=_work, args=(theirs, orders), daemon=True)
    try:
        child.start()
        theirs.close()
        _receive(ours, child, time.monotonic() + _START_SECONDS, seconds, check)  # the word that it is ready
        until = time.monotonic() + seconds
        outcome, value = _receive(ours, child, until, seconds, check)
        while outcome == "part" and take is not None:
            take(value)
            outcome, value = _receive(ours, child, until, seconds, check)
    finally:
        _end(child)
        ours.close()
    if outcome == "made":
        made: Made = value
        return made
    if outcome == "refused":
        raise _unpack(value)
    if outcome == "memory":
        raise ImportTooBig(memory_mb=memory_mb)
    _LOG.warning("work in a child process failed", function=function.__qualname__, traceback=value)
    raise ImportBroken


def _receive(
    pipe: Connection, child: SpawnProcess, until: float, seconds: float, check: Callable[[], None]
) -> tuple[str, Any]:
    while not pipe.poll(_LOOK_SECONDS):
        check()
        if time.monotonic() > until:
            raise ImportTooSlow(seconds=f"{seconds:g}")
    try:
        said: tuple[str, Any] = pipe.recv()
    except (EOFError, OSError):
        # It died without a word: a crash in a library's native code, or the system's own guard against running out.
        child.join(1)
        return "broken", f"exit code {child.exitcode}"
    return said


def _end(child: SpawnProcess) -> None:
    if child.pid is not None:
        child.kill()
        child.join()
        child.close()


@dataclass(frozen=True)
class _Orders:
    """What a child is told to do, and within which limits."""

    function: Callable[[Any], Any]
    payload: object
    seconds: float
    memory_mb: int
    in_parts: bool

    def carry_out(self, pipe: Connection) -> object:
        """The value of the function; where it comes in parts, all but the last are sent ahead."""
        made = self.function(self.payload)
        return _send_parts(pipe, made) if self.in_parts else made


def _work(pipe: Connection, orders: _Orders) -> None:
    """The child's whole life: limit itself, work, say what came of it.

    It stands behind the saves of others in the line for the processor, can write no file and open few, and what the
    service was told in its environment (the keys, the database) is not there for its input to find.
    """
    os.nice(_NICENESS)
    os.environ.clear()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    limit = _address_space() + orders.memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Were the parent killed, nobody would stop the child: processor time is the limit that needs no parent.
    processor = int(orders.seconds) * 2 + 5
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    # What stands is looked at no more for what could be forgotten, and the rest more seldom: the child is soon gone.
    gc.freeze()
    gc.set_threshold(_COLLECTED_EVERY)
    pipe.send(("ready", None))
    try:
        said: tuple[str, Any] = ("made", orders.carry_out(pipe))
    except MemoryError:
        said = ("memory", None)
    except (AppError, ContentError) as error:
        said = ("refused", (type(error), error.args, error.__dict__))
    except Exception:  # noqa: BLE001 - whatever the input does to its reader ends here, as one refusal
        said = ("broken", traceback.format_exc(limit=-8))
    try:
        pipe.send(said)
    except MemoryError:
        pipe.send(("memory", None))


def _send_parts(pipe: Connection, parts: Iterator[Any]) -> object:
    """Send each part but the last, which is returned."""
    last = next(parts)
    for part in parts:
        pipe.send(("part", last))
        last = part
    return last


def _unpack(refusal: tuple[type[Exception], tuple[Any, ...], dict[str, Any]]) -> Exception:
    # Not pickled as it is: unpickling calls __init__, and refusals are made of keywords.
    kind, args, values = refusal
    error = kind.__new__(kind, *args)
    error.__dict__.update(values)
    return error


def _address_space() -> int:
    """Bytes of address space that this process has taken already; libraries that are only loaded count, too."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()
