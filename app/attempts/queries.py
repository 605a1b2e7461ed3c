"""Everything that is read from the tables of attempts, but for the journal's own statements (`lanes`)."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from app.attempts.models import (
    Attempt,
    CheckInCode,
    GrantedTime,
    JournalEntry,
    Pause,
    RefusedSave,
    Response,
    ResponsesDestroyed,
)
from app.attempts.rules import AttemptState, Closing, Stored
from app.database import find_one, locked
from app.exams.queries.seats import registrations_in_exam, registrations_in_rooms, registrations_of, rooms_of_exam
from app.security.actor import Actor, ActorKind
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[Attempt]:
    """The attempts this actor may see: one's own, and those in the rooms that one runs."""
    if actor.kind is ActorKind.SERVICE:
        return select(Attempt)
    seen = []
    if actor.may(Capability.ATTEMPT_SIT):
        seen.append(Attempt.registration_id.in_(registrations_of(actor.person_id)))
    if actor.may(Capability.ROOM_READ):
        seen.append(Attempt.registration_id.in_(registrations_in_rooms(actor)))
    return select(Attempt).where(or_(*seen)) if seen else select(Attempt).where(Attempt.id.is_(None))


def hold_own(db: Session, actor: Actor, attempt_id: int) -> Attempt:
    """The actor's own attempt, held until the transaction ends. Raises NotFound."""
    return find_one(db, _held(_own(actor).where(Attempt.id == attempt_id)))


def own_attempt(db: Session, actor: Actor, attempt_id: int) -> Attempt:
    """The actor's own attempt. Raises NotFound."""
    return find_one(db, _own(actor).where(Attempt.id == attempt_id))


def visible_attempt(db: Session, actor: Actor, attempt_id: int) -> Attempt | None:
    """One attempt, if the actor may see it."""
    return db.scalars(visible(actor).where(Attempt.id == attempt_id)).one_or_none()


def attempt_with_code(db: Session, actor: Actor, code: str) -> Attempt | None:
    """The visible attempt at whose end this code was shown."""
    return db.scalars(visible(actor).where(Attempt.receipt_code == code)).first()


def journal_entry(db: Session, attempt_id: int, position: int, revision: int) -> JournalEntry | None:
    """What was appended to the journal for one revision; of an attempt that the caller may see."""
    one = JournalEntry.attempt_id == attempt_id, JournalEntry.position == position, JournalEntry.revision == revision
    return db.scalars(select(JournalEntry).where(*one)).one_or_none()


def attempt_of(db: Session, registration_id: int) -> Attempt | None:
    """The attempt of a registration; whose it is, the caller judges."""
    return db.scalars(select(Attempt).where(Attempt.registration_id == registration_id)).one_or_none()


def hold_in_room(db: Session, actor: Actor, registration_ids: Collection[int]) -> Sequence[Attempt]:
    """Visible attempts of these registrations, held in the order of ids."""
    query = visible(actor).where(Attempt.registration_id.in_(registration_ids))
    return db.scalars(_held(query.order_by(Attempt.id))).all()


def attempts_of(db: Session, registration_ids: Collection[int]) -> dict[int, Attempt]:
    """Attempts by registration, for a room that the caller may see."""
    rows = db.scalars(select(Attempt).where(Attempt.registration_id.in_(registration_ids)))
    return {attempt.registration_id: attempt for attempt in rows}


def hold(db: Session, attempt_id: int) -> Attempt | None:
    """An attempt held for the sweeper; None where another transaction holds it."""
    return db.scalars(
        select(Attempt).where(Attempt.id == attempt_id).with_for_update(key_share=True, skip_locked=True)
    ).one_or_none()


def hold_any(db: Session, attempt_id: int) -> Attempt | None:
    """An attempt, held until the transaction ends; who may have to do with it, the caller judges."""
    return db.scalars(_held(select(Attempt).where(Attempt.id == attempt_id))).one_or_none()


def attempt_by_id(db: Session, attempt_id: int) -> Attempt:
    """An attempt; who may have to do with it, the caller judges. Raises NotFound."""
    return find_one(db, select(Attempt).where(Attempt.id == attempt_id))


