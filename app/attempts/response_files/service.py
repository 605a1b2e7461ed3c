"""Response files brought in: in time they are merged like saves; too late they are held, and two people decide."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.attempts.events import AttemptClosed
from app.attempts.messages import Change
from app.attempts.models import Attempt, JournalEntry, ResponseFile
from app.attempts.response_files import queries
from app.attempts.response_files.book import FileBook, FileContent
from app.attempts.response_files.rules import (
    LARGEST,
    FileAction,
    FileState,
    FileTooEarly,
    FileUnreadable,
    Proposal,
    check_other_person,
    move_file,
    settling,
    why_held,
)
from app.attempts.responses import hash_responses
from app.attempts.rules import AttemptState, Stored, Verdict, is_late, judge_revision, reckon
from app.attempts.service.closing import fold
from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams.queries import form_for
from app.exams.queries.seats import find_room, find_seat
from app.exams.reading import read_form
from app.operation import House, Operation, Task
from app.outbox.post import post
from app.outbox.templates import Kind
from app.security.permissions import Capability
from question_bank.errors import InvalidForm, InvalidResponse
from question_bank.form import Form, parse_response

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def book_of(house: House) -> FileBook:
    """The lock of this house's files."""
    return FileBook(house.settings.secret_key.get_secret_value())


def bring_in(op: Operation, *, room_id: int, raw: bytes) -> ResponseFile:
    """A file that a proctor brings from a candidate's computer. In time, and from the page that writes the attempt, its
    responses are merged by their revisions, exactly as if that page had saved them now; else it is held. The same file
    again is the first (P4). Raises NotFound, FileUnreadable."""
    find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN)
    content = book_of(op.house).open(raw) if len(raw) <= LARGEST else None
    attempt = _hold(op, content.attempt_id) if content else None
    seat = find_seat(op.db, attempt.registration_id) if attempt else None
    if content is None or attempt is None or seat is None or seat.room_id != room_id:
        raise FileUnreadable
    digest = hashlib.sha256(raw).hexdigest()
    known = queries.file_with_hash(op.db, attempt.id, digest)
    if known is not None:
        return known
    changes = _read(op, attempt, content.changes)
    grace = timedelta(seconds=op.settings.grace_seconds)
    why = why_held(
        is_open=attempt.state is AttemptState.OPEN,
        late=is_late(deadline=attempt.deadline_at, grace=grace, arrived=reckon(op.now, paused_at=attempt.paused_at)),
        epoch=attempt.epoch,
        sent_epochs={change.epoch for change, _ in changes},
    )
    newer = _newer(attempts.newest_responses(op.db, attempt.id), changes)
    file = ResponseFile(
        attempt_id=attempt.id,
        file_hash=digest,
        state=move_file(None, FileAction.HOLD if why else FileAction.MERGE),
        why=why,
        made_at=_claimed(content, op.now),
        arrived_at=op.now,
        uploaded_by=op.actor.account_id or 0,
        content=json.dumps([[c.position, c.revision, c.epoch, text] for c, text in changes], ensure_ascii=False),
        newer=len(newer),
    )
    op.db.add(file)
    if why is None:
        _append(op, attempt, newer)
    op.db.flush()
    after = {"attempt_id": attempt.id, "state": file.state, "why": why, "newer": file.newer, "file_hash": digest}
    record(op, AuditAction.RESPONSE_FILE_UPLOAD, subject=("response_file", file.id), after=after)
    _tell(op, attempt, Kind.RESPONSES_HELD if why else Kind.RESPONSES_MERGED)
    return file


def propose(op: Operation, *, file_id: int, proposal: Proposal, cause: str) -> ResponseFile:
    """The first of two says what should become of a held file, and why. Raises NotFound, FileMoved, FileTooEarly,
    SameFileHandler."""
    file = queries.hold_file(op.db, op.actor, file_id)
    before = file.state
    state = move_file(before, FileAction.PROPOSE)
    check_other_person(op.actor.person_id, _persons(op, file.uploaded_by))
    attempt = _hold(op, file.attempt_id)
    if attempt is None or attempt.state is not AttemptState.CLOSED:
        raise FileTooEarly
    file.state, file.proposal, file.cause = state, proposal, cause
    file.proposed_by, file.proposed_at = op.actor.account_id, op.now
    op.db.flush()
    record(
        op,
        AuditAction.RESPONSE_FILE_PROPOSE,
        subject=("response_file", file.id),
        before={"state": before},
        after={"state": state, "proposal": proposal},
        reason=cause,
    )
    return file


