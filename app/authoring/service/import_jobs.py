"""Long imports: the worker reads a large file and brings in what it holds; the page shows how far it is.

Nothing of a job stays when it is cancelled. It writes in short transactions, so that others may write between them,
and what it has written is seen by nobody before the last of them.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.queries import grants_of, person_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.child_reading import ReadFile
from app.authoring.models import BankImport
from app.authoring.packing import PACKED_AT_ONCE, Pack, unpack
from app.authoring.queries import find_bank
from app.authoring.queries.imports import find_import, import_by_id
from app.authoring.rules import CommitRefused, ImportAction, ImportState, NotOwnImport, move_import
from app.authoring.searching import pack_spelt, spell
from app.authoring.service.commits import FILLED, Commit, enter_span, read_span, settle_commit, weigh_commit, withdraw
from app.authoring.service.entering import account_of
from app.authoring.service.imports import own_import
from app.authoring.service.near import compare_few
from app.authoring.service.pictures import keep_pictures
from app.authoring.service.staging import (
    Weighing,
    forget_entries,
    forget_settled,
    keep_pack,
    keep_weighing,
    weigh_entries,
)
from app.authoring.service.turns import Turns
from app.authoring.uploads import UnreadFile, read_file
from app.errors import AppError, Conflict, Invalid
from app.jobs import queue
from app.jobs.worker import RunningJob
from app.operation import House, Operation, acting_as
from app.security.actor import Actor, ActorKind
from app.security.permissions import Capability

READ_JOB = "read_bank_file"
COMMIT_JOB = "commit_import"
LARGE_COMMIT = 2_000
"""From so many items on, a commit is a job."""
_ATTEMPTS = 3
_READ_AT_ONCE = 4 * PACKED_AT_ONCE
"""So many are read to be entered, pack by pack."""


def wait_to_read(op: Operation, *, bank_id: int, file: UnreadFile) -> BankImport:
    """Keep a large file for the worker to read, in the uploader's name. Raises NotFound."""
    find_bank(op.db, op.actor, bank_id, Capability.BANK_IMPORT)
    found = BankImport(
        bank_id=bank_id,
        state=ImportState.READING,
        file_name=file.name,
        file_hash=hashlib.sha256(file.content).hexdigest(),
        format="",
        read=file.content,
        figures={"items": 0, "doubtful": 0, "refused": 0, "lost": 0},
        uploaded_by=account_of(op),
        uploaded_at=op.now,
    )
    op.db.add(found)
    op.db.flush()
    found.job_id = _ask(op, READ_JOB, {"import_id": found.id})
    op.db.flush()
    after = {"bank_id": bank_id, "file_hash": found.file_hash, "bytes": len(file.content), "job_id": found.job_id}
    record(op, AuditAction.IMPORT_PREPARE, subject=("import", found.id), after=after)
    return found


def wait_to_commit(op: Operation, *, import_id: int, seen: int, submit: bool) -> int:
    """Have the worker do what `commit_import` does; returns the job's id. Raises as `own_import` does."""
    found = own_import(op, import_id, ImportAction.COMMIT)
    found.job_id = _ask(op, COMMIT_JOB, {"import_id": import_id, "seen": seen, "submit": submit})
    op.db.flush()
    return found.job_id


def cancel_job(op: Operation, *, import_id: int) -> None:
    """Stop the job that is at an import: a file that was being read is put aside, a commit leaves nothing.

    Raises NotFound, NotOwnImport, JobOver where it has ended already.
    """
    found = find_import(op.db, op.actor, import_id, lock=True)
    if found.uploaded_by != account_of(op):
        raise NotOwnImport
    queue.cancel(op.db, found.job_id or 0, now=op.now)
    if found.state is ImportState.READING:
        found.state = move_import(found.state, ImportAction.DISCARD)
        found.settled_at, found.read = op.now, b""
        op.db.flush()
    after = {"job_id": found.job_id, "state": found.state}
    record(op, AuditAction.IMPORT_CANCEL, subject=("import", import_id), after=after)


def job_of(db: Session, found: BankImport) -> queue.JobView | None:
    """The last job that was at an import."""
    return None if found.job_id is None else queue.find(db, found.job_id)


def make_reader(house: House) -> Callable[[RunningJob], None]:
    """The handler of the job that reads a file: what is read is kept as it comes, and shown when all of it is there."""

    def handle(job: RunningJob) -> None:
        import_id = int(job.payload["import_id"])
        with house.database.transaction(reading=True) as db:
            found = import_by_id(db, import_id)
            name, content, state = found.file_name, found.read, found.state
            actor = actor_of(db, found.uploaded_by)
        if state is not ImportState.READING:
            return
        job.progress(0, 0, zh="正在读取文件", en="reading the file")
        settings = house.settings
        kept = _Kept(house, job, import_id)
        try:
            read = read_file(
                name,
                content,
                seconds=settings.import_job_seconds,
                memory_mb=settings.import_memory_mb,
                check=job.check,
                take=kept.take,
            )
        except Invalid as refusal:
            kept.forget()
            with acting_as(house, "import", actor=actor) as op:
                _refuse(op, import_id, refusal)
            raise
        with house.database.transaction(reading=True) as db:
            weighing = weigh_entries(db, import_by_id(db, import_id))
        with acting_as(house, "import", actor=actor) as op:
            _keep(op, import_id, read, weighing)
            job.finish(op.db, {"items": read.figures["items"]})

    return handle


