"""Processes of the product, forked off one that has read it: reading it anew takes each of them seconds."""

import os
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.support.preloaded"])


def fork(task: Callable[..., object], /, *given: Any, log: Path, out: Path | None = None) -> ForkServerProcess:
    """Start a process that runs `task(*given)` (a module's own function) and ends with it; what it writes goes to
    `log`, or its standard output to `out`."""
    process = _CONTEXT.Process(target=_run, args=(task, given, log, out or log))
    process.start()
    return process


def _run(task: Callable[..., object], given: tuple[Any, ...], log: Path, out: Path) -> None:
    for stream, path in ((sys.stdout, out), (sys.stderr, log)):
        with path.open("ab") as written:
            os.dup2(written.fileno(), stream.fileno())
    task(*given)
