"""The worker: takes jobs one at a time, and runs the periodic work of the service beside them.

It runs as a command of its own, any number of times, or as a thread of the server. It outlives every failure of a
handler, of a tick and of the database, and stops within seconds when told to.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from app.clock import Clock
from app.database import Database
from app.errors import AppError, Forbidden, Invalid, NotFound, TooLarge, Unavailable
from app.jobs import leases
from app.jobs.leases import Claimed, LeaseLost
from app.jobs.rules import JobAction, on_failure, pause_before_retry
from app.observability.metrics import Metrics
from question_bank.errors import ContentError

_LOG = structlog.get_logger(__name__)

_BROKEN = {
    "code": "job.failed",
    "zh": "后台作业出错，详情见服务日志。",
    "en": "The background job failed; the service's log has the details.",
}
_REPORT_SECONDS = 0.5
_LOOK_SECONDS = 1.0


class Interrupted(BaseException):
    """Stop this job now: a person cancelled it, the worker is stopping, or another worker has taken it.

    Not an Exception, so that no handler swallows it with its own failures.
    """


class RunningJob:
    """What a handler is given: the job's values, and the means to report and to finish.

    A handler may be run again after a crash: what it does is either harmless to repeat, or is done in the transaction
    that it gives to `finish`.
    """

    def __init__(self, claimed: Claimed, database: Database, clock: Clock) -> None:
        self.lease = claimed.lease
        self.id = claimed.lease.job_id
        self.kind = claimed.kind
        self.payload = claimed.payload
        self.created_by = claimed.created_by
        self.max_attempts = claimed.max_attempts
        self.database = database
        self.clock = clock
        self.finished = False
        self.interruption: JobAction | None = None
        self._lost = False
        self._reported = 0.0

    def interrupt(self, action: JobAction | None) -> None:
        """Make the next `check` or `progress` raise Interrupted; None: the lease is lost, nothing is left to write."""
        self.interruption = self.interruption or action
        self._lost = self._lost or action is None

    @property
    def lost(self) -> bool:
        """Whether the job is another's by now."""
        return self._lost

    def check(self) -> None:
        """Raise Interrupted where the job is to stop; cheap, for inner loops."""
        if self.interruption or self._lost:
            raise Interrupted

    def progress(self, done: int, total: int, *, zh: str = "", en: str = "") -> None:
        """Show how far it is, at most twice a second (the last one always); raises Interrupted where it is to stop.

        Writes a transaction of its own: never call it inside an open one, SQLite has but one writer.
        """
        self.check()
        if not 0 < total <= done and time.monotonic() - self._reported < _REPORT_SECONDS:
            return
        self._reported = time.monotonic()
        with self.database.transaction() as session:
            cancelled = leases.report(session, self.lease, done=done, total=total, zh=zh, en=en)
        if cancelled:
            self.interrupt(JobAction.CANCEL)
            self.check()

    def finish(self, session: Session, result: Mapping[str, Any] | None = None) -> None:
        """Mark the job done within the handler's own last transaction: its effect and its end are then one fact.

        Raises LeaseLost where another worker has taken the job: let it pass, so that the transaction rolls back.
        """
        leases.end(session, self.lease, JobAction.FINISH, now=self.clock.now(), result=result)
        self.finished = True


Handler = Callable[[RunningJob], Mapping[str, Any] | None]
"""Does a job; what it returns (ids and counts, JSON) is kept as the job's result."""


@dataclass(frozen=True)
class Tick:
    """Work that is done every so often. `run` is given the moment, opens its own transactions, and may run in several
    workers at once: it must be harmless then."""

    name: str
    every_seconds: float
    run: Callable[[datetime], object]