def attempts_by_id(db: Session, attempt_ids: Collection[int]) -> dict[int, Attempt]:
    """These attempts by id; who may have to do with them, the caller judges."""
    return {row.id: row for row in db.scalars(select(Attempt).where(Attempt.id.in_(attempt_ids)))}


def count_open_until(db: Session, deadline: datetime) -> int:
    """How many attempts are open whose deadline is that moment or earlier."""
    due = (Attempt.state == AttemptState.OPEN, Attempt.deadline_at <= deadline)
    return db.scalar(select(func.count()).where(*due)) or 0


def journal_of(db: Session, attempt_ids: Collection[int]) -> Sequence[Row[int, int, int, str]]:
    """Everything that was ever stored for these attempts: attempt, position, revision, canonical JSON text."""
    entry = JournalEntry
    rows = select(entry.attempt_id, entry.position, entry.revision, entry.response)
    return db.execute(rows.where(entry.attempt_id.in_(attempt_ids))).all()


def folded_among(db: Session, attempt_ids: Collection[int]) -> dict[int, dict[int, tuple[int, str]]]:
    """What counts in each of these attempts, as folded: revision and response by position."""
    found: dict[int, dict[int, tuple[int, str]]] = {}
    rows = select(Response.attempt_id, Response.position, Response.revision, Response.response)
    for attempt_id, position, revision, response in db.execute(rows.where(Response.attempt_id.in_(attempt_ids))):
        found.setdefault(attempt_id, {})[position] = (revision, response)
    return found


def begun_of(db: Session, registration_ids: Collection[int]) -> dict[int, Attempt]:
    """Attempts by registration, without those on paper that turned out to be nobody's."""
    found = attempts_of(db, registration_ids)
    return {at: attempt for at, attempt in found.items() if attempt.closing is not Closing.ABSENT}


def registrations_of_attempts(db: Session, attempt_ids: Collection[int]) -> dict[int, int]:
    """The registration of each of these attempts."""
    rows = db.execute(select(Attempt.id, Attempt.registration_id).where(Attempt.id.in_(attempt_ids)))
    return {row[0]: row[1] for row in rows}


def writing_sessions(db: Session, registration_ids: Collection[int]) -> dict[int, int]:
    """The log-in session that writes, by registration; only those whose attempt has one."""
    rows = db.execute(
        select(Attempt.registration_id, Attempt.writing_session_id).where(
            Attempt.registration_id.in_(registration_ids), Attempt.writing_session_id.is_not(None)
        )
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}


def overdue(db: Session, *, now: datetime, grace: timedelta, limit: int) -> Sequence[int]:
    """Ids of open attempts to look at: those whose index says so, and those whose deadline says so, whatever the
    index says. Where the clock stands still nothing can be due."""
    return db.scalars(
        select(Attempt.id)
        .where(
            Attempt.state == AttemptState.OPEN,
            Attempt.paused_at.is_(None),
            or_(Attempt.next_check_at <= now, Attempt.deadline_at < now - grace),
        )
        .order_by(Attempt.id)
        .limit(limit)
    ).all()


def newest_responses(db: Session, attempt_id: int) -> dict[int, Stored]:
    """What is stored by position, from the journal itself: true at every moment, folded or not."""
    newest = (
        select(JournalEntry.position, func.max(JournalEntry.revision).label("revision"))
        .where(JournalEntry.attempt_id == attempt_id)
        .group_by(JournalEntry.position)
        .subquery()
    )
    rows = db.execute(
        select(JournalEntry.position, JournalEntry.revision, JournalEntry.response, JournalEntry.arrived_at)
        .join(newest, (newest.c.position == JournalEntry.position) & (newest.c.revision == JournalEntry.revision))
        .where(JournalEntry.attempt_id == attempt_id)
        .order_by(JournalEntry.position)
    )
    return {row.position: Stored(row.revision, row.response, row.arrived_at) for row in rows}


