"""转为纸笔作答: attempts go over to paper as they stand, their sheets are keyed twice by two people, and what counts is
scored like the rest (decision 0021)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.attempts.absences.queries import absent_among
from app.attempts.models import Attempt, JournalEntry, PaperKeying, PaperScan, PaperSheet, RoomSwitch
from app.attempts.on_paper import queries
from app.attempts.on_paper.rules import (
    ScanMissing,
    ScansTooMany,
    SheetAction,
    SheetState,
    check_new_person,
    counting,
    differing,
    move_sheet,
    read_keyed,
)
from app.attempts.responses import hash_responses
from app.attempts.rules import TRANSITIONS, AttemptAction, AttemptState, Closing
from app.attempts.service.closing import close, fold
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams.queries import form_for
from app.exams.queries.seats import form_ids_of, seats_in_rooms
from app.exams.reading import read_form
from app.operation import Operation, Task
from app.security.permissions import Capability
from question_bank.content import Picture
from question_bank.form import Form
from question_bank.kinds import Response

MOST_SCANS = 12


@dataclass(frozen=True)
class Keyed:
    """What one person read: whether there is a sheet at all, and the responses on it by position."""

    present: bool
    responses: dict[int, Response]


def move_to_paper(op: Operation, switch: RoomSwitch, room_ids: Sequence[int]) -> int:
    """Every attempt of these rooms that is not closed goes over to paper as it stands, whoever has not begun with an
    attempt of their own; each gets a sheet. Returns how many. The rooms are held by the caller."""
    rooms = {seat.registration_id: seat.room_id or 0 for seat in seats_in_rooms(op.db, room_ids)}
    for absent in absent_among(op.db, rooms):  # two people have closed it: no sheet is awaited
        del rooms[absent]
    queries.begin_on_paper(op.db, form_ids_of(op.db, rooms), now=op.now)
    moved = 0
    known = {sheet.attempt_id for sheet in queries.sheets_of_rooms(op.db, room_ids)}
    for attempt in queries.hold_all(op.db, rooms):
        before = attempt.state if attempt.writing_session_id else None
        if attempt.id in known or (before, AttemptAction.MOVE_TO_PAPER) not in TRANSITIONS:
            continue
        fold(op.db, attempt.id)
        online = attempts.folded_responses(op.db, attempt.id)
        attempt.state = TRANSITIONS[before, AttemptAction.MOVE_TO_PAPER]
        op.db.add(
            PaperSheet(
                attempt_id=attempt.id,
                room_id=rooms[attempt.registration_id],
                switch_id=switch.id,
                state=SheetState.AWAITED,
            )
        )
        op.db.flush()
        record(
            op,
            AuditAction.ATTEMPT_MOVE_TO_PAPER,
            subject=("attempt", attempt.id),
            before={"state": before},
            after={"state": attempt.state, "responses_hash": hash_responses(online), "switch_id": switch.id},
        )
        moved += 1
    return moved


def form_of_sheet(op: Operation, sheet: PaperSheet) -> Form:
    """The form that the candidate of this sheet has. Raises NotFound."""
    attempt = attempts.attempt_by_id(op.db, sheet.attempt_id)
    row = form_for(op.db, attempt.registration_id)
    if row is None:
        raise NotFound
    return read_form(row.content)


def key_sheet(op: Operation, *, sheet_id: int, present: bool, typed: Mapping[int, str]) -> PaperSheet:
    """Key a sheet, the first or the second time: the same twice settles it.

    Raises NotFound, SheetMoved, SameKeyer for who has keyed it already, KeyedRefused naming positions.
    """
    sheet = queries.find_sheet(op.db, op.actor, sheet_id, lock=True)
    before = queries.keyings_of(op.db, [sheet.id])[sheet.id]
    action = SheetAction.AGREE if before else SheetAction.KEY
    move_sheet(sheet.state, action)
    check_new_person(op.actor.person_id, _persons(op, before))
    keyed = Keyed(present, read_keyed(form_of_sheet(op, sheet), typed) if present else {})
    row = PaperKeying(
        sheet_id=sheet.id,
        number=len(before) + 1,
        keyed_by=op.actor.account_id or 0,
        keyed_at=op.now,
        content=_packed(keyed),
    )
    op.db.add(row)
    if before and unpack(before[0].content) != keyed:
        action = SheetAction.DIFFER
    state = move_sheet(sheet.state, action)
    told = {"number": row.number, "present": present, "responses_hash": hash_responses(_said(keyed))}
    _move(op, sheet, state, AuditAction.SHEET_KEY, told)
    if action is SheetAction.AGREE:
        _finish(op, sheet, keyed)
    return sheet


def settle(op: Operation, *, sheet_id: int, present: bool, typed: Mapping[int, str]) -> PaperSheet:
    """Say what counts where two keyings differ: `typed` at the positions that differ, against the scan. From a third
    person it counts; from one of the two it is a proposal.

    Raises NotFound, SheetMoved, ScanMissing, KeyedRefused.
    """
    sheet = queries.find_sheet(op.db, op.actor, sheet_id, lock=True)
    keyings = queries.keyings_of(op.db, [sheet.id])[sheet.id]
    third = op.actor.person_id not in _persons(op, keyings)
    state = move_sheet(sheet.state, SheetAction.SETTLE if third else SheetAction.PROPOSE)
    if not queries.scan_ids(op.db, [sheet.id])[sheet.id]:
        raise ScanMissing
    first, second = (unpack(row.content) for row in keyings)
    apart = differing(first.responses, second.responses)
    alike = {at: response for at, response in first.responses.items() if at not in apart}
    mended = read_keyed(form_of_sheet(op, sheet), {at: typed.get(at, "") for at in apart}) if present else {}
    keyed = Keyed(present, {**alike, **mended} if present else {})
    told = {"present": present, "positions": apart, "responses_hash": hash_responses(_said(keyed))}
    if third:
        _move(op, sheet, state, AuditAction.SHEET_SETTLE, told)
        _finish(op, sheet, keyed)
    else:
        sheet.proposal, sheet.proposed_by = _packed(keyed), op.actor.account_id
        _move(op, sheet, state, AuditAction.SHEET_PROPOSE, told)
    return sheet


def confirm(op: Operation, *, sheet_id: int, agreed: bool) -> PaperSheet:
    """Agree with what one of the two who keyed it proposed, or send it back. Raises NotFound, SheetMoved, SameKeyer."""
    sheet = queries.find_sheet(op.db, op.actor, sheet_id, lock=True)
    state = move_sheet(sheet.state, SheetAction.CONFIRM if agreed else SheetAction.RETURN)
    proposer = person_of(op.db, sheet.proposed_by or 0)
    check_new_person(op.actor.person_id, {proposer})
    keyed, told = unpack(sheet.proposal or "{}"), {"agreed": agreed, "proposed_by": sheet.proposed_by}
    if agreed:
        _move(op, sheet, state, AuditAction.SHEET_SETTLE, told)
        _finish(op, sheet, keyed)
    else:
        sheet.proposal = sheet.proposed_by = None
        _move(op, sheet, state, AuditAction.SHEET_PROPOSE, told)
    return sheet


def attach_scan(op: Operation, *, sheet_id: int, picture: Picture) -> PaperScan:
    """Attach a page that was decoded and written anew already; the same page again is the first (P4). Raises NotFound,
    ScansTooMany."""
    sheet = queries.find_sheet(op.db, op.actor, sheet_id, lock=True)
    known = queries.scan_with_hash(op.db, sheet.id, picture.sha256)
    if known is not None:
        return known
    if len(queries.scan_ids(op.db, [sheet.id])[sheet.id]) >= MOST_SCANS:
        raise ScansTooMany(most=MOST_SCANS)
    scan = PaperScan(
        sheet_id=sheet.id,
        sha256=picture.sha256,
        media_type=picture.media_type,
        content=picture.data,
        uploaded_by=op.actor.account_id or 0,
        uploaded_at=op.now,
    )
    op.db.add(scan)
    op.db.flush()
    record(op, AuditAction.SHEET_SCAN, subject=("sheet", sheet.id), after={"sha256": picture.sha256})
    return scan


def what_counts(op: Operation, sheet: PaperSheet) -> dict[int, Response]:
    """The responses of a sheet's closed attempt."""
    folded = attempts.folded_responses(op.db, sheet.attempt_id)
    return {at: json.loads(text) for at, text in folded.items()}


