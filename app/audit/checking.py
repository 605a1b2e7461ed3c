"""The check of the stored log on request: a job, for it reads the whole log and must see the anchors outside."""

from collections.abc import Callable, Iterator

from app.audit.actions import AuditAction
from app.audit.anchor_file import AnchorFile, Lines
from app.audit.export import export
from app.audit.findings import Verdict
from app.audit.log import newest_anchor
from app.audit.record import record
from app.audit.verification import verify
from app.jobs.queue import enqueue
from app.jobs.worker import RunningJob
from app.operation import House, Operation, acting_as

JOB = "verify_audit_log"
_REPORT_EVERY = 1000


def ask(op: Operation) -> int:
    """Ask for a check; one that is under way already is the one that is asked for. Returns the job's id."""
    return enqueue(
        op.db,
        kind=JOB,
        payload={},
        now=op.now,
        dedupe_key=JOB,
        max_attempts=2,
        created_by=op.actor.account_id,
    )


def check_stored_log(house: House, *, said: Callable[[int], None] = lambda _count: None) -> Verdict:
    """Verify the log in the database against the anchors outside, as `chizheng audit verify` does.

    `said` is told now and then how many lines were read. Raises Unavailable as every transaction does, OSError where
    the file of anchors cannot be read.
    """
    outside = AnchorFile(house.settings.anchor_folder)
    # The file first, then the snapshot of the log: what stands outside by now is in the database already.
    lines = Lines(outside.anchors) if outside.exists() else None
    keys = outside.public_keys()

    def counted() -> Iterator[str]:
        for count, line in enumerate(export(house.database, keys), 1):
            if count % _REPORT_EVERY == 0:
                said(count)
            yield line

    return verify(counted(), lines, keys)


def make_handler(house: House) -> Callable[[RunningJob], None]:
    """The handler of the job: its result is the verdict in both languages, and the verdict stands in the log."""

    def handle(job: RunningJob) -> None:
        with house.database.transaction(reading=True) as session:
            newest = newest_anchor(session)
        total = newest.tree_size if newest else 0

        def said(count: int) -> None:
            job.progress(count, max(total, count + 1), zh=f"已核对 {count} 行", en=f"{count} lines checked")

        verdict = check_stored_log(house, said=said)
        finding = verdict.finding
        found = {
            "ok": verdict.ok,
            "kind": finding.kind.value if finding else None,
            "first_bad_record": finding.record_id if finding else None,
            "sealed": verdict.sealed,
            "unsealed": verdict.unsealed,
        }
        with acting_as(house, "audit") as op:
            record(op, AuditAction.AUDIT_VERIFY, subject=("log", job.id), after={**found, "asked_by": job.created_by})
            job.finish(op.db, {**found, "zh": verdict.sentence("zh"), "en": verdict.sentence("en")})

    return handle
