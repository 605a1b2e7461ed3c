"""A new field key takes over: whatever the keys before it have wrapped is wrapped anew, while the service runs.

Values are not touched: ID numbers and findings are encrypted under data keys of the persons, and those are wrapped. Nor
is the blind index, whose key is derived from the secret key. What is wrapped by an older key is seen from the stored
text, so the job goes on where it was broken off and is harmless to repeat; a row that somebody changes meanwhile is
left to them, for they write with the new key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.audit.actions import AuditAction
from app.audit.record import record
from app.jobs.worker import RunningJob
from app.operation import House, acting_as
from app.security.fields import MasterKey

JOB = "rewrap_keys"
_AT_ONCE = 200


@dataclass(frozen=True)
class Wrapped:
    """A column of wrapped secrets: its table's key, and what `context` binds each secret to."""

    key: InstrumentedAttribute[Any]
    column: InstrumentedAttribute[Any]
    bound_to: tuple[InstrumentedAttribute[Any], ...]
    context: Callable[..., str]


def _stale(master: MasterKey, wrapped: Wrapped) -> ColumnElement[bool]:
    column = wrapped.column
    return and_(column.is_not(None), column != "", ~column.startswith(master.mark, autoescape=True))


def count_stale(session: Session, master: MasterKey, places: Sequence[Wrapped]) -> int:
    """How many secrets an older key still holds: while there are any, that key is needed."""
    counts = [
        session.scalar(select(func.count()).select_from(place.key.class_).where(_stale(master, place)))
        for place in places
    ]
    return sum(count or 0 for count in counts)


def rewrap_some(session: Session, master: MasterKey, wrapped: Wrapped, *, limit: int = _AT_ONCE) -> int:
    """Wrap up to `limit` secrets of one column anew; returns how many an older key held, 0 when it is done.

    Raises Unreadable where none of the keys at hand opens one.
    """
    rows = session.execute(
        select(wrapped.key, wrapped.column, *wrapped.bound_to)
        .where(_stale(master, wrapped))
        .order_by(wrapped.key)
        .limit(limit)
    ).all()
    for key, before, *bound in rows:
        session.execute(
            update(wrapped.key.class_)
            .where(wrapped.key == key, wrapped.column == before)
            .values({wrapped.column: master.rewrap(before, context=wrapped.context(*bound))})
            .execution_options(synchronize_session=False)
        )
    return len(rows)


def make_handler(house: House, places: Sequence[Wrapped]) -> Callable[[RunningJob], Mapping[str, Any] | None]:
    """The handler of the job that wraps everything anew, a few at a time, each few in a transaction."""
    master = house.tool(MasterKey)

    def handle(job: RunningJob) -> Mapping[str, Any] | None:
        with house.database.transaction(reading=True) as session:
            total = count_stale(session, master, places)
        done = 0
        for place in places:
            while True:
                with house.database.transaction() as session:
                    count = rewrap_some(session, master, place)
                if not count:
                    break
                done += count
                job.progress(done, max(done, total), zh=f"已换 {done} / {total}", en=f"{done} of {total} wrapped anew")
        with acting_as(house, "keys") as op:
            left = count_stale(op.db, master, places)
            after = {"key_id": master.name, "rewrapped": done, "left": left}
            record(op, AuditAction.KEY_REWRAP, subject=("key", master.name), after=after)
            job.finish(op.db, {"rewrapped": done, "left": left})
        return None

    return handle