def given_online(op: Operation, sheet: PaperSheet) -> dict[int, Response]:
    """What had been given online when the room went over to paper."""
    found = attempts.responses_until(op.db, sheet.attempt_id, queries.moved_at(op.db, sheet))
    return {at: json.loads(text) for at, text in found.items()}


def waiting(op: Operation) -> list[Task]:
    """What waits: sheets to key or to settle."""
    if not op.may(Capability.SHEET_KEY):
        return []
    found = queries.count_unsettled(op.db, op.actor)
    return [Task("份纸笔答题卡待录入或核定", "sheets to key or to settle", found, "/sheets")] if found else []


def unpack(content: str) -> Keyed:
    """A keying or proposal as it was stored."""
    read = json.loads(content)
    return Keyed(bool(read.get("present")), {int(at): said for at, said in read.get("responses", {}).items()})


def _packed(keyed: Keyed) -> str:
    return json.dumps({"present": keyed.present, "responses": keyed.responses}, ensure_ascii=False)


def _said(keyed: Keyed) -> dict[int, str]:
    return {at: msgspec.json.encode(response).decode() for at, response in keyed.responses.items()}


def _persons(op: Operation, keyings: Sequence[PaperKeying]) -> set[int]:
    return {person_of(op.db, row.keyed_by) for row in keyings}


