"""The rehearsal's process, as the worker sees it: told of the drill's place alone, heard, and stopped when it must."""

import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

import msgspec
import structlog

from app.drill.rehearsal.plan import Plan
from app.drill.rehearsal.serving import own_environment
from app.drill.rules import Measured, RehearsalFailed
from app.jobs.worker import RunningJob
from app.settings import Settings

_LOG = structlog.get_logger(__name__)

_LOOK_SECONDS = 0.2
_STOP_SECONDS = 40.0
"""Longer than an instance takes to end what is under way."""
_PATIENCE_SECONDS = 2 * 60 * 60.0
_ROOT = Path(__file__).resolve().parents[3]
_MODULE = "app.drill.rehearsal"


def run_rehearsal(place: Settings, plan: Plan, job: RunningJob) -> Measured:
    """Run the rehearsal in `place` and report how far it is; returns what it measured.

    Raises RehearsalFailed with its own reason, and Interrupted where the job is to stop; the process and all that it
    started are gone in every case.
    """
    place.data_folder.mkdir(parents=True, exist_ok=True)
    told = place.data_folder / "rehearsal.log"
    with told.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - this very interpreter, with a module of ours
            [sys.executable, "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=_ROOT,
            env=own_environment(place),
        )
    try:
        return _listen(process, plan, job)
    except RehearsalFailed:
        # What it wrote goes with its place; here it stays for who must find out.
        _LOG.error("a rehearsal failed", said=told.read_text(errors="replace")[-4000:])
        raise
    finally:
        # The end of its standard input stops it, and that of theirs whatever it has started.
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listen(process: "subprocess.Popen[bytes]", plan: Plan, job: RunningJob) -> Measured:
    if process.stdin is None or process.stdout is None:
        raise RehearsalFailed(reason_zh="没有管道", reason_en="there are no pipes")
    process.stdin.write(msgspec.json.encode(plan) + b"\n")
    process.stdin.flush()
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), name="rehearsal", daemon=True).start()
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        job.check()
        try:
            line = lines.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            continue
        if not line:
            break
        said: dict[str, Any] = msgspec.json.decode(line)
        if "measured" in said:
            return msgspec.convert(said["measured"], Measured)
        if "refused" in said:
            zh, en = said["refused"]
            raise RehearsalFailed(reason_zh=zh, reason_en=en)
        job.progress(int(said["done"]) * 95 // 100, 100, zh=said["zh"], en=said["en"])
    raise RehearsalFailed(
        reason_zh="演练进程意外结束，详情见服务日志。",
        reason_en="its process ended unexpectedly; the service's log has the details.",
    )


def _read(stream: IO[bytes], lines: "queue.Queue[bytes]") -> None:
    """Hand on every line, and an empty one at the end."""
    try:
        for line in stream:
            lines.put(line)
    except ValueError:
        pass  # closed from our side
    lines.put(b"")
