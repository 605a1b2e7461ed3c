"""The door of an exam: what its candidate finds there, before, during and after; the paper only after their start."""

import re
from typing import Any

import msgspec

from app.attempts import queries
from app.attempts.declarations import CURRENT, TEXTS
from app.attempts.lockdown.service import demand, may_enter, page_of
from app.attempts.messages import AttemptShown, SavedResponse
from app.attempts.response_files.book import FileBook
from app.attempts.responses import answered
from app.attempts.rules import AttemptState, Phase
from app.attempts.schemas import Entrance
from app.attempts.service.sitting import Arrival, arrive_at, show_running
from app.attempts.signals.gathering import Signals
from app.attempts.sitting_schemas import (
    BrowserShown,
    DeclarationShown,
    DoorShown,
    FileLock,
    PaperShown,
    SittingLine,
    SittingsShown,
    Step,
)
from app.authoring.asking_schemas import WordingShown, asked_fields
from app.authoring.queries.pictures import picture_by_hash
from app.errors import NotFound
from app.exams.queries.lockdown import file_of
from app.exams.queries.seats import form_of, seats_of_person
from app.exams.registering.service import check_consent
from app.exams.service.lockdown import check_address, open_address
from app.operation import Operation
from question_bank.content import Picture

_HASH = re.compile("[0-9a-f]{64}")
_IN_ITS_BROWSER = frozenset(Step) - {Step.CLOSED, Step.MISSED, Step.ENTRY_OVER}
"""What an exam that asks for its browser shows to that browser alone."""


def step_of(door: Entrance) -> Step:
    """What the candidate finds at the door: told from the entrance alone."""
    if door.attempt_state is AttemptState.CLOSED:
        return Step.CLOSED
    if door.attempt_state is AttemptState.ON_PAPER:
        return Step.ON_PAPER
    if door.attempt_state is AttemptState.OPEN:
        if door.phase is not Phase.OPEN:
            return Step.COLLECTING
        return Step.WRITING if door.writing else Step.ELSEWHERE
    before = {
        Phase.NOT_OPEN: Step.NOT_OPEN,
        Phase.WAITING: Step.WAITING,
        Phase.LATE_ENTRY_OVER: Step.ENTRY_OVER,
    }
    if door.phase is Phase.OPEN:
        return Step.READY if door.checked_in else Step.CHECK_IN
    return before.get(door.phase, Step.MISSED)


def show_door(op: Operation, *, exam_id: int, nonce: str = "") -> DoorShown:
    """The door of an exam; with the paper where the actor's attempt runs and this session writes it (P15).

    Raises NotFound where the actor has no confirmed registration, ConsentNeeded where they have not accepted the
    privacy notice and no attempt runs.
    """
    arrival = arrive_at(op, exam_id=exam_id)
    door = arrival.entrance
    if door.attempt_state is None:  # a running attempt is kept from nobody
        check_consent(op, door.registration_id)
    step = step_of(door)
    if door.lockdown and step in _IN_ITS_BROWSER and not may_enter(op, arrival.seat, nonce=nonce):
        step = Step.BROWSER
    if step is Step.ELSEWHERE and not arrival.doorstep.let_in:
        op.house.tool(Signals).see_device(door.registration_id, op.actor.session_id or 0, op.now)
    paper = None
    count = None
    if step is Step.WRITING:
        attempt = show_running(op, arrival)
        paper = paper_of(attempt) if attempt and attempt.view is not None else None
        step = Step.WRITING if paper else Step.COLLECTING
    if step is Step.CLOSED and door.attempt_id is not None:
        count = answered(list(queries.folded_responses(op.db, door.attempt_id).values()))
    return DoorShown(
        step=step,
        entrance=door,
        paper=paper,
        answered=count,
        declaration=declaration_of(arrival),
        lock=lock_of(op, door),
        browser=_browser_of(op, door) if door.lockdown else None,
    )


def _browser_of(op: Operation, door: Entrance) -> BrowserShown:
    file = file_of(op.db, door.exam_id)
    page = page_of(op, door.exam_id).removeprefix(op.settings.public_base_url.rstrip("/"))
    check = check_address(op.house, file.mark) if file else ""
    return BrowserShown(
        path=page,
        open_href=open_address(op.house, file.mark) if file else "",
        check_href=check,
        quit_href=f"{check}/quit" if file else "",
    )


