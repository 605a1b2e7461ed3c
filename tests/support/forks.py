"""Processes of the product, forked off one that has read it: reading it anew takes each of them seconds."""

import os
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["app.main", "app.jobs.worker", "tests.support.live_server"])


def fork(task: Callable[..., object], /, *given: Any, log: Path) -> ForkServerProcess:
    """Start a process that runs `task(*given)` (a module's own function), writes to `log` and ends with it."""
    process = _CONTEXT.Process(target=_run, args=(task, given, log))
    process.start()
    return process


def _run(task: Callable[..., object], given: tuple[Any, ...], log: Path) -> None:
    with log.open("ab") as written:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(written.fileno(), stream.fileno())
    task(*given)