class _Kept:
    """What has been read of a file so far, kept a little in each transaction."""

    def __init__(self, house: House, job: RunningJob, import_id: int) -> None:
        self._house = house
        self._job = job
        self._import_id = import_id
        self._done = 0
        self.forget()  # what an attempt before this one left

    def take(self, pack: Pack) -> None:
        """Keep some more, spelt: the reader reads on meanwhile, on another core."""
        spelt = pack_spelt([spell(one.stem_fold) for one in unpack(pack.entries)])
        with self._house.database.transaction() as db:
            keep_pack(db, self._import_id, pack, spelt=spelt)
        self._done += pack.count
        zh, en = f"已读出 {self._done} 道试题", f"{self._done} items have been read"
        self._job.progress(self._done, 0, zh=zh, en=en)

    def forget(self) -> None:
        """Let go of it."""
        with self._house.database.transaction() as db:
            forget_entries(db, self._import_id)


def make_committer(house: House) -> Callable[[RunningJob], None]:
    """The handler of the job that brings items in: a little in each transaction, and all of them seen with the last."""

    def handle(job: RunningJob) -> None:
        import_id, seen = int(job.payload["import_id"]), int(job.payload["seen"])
        withdraw(house, import_id, job.check)  # what an attempt that died has left
        with house.database.transaction(reading=True) as db:
            found = import_by_id(db, import_id)
            actor, state = actor_of(db, found.uploaded_by), found.state
        if state is not ImportState.CHECKED:
            return
        job.progress(0, seen, zh="正在核对试题", en="checking the items")
        try:
            with acting_as(house, "import", actor=actor) as op:
                found = own_import(op, import_id, ImportAction.COMMIT, job_id=job.id)
                commit = weigh_commit(op, found, seen=seen, submit=bool(job.payload["submit"]))
                found.entering = True
        except Conflict as met:
            raise CommitRefused(sentence_zh=met.sentence("zh"), sentence_en=met.sentence("en")) from met
        try:
            hashes = _enter(house, job, commit)
            with acting_as(house, "import", actor=actor) as op:
                found = find_import(op.db, op.actor, import_id, lock=True)
                job.finish(op.db, {"items": settle_commit(op, found, commit, hashes)})
        except BaseException:
            withdraw(house, import_id)
            raise
        forget_settled(house)
        house.database.look_at_tables(*FILLED)

    return handle


def _enter(house: House, job: RunningJob, commit: Commit) -> list[str]:
    """Write the items; returns their content hashes."""
    zh, en = "正在写入题库，全部写入后一次生效", "writing the items; they are there when all of them are"
    hashes: list[str] = []
    with house.database.watching_writers() as others_wrote:
        turns = Turns(house.database.dialect, others_wrote)
        for start in range(0, commit.entries, _READ_AT_ONCE):
            with house.database.transaction(reading=True) as db:
                some = read_span(db, commit, (start, start + _READ_AT_ONCE))
            while some:
                job.progress(len(hashes), commit.items, zh=zh, en=en)
                span, some = some[: turns.items], some[turns.items :]
                began = time.monotonic()
                with house.database.transaction() as db:
                    enter_span(db, commit, span)
                hashes += [one.content_hash for one in span]
                turns.give_way(len(span), time.monotonic() - began)
    job.progress(commit.items, commit.items, zh=zh, en=en)  # hears whether it was cancelled meanwhile
    return hashes


def _keep(op: Operation, import_id: int, read: ReadFile, weighing: Weighing) -> None:
    found = find_import(op.db, op.actor, import_id, lock=True)
    found.state = move_import(found.state, ImportAction.READ)
    found.read, found.format, found.figures, found.notes = b"", read.format, read.figures, read.notes
    if read.pictures:
        keep_pictures(op, bank_id=found.bank_id, pictures=read.pictures)
    op.db.flush()
    keep_weighing(op.db, found, weighing)
    compare_few(op, found)
    after = {"file_hash": found.file_hash, "items": read.figures["items"], "bank_id": found.bank_id}
    record(op, AuditAction.IMPORT_PREPARE, subject=("import", import_id), after=after)


def _refuse(op: Operation, import_id: int, refusal: AppError) -> None:
    found = find_import(op.db, op.actor, import_id, lock=True)
    found.state = move_import(found.state, ImportAction.DISCARD)
    found.settled_at, found.read = op.now, b""
    op.db.flush()
    cause = str(refusal.params.get("cause", refusal.code))
    after = {"bank_id": found.bank_id, "file_hash": found.file_hash, "cause": cause}
    record(op, AuditAction.IMPORT_REFUSE, subject=("import", import_id), after=after)


def _ask(op: Operation, kind: str, payload: Mapping[str, Any]) -> int:
    return queue.enqueue(
        op.db, kind=kind, payload=payload, now=op.now, max_attempts=_ATTEMPTS, created_by=op.actor.account_id
    )


def actor_of(db: Session, account_id: int) -> Actor:
    """Who asked for the job, with the roles of this moment."""
    person_id = person_of(db, account_id)
    return Actor(ActorKind.PERSON, account_id=account_id, person_id=person_id, grants=grants_of(db, account_id))