def settle(op: Operation, *, file_id: int, agreed: bool, note: str) -> ResponseFile:
    """The second of two agrees, or sends the proposal back. What is accepted counts by its revisions, and the attempt
    is scored again. Raises NotFound, FileMoved, SameFileHandler; grading's refusal once results are proposed or out.
    """
    file = queries.hold_file(op.db, op.actor, file_id)
    if file.proposal is None:
        move_file(file.state, FileAction.RETURN)
    action = settling(file.proposal or Proposal.REFUSE, agreed=agreed)
    before, file.state = file.state, move_file(file.state, action)
    check_other_person(op.actor.person_id, _persons(op, file.uploaded_by, file.proposed_by))
    attempt = _hold(op, file.attempt_id)
    if attempt is None:
        raise FileUnreadable
    after: dict[str, object] = {"state": file.state, "attempt_id": attempt.id, "proposed_by": file.proposed_by}
    if action is FileAction.RETURN:
        file.proposal = file.proposed_by = file.proposed_at = None
    else:
        file.decided_by, file.decided_at = op.actor.account_id, op.now
    if action is FileAction.ACCEPT:
        after["responses_hash"] = _accept(op, attempt, file)
    op.db.flush()
    record(
        op,
        AuditAction.RESPONSE_FILE_SETTLE,
        subject=("response_file", file.id),
        before={"state": before},
        after=after,
        reason=note,
    )
    if action is not FileAction.RETURN:
        _tell(op, attempt, Kind.RESPONSES_ACCEPTED if action is FileAction.ACCEPT else Kind.RESPONSES_REFUSED)
    return file


def waiting(op: Operation) -> list[Task]:
    """What waits: held files to propose on, proposals to decide."""
    tasks = []
    if op.may(Capability.EXAM_WRITE):
        held = queries.files_by_state(op.db, op.actor, FileState.HELD, limit=100)
        words = ("份迟到的作答文件待提出处理意见", "late response files to propose on")
        tasks.append(Task(*words, len(held), "/response-files"))
    if op.may(Capability.EXAM_APPROVE):
        proposed = queries.files_by_state(op.db, op.actor, FileState.PROPOSED, limit=100)
        tasks.append(
            Task("份迟到的作答文件待决定", "late response files to decide on", len(proposed), "/response-files")
        )
    return tasks


def _hold(op: Operation, attempt_id: int) -> Attempt | None:
    """The attempt, held: a save, a hand-in or a closing comes wholly before or wholly after (P2). Whether the actor has
    to do with it, the room or the file has said."""
    return attempts.hold_any(op.db, attempt_id)


def _read(op: Operation, attempt: Attempt, changes: Sequence[Change]) -> list[tuple[Change, str]]:
    """Each change with its response as it would be stored. Raises FileUnreadable for what the form cannot take."""
    row = form_for(op.db, attempt.registration_id)
    if row is None:
        raise FileUnreadable
    form: Form = read_form(row.content)
    try:
        return [
            (change, msgspec.json.encode(parse_response(form, change.response, position=change.position)).decode())
            for change in changes
        ]
    except (InvalidResponse, InvalidForm):
        raise FileUnreadable from None


def _newer(stored: dict[int, Stored], changes: Sequence[tuple[Change, str]]) -> list[tuple[Change, int, str]]:
    """What counts beside what is stored, with the revision it counts as: the judge of saves decides. The same revision
    with another response was given on that page last, and is numbered after what is stored, as the page would do."""
    newer = []
    for change, text in changes:
        before = stored.get(change.position)
        verdict = judge_revision(before, revision=change.revision, response=text)
        if verdict is Verdict.STORED:
            newer.append((change, change.revision, text))
        elif verdict is Verdict.CONFLICT:
            newer.append((change, change.revision + 1, text))
    return newer


def _append(op: Operation, attempt: Attempt, newer: Sequence[tuple[Change, int, str]]) -> None:
    op.db.add_all(
        JournalEntry(
            attempt_id=attempt.id,
            position=change.position,
            revision=revision,
            epoch=attempt.epoch,
            response=text,
            arrived_at=op.now,
        )
        for change, revision, text in newer
    )
    op.db.flush()


def _accept(op: Operation, attempt: Attempt, file: ResponseFile) -> str:
    """Let a file count after the end; returns the hash of all that counts now."""
    fold(op.db, attempt.id)
    file.hash_before = hash_responses(attempts.folded_responses(op.db, attempt.id))
    kept = [(Change(p, r, json.loads(text), epoch), text) for p, r, epoch, text in json.loads(file.content)]
    _append(op, attempt, _newer(attempts.newest_responses(op.db, attempt.id), kept))
    fold(op.db, attempt.id)
    op.publish(AttemptClosed(attempt.id))
    return hash_responses(attempts.folded_responses(op.db, attempt.id))


def _claimed(content: FileContent, now: datetime) -> datetime:
    """When the page says that it made the file; it may say what it likes, but nothing that cannot be a moment."""
    return min(_EPOCH + timedelta(milliseconds=min(content.made_at, 2**42)), now)


def _persons(op: Operation, *account_ids: int | None) -> set[int]:
    return {person_of(op.db, account_id) for account_id in account_ids if account_id is not None}


def _tell(op: Operation, attempt: Attempt, kind: Kind) -> None:
    seat = find_seat(op.db, attempt.registration_id)
    post(op.db, person_id=seat.person_id, template=kind, params={"exam": seat.exam_name}, now=op.now)
