"""Signals as people see them, and what the candidate says to them. Nothing else is done with them here or anywhere."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite

from app.attempts.queries import attempts_of
from app.attempts.signals import queries
from app.attempts.signals.models import SignalAnswer
from app.attempts.signals.rules import SignalClosed, SignalKind, SignalSum, may_answer
from app.attempts.signals.schemas import (
    OwnSignalShown,
    OwnSignalsShown,
    OwnSittingSignals,
    RoomSignalsShown,
    SeatSignals,
    SignalShown,
)
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams.queries.seats import find_room, find_seat, may_in_room, seats_in_room, seats_of_person
from app.operation import Operation, Task
from app.people.calendar import end_of_local_day, local_date
from app.people.queries import names_of
from app.people.service import add_workdays, decrypt_finding, encrypt_finding
from app.security.permissions import Capability

_TABLE = "signal_answer"


def room_signals(op: Operation, *, room_id: int) -> RoomSignalsShown:
    """What was noticed in a room, seat by seat. Raises NotFound."""
    room = find_room(op.db, op.actor, room_id)
    seats = seats_in_room(op.db, room_id)
    shown = signals_of(op, {seat.registration_id: seat.person_id for seat in seats})
    names = names_of(op.db, {seat.person_id for seat in seats if seat.registration_id in shown})
    return RoomSignalsShown(
        room_id=room_id,
        room_name=room.room_name,
        exam_name=room.exam_name,
        runs=may_in_room(op.db, op.actor, room_id, Capability.ROOM_RUN),
        seats=[
            SeatSignals(
                registration_id=seat.registration_id,
                candidate_name=names[seat.person_id],
                ticket_number=seat.ticket_number or "",
                seat=seat.seat,
                signals=shown[seat.registration_id],
            )
            for seat in seats
            if seat.registration_id in shown
        ],
    )


def signals_of(op: Operation, persons: dict[int, int]) -> dict[int, list[SignalShown]]:
    """What was noticed of these registrations, whose persons are given, and what these say to it; as far as the actor
    may see it."""
    sums = queries.sums_of(op.db, op.actor, persons)
    answers = queries.answers_of(op.db, sums)
    return {
        registration_id: [
            _shown(op, one, persons[registration_id], answers.get(registration_id, {}).get(one.kind)) for one in found
        ]
        for registration_id, found in sums.items()
    }


def answered(op: Operation, registration_id: int, person_id: int) -> dict[SignalKind, tuple[str, datetime]]:
    """What the person of a registration says to signals, in clear, and when they said it; who may read it, the caller
    judges."""
    rows = queries.answers_of(op.db, [registration_id]).get(registration_id, {})
    return {kind: (_said(op, row, person_id), row.answered_at) for kind, row in rows.items()}


def own_signals(op: Operation) -> OwnSignalsShown:
    """What was noticed of the actor, exam by exam."""
    seats = sorted(seats_of_person(op.db, op.actor.person_id), key=lambda seat: seat.starts_at, reverse=True)
    shown = signals_of(op, {seat.registration_id: seat.person_id for seat in seats})
    due = _due(op, shown)
    return OwnSignalsShown(
        sittings=[
            OwnSittingSignals(
                registration_id=seat.registration_id,
                exam_name=seat.exam_name,
                room_name=seat.room_name or "",
                due_at=due.get(seat.registration_id),
                signals=[
                    OwnSignalShown(
                        **one.model_dump(),
                        may_answer=may_answer(
                            due=due.get(seat.registration_id), answered=one.answered_at is not None, now=op.now
                        ),
                    )
                    for one in shown[seat.registration_id]
                ],
            )
            for seat in seats
            if seat.registration_id in shown
        ]
    )


def answer(op: Operation, *, registration_id: int, kind: SignalKind, words: str) -> SignalAnswer:
    """Say something to what was noticed of oneself, once for each kind and within the term. Raises NotFound,
    SignalClosed."""
    seat = find_seat(op.db, registration_id)
    noticed = queries.sums_of(op.db, op.actor, [registration_id]).get(registration_id, [])
    if seat.person_id != op.actor.person_id or kind not in {one.kind for one in noticed}:
        raise NotFound
    if not may_answer(due=_due(op, [registration_id]).get(registration_id), answered=False, now=op.now):
        raise SignalClosed
    place = _place(registration_id, kind)
    cipher = encrypt_finding(op, person_id=seat.person_id, table=_TABLE, column="words_cipher", row=place, text=words)
    dialect = postgresql if op.house.database.dialect == "postgresql" else sqlite
    made: SignalAnswer | None = op.db.scalars(
        dialect.insert(SignalAnswer)
        .values(registration_id=registration_id, kind=kind, words_cipher=cipher, answered_at=op.now)
        .on_conflict_do_nothing(index_elements=["registration_id", "kind"])
        .returning(SignalAnswer)
    ).one_or_none()
    if made is None:
        raise SignalClosed
    after = {"kind": kind, "words_hash": hashlib.sha256(cipher.encode()).hexdigest()}
    record(op, AuditAction.SIGNAL_ANSWER, subject=("registration", registration_id), after=after)
    return made


def waiting(op: Operation) -> list[Task]:
    """What was noticed of oneself and may still be answered."""
    if not op.may(Capability.STATEMENT_WRITE) or op.actor.person_id is None:
        return []
    sittings = own_signals(op).sittings
    open_now = [one.due_at for one in sittings if one.due_at and any(signal.may_answer for signal in one.signals)]
    words = ("场考试的过程记录可以说明", "exams with signals that you may answer")
    return [Task(*words, len(open_now), "/own-signals", due=min(open_now, default=None))]


def _shown(op: Operation, one: SignalSum, person_id: int, answer: SignalAnswer | None) -> SignalShown:
    return SignalShown(
        kind=one.kind,
        count=one.count,
        seconds=one.seconds,
        first_at=one.first_at,
        last_at=one.last_at,
        more=one.capped,
        answer=_said(op, answer, person_id) if answer else "",
        answered_at=answer.answered_at if answer else None,
    )


def _said(op: Operation, row: SignalAnswer, person_id: int) -> str:
    return decrypt_finding(
        op,
        person_id=person_id,
        table=_TABLE,
        column="words_cipher",
        row=_place(row.registration_id, row.kind),
        stored=row.words_cipher,
    )


def _place(registration_id: int, kind: SignalKind) -> str:
    return f"{registration_id}:{kind}"


def _due(op: Operation, registration_ids: Collection[int]) -> dict[int, datetime]:
    """Until when the signals of these may be answered, by registration: the end of so many working days after the
    attempt was closed. None while it runs."""
    return {
        registration_id: end_of_local_day(
            add_workdays(op, local_date(attempt.closed_at), op.settings.statement_working_days)
        )
        for registration_id, attempt in attempts_of(op.db, registration_ids).items()
        if attempt.closed_at is not None
    }