def _move(op: Operation, sheet: PaperSheet, state: SheetState, action: AuditAction, told: Mapping[str, object]) -> None:
    before, sheet.state = sheet.state, state
    if state is SheetState.SETTLED:
        sheet.settled_by, sheet.settled_at = op.actor.account_id, op.now
    op.db.flush()
    after = {"state": state, "attempt_id": sheet.attempt_id, **told}
    record(op, action, subject=("sheet", sheet.id), before={"state": before}, after=after)


def _finish(op: Operation, sheet: PaperSheet, keyed: Keyed) -> None:
    """Close the attempt with what counts: the sheet's responses join the journal behind those given online."""
    attempt = attempts.hold_any(op.db, sheet.attempt_id)
    if attempt is None or (attempt.state, AttemptAction.CLOSE_ON_PAPER) not in TRANSITIONS:
        raise NotFound
    if not keyed.present and attempt.writing_session_id is None:
        _note_absent(op, attempt)
        return
    stored = attempts.newest_responses(op.db, attempt.id)
    online = {at: json.loads(one.response) for at, one in stored.items()}
    for at, response in sorted(counting(online, keyed.responses).items()):
        if online.get(at) == response:
            continue
        op.db.add(
            JournalEntry(
                attempt_id=attempt.id,
                position=at,
                revision=stored[at].revision + 1 if at in stored else 1,
                epoch=attempt.epoch,
                response=msgspec.json.encode(response).decode(),
                arrived_at=op.now,
            )
        )
    op.db.flush()
    close(op, attempt, closing=Closing.ON_PAPER, as_of=op.now)


def _note_absent(op: Operation, attempt: Attempt) -> None:
    attempt.state, attempt.closing, attempt.closed_at = AttemptState.CLOSED, Closing.ABSENT, op.now
    op.db.flush()
    after = {"state": attempt.state, "responses_hash": hash_responses({}), "as_of": op.now, "closing": attempt.closing}
    before = {"state": AttemptState.ON_PAPER}
    record(op, AuditAction.ATTEMPT_CLOSE, subject=("attempt", attempt.id), before=before, after=after)
