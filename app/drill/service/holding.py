"""Holding a drill: the worker's job. Production is hashed, a place is made, the rehearsal runs there in a process of
its own, the place is cleared away, production is hashed again, and the rules judge."""

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime

from app.drill import queries
from app.drill.models import Drill
from app.drill.rehearsal.plan import SECONDS_BETWEEN_SAVES, Plan, RoomShape
from app.drill.rules import (
    HEADROOM,
    DrillAction,
    Figures,
    judge,
    verdict,
)
from app.drill.service.asking import end, refuse_near, settle_abandoned
from app.drill.service.child import run_rehearsal
from app.drill.service.digests import Digest, changed, digest_all
from app.drill.service.front import has_front, look_at
from app.drill.service.namespace import leftovers, own_place, remove
from app.errors import AppError
from app.exams import queries as exams
from app.jobs.rules import JobAction
from app.jobs.worker import Interrupted, RunningJob
from app.observability.instances import SILENT_AFTER, instances
from app.operation import House, Operation, acting_as
from app.security.actor import service
from question_bank.canonical import read_json

_NAME = "drill"
_STEPS = 6
_STEP_SECONDS = 5.0
_MOST_SAVERS = 200
_LEFT_TO_BELL = 4
_ARRIVALS_A_SECOND = 30
"""Passwords are hashed at their full cost: more at once than this would measure argon2, which an exam spreads out."""
_STARTS_A_SECOND = 167
"""10,000 within a minute, as the whole exam day is reckoned with."""


def make_handler(house: House) -> Callable[[RunningJob], None]:
    """The handler of the job."""

    def handle(job: RunningJob) -> None:
        drill_id = int(job.payload["drill_id"])
        with house.database.transaction(reading=True) as db:
            if queries.find_drill(db, service(_NAME), drill_id).ended_at is not None:
                return  # a worker that was stopped gave the job back, and the drill up
        try:
            _hold(house, job, drill_id)
        except Interrupted:
            if job.interruption is JobAction.CANCEL:
                _end(house, drill_id, DrillAction.CANCEL)
            else:
                why = ("后台进程在演练期间停止。", "The worker was stopped during the drill.")
                _end(house, drill_id, DrillAction.BREAK, reason=why)
            raise
        except AppError as error:
            _end(house, drill_id, DrillAction.BREAK, reason=(error.sentence("zh"), error.sentence("en")))
            raise
        except Exception:
            why = ("出现意外错误，详情见服务日志。", "Something unexpected happened; the service's log has it.")
            _end(house, drill_id, DrillAction.BREAK, reason=why)
            raise

    return handle


def tidy(house: House) -> None:
    """End a drill that its worker has left behind, and remove what is left of any."""
    found = leftovers(house.settings)
    with house.database.transaction(reading=True) as db:
        waiting = queries.drill_under_way(db) is not None
    if waiting:
        with acting_as(house, _NAME) as op:
            settle_abandoned(op)
            waiting = queries.drill_under_way(op.db) is not None
    if not waiting:
        # Listed before it was known that none is under way: a place that was made since is not among them.
        remove(house.settings, found)


def _hold(house: House, job: RunningJob, drill_id: int) -> None:
    with acting_as(house, _NAME) as op:
        refuse_near(op)
        drill = queries.find_drill(op.db, op.actor, drill_id)
        plan = plan_of(op, drill)
        offset = _clock_offset(op)
    remove(house.settings, leftovers(house.settings))
    job.progress(0, 100, zh="正在核对正式数据", en="hashing production")
    with house.database.transaction(reading=True) as db:
        before = digest_all(db)
    with own_place(house.settings) as place:
        disk_mb = shutil.disk_usage(place.data_folder.parent).free // (1024 * 1024)
        measured = run_rehearsal(place, plan, job)
    measured = replace(measured, clock_offset_us=max(offset, measured.clock_offset_us))
    job.progress(96, 100, zh="正在再次核对正式数据", en="hashing production again")
    with house.database.transaction(reading=True) as db:
        after = digest_all(db, before)
    address = house.settings.public_base_url
    front = look_at(address, house.clock) if has_front(address) else None
    figures = Figures(
        **{field.name: getattr(measured, field.name) for field in fields(measured)},
        disk_free_mb=disk_mb,
        needed=plan.first_rate // HEADROOM,
        front=front,
        changed=changed(before, after),
    )
    findings = judge(figures)
    tables = [[name, one.rows, one.digest, after.get(name, _GONE).digest] for name, one in sorted(before.items())]
    with acting_as(house, _NAME) as op:
        held = queries.find_drill(op.db, op.actor, drill_id, lock=True)
        end(op, held, verdict(findings), figures=figures, findings=findings, tables=tables)
        job.finish(op.db, {"drill_id": drill_id, "state": held.state.value})


_GONE = Digest(0, "")


def _end(house: House, drill_id: int, action: DrillAction, reason: tuple[str, str] = ("", "")) -> None:
    with acting_as(house, _NAME) as op:
        drill = queries.find_drill(op.db, op.actor, drill_id, lock=True)
        if drill.ended_at is None:
            end(op, drill, action, reason=reason)


def plan_of(op: Operation, drill: Drill) -> Plan:
    """The plan of a drill: the exam's own shape, its time compressed to the minutes that were asked for."""
    exam = exams.exam_by_id(op.db, drill.exam_id)
    blueprint = exams.blueprint_by_id(op.db, exam.blueprint_id)
    sitting = exams.sittings_of(op.db, exam.id)[0]
    rooms = exams.rooms_of(op.db, sitting.id)
    needed = -(-drill.candidates // SECONDS_BETWEEN_SAVES)
    seconds = drill.minutes * 60.0
    return Plan(
        blueprint=read_json(blueprint.content),
        candidates=drill.candidates,
        rooms=tuple(RoomShape(room.capacity, room.remote, room.columns) for room in rooms),
        reserve_forms=exam.reserve_forms,
        reserve_set=exam.reserve_set,
        arrival=max(10.0, drill.candidates / _ARRIVALS_A_SECOND),
        storm=max(1.0, drill.candidates / _STARTS_A_SECOND),
        seconds=seconds,
        every=min(float(SECONDS_BETWEEN_SAVES), seconds / 10),
        left=_LEFT_TO_BELL,
        savers=min(_MOST_SAVERS, drill.candidates),
        step=_STEP_SECONDS,
        most_steps=_STEPS,
        first_rate=HEADROOM * max(10, needed),
        instances=_serving_here(op, op.now),
    )


def _serving_here(op: Operation, now: datetime) -> int:
    """How many instances serve on this machine now; one at least, and no more than it has cores."""
    own = f"{socket.gethostname()[:60]}:"
    heard = [one for one in instances(op.db) if one.name.startswith(own) and now - one.said_at <= SILENT_AFTER]
    return max(1, min(len(heard), os.cpu_count() or 1))


def _clock_offset(op: Operation) -> int:
    """The largest offset that an instance of production has told of late (microseconds)."""
    heard = [one for one in instances(op.db) if op.now - one.said_at <= SILENT_AFTER]
    return max((abs(one.clock_offset_us) for one in heard), default=0)
