"""Reading an uploaded file: in a process of its own, within limits, before any transaction opens (P43)."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.child_reading import ReadFile, read_here, read_parts
from app.authoring.packing import ForeignPackError, Pack, follow
from app.authoring.queries import find_bank
from app.authoring.rules import FileRefused
from app.errors import AppError, FieldProblem, Unavailable
from app.jobs.child import ImportBroken, run_in_child
from app.operation import Caller, House, Operation, perform
from app.security.permissions import Capability
from question_bank.errors import UnreadableFile

_AT_ONCE = threading.BoundedSemaphore(2)
"""Each child may take hundreds of megabytes: a process of the service lets two read, the others wait their turn."""
_TURN_SECONDS = 30.0


@dataclass(frozen=True)
class UnreadFile:
    """A file that is too large to be read while a page waits."""

    name: str
    content: bytes


def read_file(
    name: str,
    content: bytes,
    *,
    seconds: float,
    memory_mb: int,
    check: Callable[[], None] = lambda: None,
    take: Callable[[Pack], None] | None = None,
) -> ReadFile:
    """Read a bank in a child process; `check` may raise to abandon it. `take` is given the items as they are read;
    without it they are in what is returned.

    Raises FileRefused, ImportTooSlow, ImportTooBig, ImportBroken, Unavailable.
    """
    position = 0

    def taken(pack: Pack) -> None:
        nonlocal position
        position = follow(pack, position)
        if take is not None:
            take(pack)

    if not _AT_ONCE.acquire(timeout=_TURN_SECONDS):
        raise Unavailable
    try:
        work: Callable[[tuple[str, bytes]], Any] = read_here if take is None else read_parts
        read: ReadFile = run_in_child(
            work,
            (name, content),
            seconds=seconds,
            memory_mb=memory_mb,
            check=check,
            take=None if take is None else taken,
        )
        for pack in read.packs:
            position = follow(pack, position)
        if read.figures["items"] != position:
            raise ImportBroken
    except ForeignPackError:
        raise ImportBroken from None
    except UnreadableFile as refusal:
        params = {"sentence_zh": refusal.zh, "sentence_en": refusal.en, "cause": refusal.code}
        raise FileRefused(FieldProblem("file", refusal.zh, refusal.en), **params) from None
    finally:
        _AT_ONCE.release()
    return read


def prepare_upload(house: House, caller: Caller, *, bank_id: int, name: str, content: bytes) -> ReadFile | UnreadFile:
    """Read an upload for a bank that the caller may import into; a refusal is audited, and nothing else is kept. A
    large file is left to the worker.

    Raises NotFound where the bank is not theirs, before the file is looked at; else as `read_file`.
    """
    access = Capability.BANK_IMPORT
    perform(house, caller, access, lambda op: find_bank(op.db, op.actor, bank_id, access), reading=True)
    settings = house.settings
    if len(content) > settings.import_job_kb * 1024:
        return UnreadFile(name, content)
    try:
        return read_file(name, content, seconds=settings.import_seconds, memory_mb=settings.import_memory_mb)
    except AppError as refusal:
        cause = str(refusal.params.get("cause", refusal.code))
        perform(house, caller, access, lambda op: _note_refusal(op, bank_id, content, cause))
        raise


def _note_refusal(op: Operation, bank_id: int, content: bytes, cause: str) -> None:
    digest = hashlib.sha256(content).hexdigest()
    after = {"bank_id": bank_id, "file_hash": digest, "cause": cause}
    record(op, AuditAction.IMPORT_REFUSE, subject=("bank", bank_id), after=after)