def responses_until(db: Session, attempt_id: int, moment: datetime) -> dict[int, str]:
    """What had been saved by a moment, the newest revision of each position."""
    rows = db.execute(
        select(JournalEntry.position, JournalEntry.response)
        .where(JournalEntry.attempt_id == attempt_id, JournalEntry.arrived_at <= moment)
        .order_by(JournalEntry.revision)
    )
    return {row.position: row.response for row in rows}


def folded_responses(db: Session, attempt_id: int) -> dict[int, str]:
    """作答 by position as folded, canonical JSON text: final once the attempt is closed. For scoring."""
    rows = db.execute(
        select(Response.position, Response.response)
        .where(Response.attempt_id == attempt_id)
        .order_by(Response.position)
    )
    return {row.position: row.response for row in rows}


def folded_of(db: Session, attempt_ids: Collection[int]) -> Iterator[tuple[int, int, str, datetime]]:
    """(attempt, position, canonical response, when it was last saved) as folded, of closed attempts."""
    rows = db.execute(
        select(Response.attempt_id, Response.position, Response.response, Response.saved_at).where(
            Response.attempt_id.in_(attempt_ids)
        )
    )
    return ((row.attempt_id, row.position, row.response, row.saved_at) for row in rows)


def first_arrivals(db: Session, attempt_ids: Collection[int]) -> Iterator[tuple[int, int, datetime]]:
    """(attempt, position, when the first save of it arrived)."""
    first = func.min(JournalEntry.arrived_at)
    rows = select(JournalEntry.attempt_id, JournalEntry.position, first).where(JournalEntry.attempt_id.in_(attempt_ids))
    grouped = db.execute(rows.group_by(JournalEntry.attempt_id, JournalEntry.position))
    return ((row[0], row[1], row[2]) for row in grouped)


def unfolded_since(db: Session, journal_id: int, *, look_back: int) -> tuple[int, Sequence[int]]:
    """The newest journal id, and, where it is another, the open attempts saved since (or `look_back` before)."""
    newest = db.execute(select(func.coalesce(func.max(JournalEntry.id), 0))).scalar_one()
    if newest == journal_id:
        return newest, ()
    rows = db.scalars(
        select(JournalEntry.attempt_id)
        .join(Attempt, Attempt.id == JournalEntry.attempt_id)
        .where(JournalEntry.id > journal_id - look_back, Attempt.state == AttemptState.OPEN)
        .distinct()
    ).all()
    return newest, rows


def granted_seconds(db: Session, attempt_ids: Collection[int]) -> dict[int, int]:
    """补时 in seconds by attempt; only those that have any."""
    rows = db.execute(
        select(GrantedTime.attempt_id, func.sum(GrantedTime.seconds))
        .where(GrantedTime.attempt_id.in_(attempt_ids))
        .group_by(GrantedTime.attempt_id)
    )
    return {attempt_id: int(seconds) for attempt_id, seconds in rows}


def paused_seconds(db: Session, attempt_ids: Collection[int]) -> dict[int, int]:
    """How long each attempt has stood still, in seconds, by ended pauses; only those that have any."""
    rows = db.execute(
        select(Pause.attempt_id, func.sum(Pause.seconds))
        .where(Pause.attempt_id.in_(attempt_ids), Pause.seconds > 0)
        .group_by(Pause.attempt_id)
    )
    return {attempt_id: int(seconds) for attempt_id, seconds in rows if attempt_id is not None}


def pauses_of_attempts(db: Session, attempt_ids: Collection[int]) -> Sequence[Pause]:
    """Pauses under way of attempts that the caller holds."""
    return db.scalars(select(Pause).where(Pause.attempt_id.in_(attempt_ids), Pause.ended_at.is_(None))).all()


def room_pause(db: Session, room_id: int | None) -> Pause | None:
    """The pause under way of a room itself."""
    whole = Pause.room_id == room_id, Pause.attempt_id.is_(None), Pause.ended_at.is_(None)
    return db.scalars(select(Pause).where(*whole)).one_or_none()


def room_shift(db: Session, room_id: int | None, *, before: datetime | None = None) -> timedelta:
    """How long a room has stood still, by ended pauses that began before that moment: by so much its late entry and
    its end move for who enters later."""
    whole = [Pause.room_id == room_id, Pause.attempt_id.is_(None)]
    if before is not None:
        whole.append(Pause.began_at < before)
    return timedelta(seconds=db.execute(select(func.coalesce(func.sum(Pause.seconds), 0)).where(*whole)).scalar_one())


