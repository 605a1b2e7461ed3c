"""Response files, seen by who runs the room and by who decides."""

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.attempts.models import Attempt, ResponseFile
from app.attempts.response_files.rules import FileState
from app.database import find_one, locked
from app.exams.queries.seats import registrations_in_rooms
from app.security.actor import Actor, ActorKind
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[ResponseFile]:
    """Those of the rooms that one runs; all of them for who decides."""
    seen = []
    if actor.kind is ActorKind.SERVICE or actor.may(Capability.RESPONSE_FILE_READ):
        return select(ResponseFile)
    if actor.may(Capability.ROOM_READ):
        here = select(Attempt.id).where(Attempt.registration_id.in_(registrations_in_rooms(actor)))
        seen.append(ResponseFile.attempt_id.in_(here))
    return select(ResponseFile).where(or_(*seen)) if seen else select(ResponseFile).where(ResponseFile.id.is_(None))


def files_in_room(db: Session, actor: Actor, registration_ids: Sequence[int]) -> Sequence[ResponseFile]:
    """The visible files of these registrations, the newest first."""
    theirs = select(Attempt.id).where(Attempt.registration_id.in_(registration_ids))
    return db.scalars(visible(actor).where(ResponseFile.attempt_id.in_(theirs)).order_by(ResponseFile.id.desc())).all()


def files_by_state(db: Session, actor: Actor, *states: FileState, limit: int) -> Sequence[ResponseFile]:
    """The visible files in one of these states, the newest first."""
    query = visible(actor).where(ResponseFile.state.in_(states)).order_by(ResponseFile.id.desc()).limit(limit)
    return db.scalars(query).all()


def file_with_hash(db: Session, attempt_id: int, file_hash: str) -> ResponseFile | None:
    """The same file, brought in before."""
    same = ResponseFile.attempt_id == attempt_id, ResponseFile.file_hash == file_hash
    return db.scalars(select(ResponseFile).where(*same)).one_or_none()


def hold_file(db: Session, actor: Actor, file_id: int) -> ResponseFile:
    """One visible file, held until the transaction ends. Raises NotFound."""
    query = locked(visible(actor).where(ResponseFile.id == file_id), of=ResponseFile)
    return find_one(db, query)


def hash_at_closing(db: Session, attempt_id: int) -> str | None:
    """What the responses of an attempt hashed to before the first file was accepted into it; None where none was."""
    accepted = ResponseFile.attempt_id == attempt_id, ResponseFile.state == FileState.ACCEPTED
    query = select(ResponseFile.hash_before).where(*accepted).order_by(ResponseFile.decided_at, ResponseFile.id)
    return db.scalars(query.limit(1)).one_or_none()


def undecided() -> Select[int]:
    """The registrations with a response file that came too late and has not been decided on."""
    waits = ResponseFile.state.in_((FileState.HELD, FileState.PROPOSED))
    return select(Attempt.registration_id).join(ResponseFile, ResponseFile.attempt_id == Attempt.id).where(waits)
