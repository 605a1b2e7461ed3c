"""The proctor brings response files in; officer and approver decide on those that came too late."""

from collections.abc import Sequence
from datetime import datetime

from app.attempts import queries as attempts
from app.attempts.models import ResponseFile
from app.attempts.response_files import queries, service
from app.attempts.response_files.rules import FileState, Proposal
from app.attempts.rules import RefusedWhy
from app.exams.queries.seats import find_room, find_seat, may_in_room, seats_in_room
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done, Given, OptionalLine, Prose, Shown
from app.web.desk import Desk, NavEntry
from app.web.faces import Upload

desk = Desk("attempts")
_MOST = 200


class FileLine(Shown):
    """One response file. `newer`: how many of its responses were newer than what was stored when it came."""

    id: int
    candidate_name: str
    ticket_number: str
    exam_name: str
    room_name: str
    state: FileState
    why: RefusedWhy | None
    made_at: datetime
    arrived_at: datetime
    newer: int
    proposal: Proposal | None
    cause: str
    mine: bool
    """I brought it in, or proposed on it: another person decides."""


class RoomFilesShown(Shown):
    """The response files of a room; `runs`: the actor may bring one in."""

    room_id: int
    room_name: str
    runs: bool
    files: list[FileLine]


class FilesShown(Shown):
    """The files that came too late, those that wait first."""

    files: list[FileLine]
    may_propose: bool
    may_decide: bool


class ProposalGiven(Given):
    """What should become of a held file, and why."""

    proposal: Proposal
    cause: Prose


class SettlementGiven(Given):
    """Whether the second person agrees."""

    agreed: bool
    note: OptionalLine = ""


class FileTaken(Done):
    """What became of the file; `state` is merged or held."""

    room_id: int
    state: FileState


@desk.view("/rooms/{room_id}/files", Capability.ROOM_READ, template="attempts/room_files.html")
def show_room_files(op: Operation, *, room_id: int) -> RoomFilesShown:
    """The response files of a room."""
    room = find_room(op.db, op.actor, room_id)
    seats = [seat.registration_id for seat in seats_in_room(op.db, room_id)]
    files = queries.files_in_room(op.db, op.actor, seats)
    runs = may_in_room(op.db, op.actor, room_id, Capability.ROOM_RUN)
    return RoomFilesShown(room_id=room_id, room_name=room.room_name, runs=runs, files=_lines(op, files))


@desk.command(
    "/rooms/{room_id}/files",
    Capability.ROOM_RUN,
    then="/rooms/{room_id}/files",
    retry=show_room_files,
    said="文件已收下，处理结果见列表。",
)
def bring_in_file(op: Operation, *, room_id: int, file: Upload) -> FileTaken:
    """Bring in a response file from a candidate's computer."""
    taken = service.bring_in(op, room_id=room_id, raw=file.content)
    return FileTaken(id=taken.id, room_id=room_id, state=taken.state)


@desk.view(
    "/response-files",
    Capability.RESPONSE_FILE_READ,
    template="attempts/response_files.html",
    nav=NavEntry("迟到作答", 45),
)
def list_response_files(op: Operation) -> FilesShown:
    """Response files that came too late, and what became of them."""
    states = (FileState.HELD, FileState.PROPOSED, FileState.ACCEPTED, FileState.REFUSED)
    found = queries.files_by_state(op.db, op.actor, *states, limit=_MOST)
    files = sorted(found, key=lambda file: (states.index(file.state), -file.id))
    return FilesShown(
        files=_lines(op, files),
        may_propose=op.may(Capability.EXAM_WRITE),
        may_decide=op.may(Capability.EXAM_APPROVE),
    )


@desk.command(
    "/response-files/{file_id}/propose",
    Capability.EXAM_WRITE,
    then="/response-files",
    retry=list_response_files,
    fresh=True,
    said="已提出处理意见，须由另一人决定。",
)
def propose_file(op: Operation, *, file_id: int, given: ProposalGiven) -> Done:
    """Propose to accept or to refuse a file that came too late."""
    return Done(id=service.propose(op, file_id=file_id, proposal=given.proposal, cause=given.cause).id)


@desk.command(
    "/response-files/{file_id}/settle",
    Capability.EXAM_APPROVE,
    then="/response-files",
    retry=list_response_files,
    fresh=True,
    said="已决定，考生已收到消息。",
)
def settle_file(op: Operation, *, file_id: int, given: SettlementGiven) -> Done:
    """Agree with what was proposed, or send it back."""
    return Done(id=service.settle(op, file_id=file_id, agreed=given.agreed, note=given.note).id)


def _lines(op: Operation, files: Sequence[ResponseFile]) -> list[FileLine]:
    registrations = attempts.registrations_of_attempts(op.db, {file.attempt_id for file in files})
    seats = {attempt_id: find_seat(op.db, registration) for attempt_id, registration in registrations.items()}
    names = names_of(op.db, {seat.person_id for seat in seats.values()})
    return [
        FileLine(
            id=file.id,
            candidate_name=names[seats[file.attempt_id].person_id],
            ticket_number=seats[file.attempt_id].ticket_number or "",
            exam_name=seats[file.attempt_id].exam_name,
            room_name=seats[file.attempt_id].room_name or "",
            state=file.state,
            why=file.why,
            made_at=file.made_at,
            arrived_at=file.arrived_at,
            newer=file.newer,
            proposal=file.proposal,
            cause=file.cause,
            mine=op.actor.account_id in {file.uploaded_by, file.proposed_by},
        )
        for file in files
    ]
