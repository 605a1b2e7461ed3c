"""Work on hostile or heavy input, in a child process with a limit on time and on memory (P43).

A file of 300 kB can ask for gigabytes and minutes; nothing that it does to its reader may slow the saves of others.
"""

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import IO, Any, TypeVar, cast

import structlog

from app.errors import Invalid
from app.jobs.child_work import Orders

_LOG = structlog.get_logger(__name__)

Given = TypeVar("Given")
Made = TypeVar("Made")

# A child imports what its function needs before the clock of its own limit starts.
_START_SECONDS = 60
_LOOK_SECONDS = 0.2
# What an interpreter or its libraries may need to start at all.
_KEPT = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME")


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
    ours, theirs = Pipe(duplex=False)
    orders = Orders(function, payload, seconds, memory_mb, in_parts=take is not None)
    child = _start(theirs)
    try:
        theirs.close()
        _tell(child, orders)
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
    pipe: Connection, child: subprocess.Popen[bytes], until: float, seconds: float, check: Callable[[], None]
) -> tuple[str, Any]:
    while not pipe.poll(_LOOK_SECONDS):
        check()
        if time.monotonic() > until:
            raise ImportTooSlow(seconds=f"{seconds:g}")
    try:
        said: tuple[str, Any] = pipe.recv()
    except (EOFError, OSError):
        # It died without a word: a crash in a library's native code, or the system's own guard against running out.
        with suppress(subprocess.TimeoutExpired):
            child.wait(1)
        return "broken", f"exit code {child.returncode}"
    return said


def _start(pipe: Connection) -> subprocess.Popen[bytes]:
    """A fresh interpreter, that loads what its orders name and nothing else: `multiprocessing` would have it load the
    whole service once more. A fork of a process with threads can hang on their locks. It collects no garbage while it
    loads: a seventh of its start (measured)."""
    load = f"import gc, sys; gc.disable(); sys.path[:] = {sys.path!r}; from app.jobs.child_work import live"
    life = f"{load}; live({pipe.fileno()})"
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-P", "-c", life], stdin=subprocess.PIPE, pass_fds=(pipe.fileno(),), env=kept
    )


def _tell(child: subprocess.Popen[bytes], orders: Orders) -> None:
    with suppress(BrokenPipeError), cast("IO[bytes]", child.stdin) as told:  # that it died is heard from its pipe
        pickle.dump(orders, told, pickle.HIGHEST_PROTOCOL)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()


def _unpack(refusal: tuple[type[Exception], tuple[Any, ...], dict[str, Any]]) -> Exception:
    # Not pickled as it is: unpickling calls __init__, and refusals are made of keywords.
    kind, args, values = refusal
    error = kind.__new__(kind, *args)
    error.__dict__.update(values)
    return error