def lock_of(op: Operation, door: Entrance) -> FileLock:
    """What the page at this door may shut a response file with; no pass before there is an attempt."""
    book = FileBook(op.settings.secret_key.get_secret_value())
    return FileLock(
        key=book.public_key(door.exam_id), file_pass=book.pass_of(door.attempt_id) if door.attempt_id else ""
    )


def declaration_of(arrival: Arrival) -> DeclarationShown:
    """The words that are asked now, and when this candidate made the promise."""
    zh, en = TEXTS[CURRENT]
    made = arrival.doorstep.promised_at
    return DeclarationShown(version=CURRENT, text=WordingShown(zh=zh, en=en), accepted_at=made)


def form_picture(op: Operation, *, exam_id: int, sha256: str) -> Picture:
    """A picture that stands in the actor's own form, while their attempt runs in this session: never before their
    start, and none of other forms (P15). Raises NotFound, whatever the reason."""
    arrival = arrive_at(op, exam_id=exam_id)
    demand(op, arrival.seat)
    door = arrival.entrance
    form = form_of(op.db, door.registration_id) if step_of(door) is Step.WRITING else None
    if form is None or not _HASH.fullmatch(sha256) or f"(picture:{sha256})" not in form.view:
        raise NotFound
    return picture_by_hash(op.db, sha256)


def list_sittings(op: Operation) -> SittingsShown:
    """The actor's own exams, the next or the running one first."""
    seats = seats_of_person(op.db, op.actor.person_id)
    attempts = queries.attempts_of(op.db, [seat.registration_id for seat in seats])
    lines = []
    for seat in seats:
        attempt = attempts.get(seat.registration_id)
        state = "absent" if attempt is None else "closed" if attempt.state is AttemptState.CLOSED else "running"
        lines.append(
            SittingLine(
                exam_id=seat.exam_id,
                exam_name=seat.exam_name,
                ticket_number=seat.ticket_number or "",
                room_name=seat.room_name or "",
                seat=seat.seat,
                remote=seat.remote,
                starts_at=seat.starts_at,
                ends_at=seat.ends_at,
                duration_minutes=int(seat.duration.total_seconds()) // 60,
                extra_minutes=int(seat.extra.total_seconds()) // 60,
                state=state,
            )
        )
    ahead = sorted((line for line in lines if line.ends_at >= op.now), key=lambda line: line.starts_at)
    past = sorted((line for line in lines if line.ends_at < op.now), key=lambda line: line.starts_at, reverse=True)
    return SittingsShown(sittings=ahead + past)


def paper_of(attempt: AttemptShown) -> PaperShown:
    """The paper as its page shows it, of an attempt that is shown with its `view`."""
    view = msgspec.json.decode(attempt.view or b"{}")
    stored = {saved.position: (saved, msgspec.json.decode(saved.response)) for saved in attempt.responses}
    items, sections = [], []
    for section in view["sections"]:
        shown = [_shown(item, *stored.get(item["position"], (None, None))) for item in section["items"]]
        points = sum(item["points_hundredths"] for item in shown)
        sections.append({"title": section["title"], "points_hundredths": points, "items_shown": shown})
        items += shown
    return PaperShown.model_validate(  # plain values, all at once: a model made by itself costs more than its fields
        {
            "attempt_id": attempt.attempt_id,
            "epoch": attempt.epoch,
            "deadline_at": attempt.deadline_at,
            "hand_in_from": attempt.hand_in_from,
            "now": attempt.now,
            "item_count": view["item_count"],
            "responded": sum(item["responded"] for item in items),
            "current": next(
                (item["number"] for item in items if not item["responded"]), items[0]["number"] if items else 1
            ),
            "sections": sections,
        }
    )


def _shown(item: dict[str, Any], saved: SavedResponse | None, response: Any) -> dict[str, Any]:
    stored = {"revision": saved.revision if saved else 0, "saved_at": saved.at if saved else None}
    return asked_fields(item, response) | stored