def longest_standstill(db: Session, exam_id: int, *, now: datetime) -> timedelta:
    """How long the room of an exam that was paused longest has stood still; a pause under way counts until `now`."""
    stood: dict[int, timedelta] = {}
    rows = db.execute(
        select(Pause.room_id, Pause.seconds, Pause.began_at, Pause.ended_at).where(
            Pause.room_id.in_(rooms_of_exam(exam_id)), Pause.attempt_id.is_(None)
        )
    )
    for room_id, seconds, began_at, ended_at in rows:
        lasted = timedelta(seconds=seconds) if ended_at else now - began_at
        stood[room_id] = stood.get(room_id, timedelta()) + lasted
    return max(stood.values(), default=timedelta())


def pauses_in_room(db: Session, room_id: int) -> Sequence[Pause]:
    """Every pause of a room and in it, in order."""
    return db.scalars(select(Pause).where(Pause.room_id == room_id).order_by(Pause.id)).all()


def refused_saves(db: Session, attempt_ids: Collection[int]) -> Sequence[RefusedSave]:
    """Saves that were refused and kept as evidence, in the order of arrival (P9)."""
    return db.scalars(
        select(RefusedSave).where(RefusedSave.attempt_id.in_(attempt_ids)).order_by(RefusedSave.arrived_at)
    ).all()


def codes_of(db: Session, registration_ids: Collection[int], *, now: datetime) -> Sequence[CheckInCode]:
    """Codes that may still be used, the newest first, held."""
    return db.scalars(
        select(CheckInCode)
        .where(
            CheckInCode.registration_id.in_(registration_ids),
            CheckInCode.used_at.is_(None),
            CheckInCode.ends_at > now,
        )
        .order_by(CheckInCode.id.desc())
        .with_for_update()
    ).all()


def codes_open(db: Session, registration_ids: Collection[int], *, now: datetime) -> Sequence[CheckInCode]:
    """The same to look at, held by nobody."""
    return db.scalars(
        select(CheckInCode)
        .where(
            CheckInCode.registration_id.in_(registration_ids),
            CheckInCode.used_at.is_(None),
            CheckInCode.ends_at > now,
        )
        .order_by(CheckInCode.id.desc())
    ).all()


def newest_code_id(db: Session, registration_ids: Collection[int]) -> int:
    """Names the secret that guesses are counted against; 0 where there is none."""
    return db.execute(
        select(func.coalesce(func.max(CheckInCode.id), 0)).where(CheckInCode.registration_id.in_(registration_ids))
    ).scalar_one()


def code_of_session(db: Session, registration_id: int, session_id: int | None) -> CheckInCode | None:
    """The code with which this session was let in to this registration, the newest."""
    return db.scalars(
        select(CheckInCode)
        .where(CheckInCode.registration_id == registration_id, CheckInCode.session_id == session_id)
        .order_by(CheckInCode.id.desc())
        .limit(1)
    ).one_or_none()


def _own(actor: Actor) -> Select[Attempt]:
    return visible(actor).where(Attempt.registration_id.in_(registrations_of(actor.person_id)))


def _held(query: Select[Attempt]) -> Select[Attempt]:
    # FOR NO KEY UPDATE: rows that refer to the attempt may be added meanwhile, or folding and closing would deadlock.
    return locked(query, key_share=True, of=Attempt)


def destroyed_of(db: Session, attempt_id: int) -> ResponsesDestroyed | None:
    """What was written down when the responses of an attempt were destroyed; None while they are kept."""
    return db.get(ResponsesDestroyed, attempt_id)


def any_destroyed(db: Session, exam_id: int) -> bool:
    """Whether the responses of anybody in an exam were destroyed."""
    gone = select(ResponsesDestroyed.attempt_id).join(Attempt, Attempt.id == ResponsesDestroyed.attempt_id)
    return db.scalar(gone.where(Attempt.registration_id.in_(registrations_in_exam(exam_id))).limit(1)) is not None