class Worker:
    """Runs jobs and ticks until told to stop. `lease` is how long a vanished worker keeps its job from the others."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        ticks: Sequence[Tick] = (),
        *,
        metrics: Metrics | None = None,
        lease: timedelta = timedelta(seconds=60),
        poll_seconds: float = 1.0,
        stop_seconds: float = 5.0,
    ) -> None:
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._ticks = ticks
        self._metrics = metrics or Metrics(self.name)
        self._lease = lease
        self._poll_seconds = poll_seconds
        self._stop_seconds = stop_seconds

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then let the current job end within `stop_seconds`, or release it to the others."""
        threads = [
            threading.Thread(target=self._keep_ticking, args=(tick, stop), name=f"tick {tick.name}", daemon=True)
            for tick in self._ticks
        ]
        for thread in threads:
            thread.start()
        _LOG.info("worker started", worker=self.name, kinds=sorted(self._handlers))
        while not stop.is_set():
            try:
                worked = self.work(stop)
            except Exception as error:  # noqa: BLE001 - P7: the worker recovers by itself once the database is back
                _log_failure("claiming a job failed", error)
                worked = False
            if not worked:
                stop.wait(self._poll_seconds)
        _join(threads, self._stop_seconds)
        _LOG.info("worker stopped", worker=self.name)

    def drain(self) -> int:
        """Run every job that is due, here and now, until none is left; returns how many attempts were made."""
        stop = threading.Event()
        made = 0
        while self.work(stop):
            made += 1
        return made

    def tick_all(self) -> None:
        """Run each tick once, here and now; failures are logged and counted, as always."""
        for tick in self._ticks:
            self._tick(tick)

    def work(self, stop: threading.Event) -> bool:
        """Claim one due job and see it through; returns whether there was one. Raises only where claiming fails."""
        kinds = list(self._handlers)
        now = self._clock.now()
        with self._database.transaction(reading=True) as session:
            if not leases.has_due(session, kinds=kinds, now=now):
                return False
        with self._database.transaction() as session:
            claimed = leases.claim(session, worker=self.name, kinds=kinds, lease=self._lease, now=now)
        if claimed is None:
            return False
        job = RunningJob(claimed, self._database, self._clock)
        # In a thread of its own, so that the lease is kept alive, and a stop is heard, whatever the handler does.
        thread = threading.Thread(target=self._run_job, args=(job,), name=f"job {job.id}", daemon=True)
        thread.start()
        self._watch(job, thread, stop)
        return True

    def _watch(self, job: RunningJob, thread: threading.Thread, stop: threading.Event) -> None:
        beat = self._lease.total_seconds() / 3
        next_beat = time.monotonic() + beat
        next_look = time.monotonic() + _LOOK_SECONDS
        patience: float | None = None
        while True:
            thread.join(0.05 if stop.is_set() else min(_LOOK_SECONDS, beat, 0.2))
            if not thread.is_alive():
                return
            moment = time.monotonic()
            if stop.is_set() and patience is None:
                patience = moment + self._stop_seconds
            if patience is not None and moment > patience:
                job.interrupt(JobAction.RELEASE)
                if moment > patience + 1:
                    # It hears nothing. Its lease goes to another; the fence refuses whatever it may still write.
                    self._end(job, JobAction.RELEASE)
                    return
            if moment >= next_beat:
                next_beat = moment + beat
                self._look_after(job, extend=True)
            elif moment >= next_look:
                next_look = moment + _LOOK_SECONDS
                self._look_after(job, extend=False)

    def _look_after(self, job: RunningJob, *, extend: bool) -> None:
        try:
            with self._database.transaction(reading=not extend) as session:
                if extend:
                    cancelled = leases.extend(session, job.lease, until=self._clock.now() + self._lease)
                else:
                    cancelled = leases.look(session, job.lease)
        except LeaseLost:
            job.interrupt(None)
        except Exception as error:  # noqa: BLE001 - the next beat tries again; the lease outlasts three of them
            _log_failure("keeping a lease failed", error, job_id=job.id)
        else:
            if cancelled:
                job.interrupt(JobAction.CANCEL)

    def _run_job(self, job: RunningJob) -> None:
        started = time.monotonic()
        outcome = "lost"
        try:
            result = self._handlers[job.kind](job)
            if not job.finished:
                self._end(job, JobAction.FINISH, result=result)
            outcome = JobAction.FINISH.value
        except LeaseLost:
            pass
        except Interrupted:
            if job.interruption:
                outcome = job.interruption.value
                self._end(job, job.interruption)
        except Exception as error:  # noqa: BLE001 - a handler's failure is the job's, never the worker's
            action = on_failure(
                attempts=job.lease.attempt, max_attempts=job.max_attempts, refused=isinstance(error, _REFUSALS)
            )
            outcome = action.value
            _log_failure("job failed", error, job_id=job.id, kind=job.kind, attempt=job.lease.attempt)
            self._end(job, action, error=_explain(error), rest=pause_before_retry(job.lease.attempt))
        self._metrics.jobs.labels(job.kind, outcome).inc()
        self._metrics.job_seconds.labels(job.kind).observe(time.monotonic() - started)

    def _end(
        self,
        job: RunningJob,
        action: JobAction,
        *,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None,
        rest: timedelta = timedelta(0),
    ) -> None:
        for pause in (0.5, 1.0, 2.0, None):
            try:
                with self._database.transaction() as session:
                    leases.end(session, job.lease, action, now=self._clock.now(), result=result, error=error, rest=rest)
            except LeaseLost:
                return
            except Unavailable as failure:
                _log_failure("ending a job failed", failure, job_id=job.id)
                if pause is None:
                    return  # its lease runs out, and it is run again
                time.sleep(pause)
            else:
                return

    def _keep_ticking(self, tick: Tick, stop: threading.Event) -> None:
        while not stop.is_set():
            self._tick(tick)
            stop.wait(tick.every_seconds)

    def _tick(self, tick: Tick) -> None:
        started = time.monotonic()
        try:
            tick.run(self._clock.now())
        except Exception as error:  # noqa: BLE001 - a failing tick stops neither itself nor the others
            _log_failure("tick failed", error, tick=tick.name)
            self._metrics.ticks.labels(tick.name, "failed").inc()
        else:
            self._metrics.ticks.labels(tick.name, "done").inc()
            self._metrics.tick_last_success.labels(tick.name).set_to_current_time()
        self._metrics.tick_seconds.labels(tick.name).observe(time.monotonic() - started)


# What a second try would meet again.
_REFUSALS = (Invalid, Forbidden, NotFound, TooLarge, ContentError)


def _explain(error: Exception) -> Mapping[str, str]:
    """What may be shown of a failure: a refusal's own sentences; of anything else only that it happened (P41)."""
    if isinstance(error, AppError):
        return {"code": error.code, "zh": error.sentence("zh"), "en": error.sentence("en")}
    if isinstance(error, ContentError):
        return {"code": error.code, "zh": error.zh, "en": error.en}
    return _BROKEN


def _log_failure(what: str, error: Exception, **values: object) -> None:
    if isinstance(error, AppError):
        _LOG.warning(what, error_code=error.code, **values)
    else:
        _LOG.error(what, exc_info=error, **values)


def _join(threads: Iterable[threading.Thread], seconds: float) -> None:
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
