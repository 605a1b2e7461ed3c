"""答题卡: the sheets of rooms on paper, keyed twice, settled against their scans."""

from datetime import datetime

from pydantic import Field

from app.accounts.queries import person_of
from app.attempts import queries as attempts
from app.attempts.models import PaperKeying, PaperSheet
from app.attempts.on_paper import queries, service
from app.attempts.on_paper.rules import LONGEST_KEYED, SheetState, differing, say_keyed
from app.attempts.rules import Closing
from app.authoring.service.pictures import decode_picture
from app.exams.queries.seats import Seat, find_seat
from app.operation import Caller, House, Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done, Given, Key, Shown
from app.web.desk import Desk, NavEntry
from app.web.faces import Download, Upload
from question_bank.content import Picture
from question_bank.items import ItemType

desk = Desk("attempts")


class SheetLine(Shown):
    """One sheet by its codes, without a name: who keys it need not know whose it is. `keyed`: how often it was keyed,
    `mine`: this person was one of them."""

    id: int
    exam_name: str
    room_name: str
    seat: int | None
    ticket_number: str
    state: SheetState
    keyed: int
    mine: bool
    scans: int


class SheetsShown(Shown):
    """The sheets that this person may see, those that wait first."""

    sheets: list[SheetLine]


class KeyRow(Shown):
    """One item of the form as the grid shows it: what may be typed, and what this page may show of what was.

    `first` and `second` are the two keyings, only once they stand against each other; `typed` is what counts, or what
    this person keyed; `online` what had been given before the switch, once the sheet is settled.
    """

    position: int
    kind: ItemType
    options: int
    slots: int
    typed: str
    first: str
    second: str
    online: str
    differs: bool


class SheetShown(SheetLine):
    """One sheet. `may_key`, `may_settle`, `may_confirm`: what this person can do now; `third`: their word settles."""

    form_number: int
    present: bool | None
    presence_differs: bool
    rows: list[KeyRow]
    scan_ids: list[int]
    may_key: bool
    may_settle: bool
    may_confirm: bool
    third: bool
    keyed_by: list[str]
    settled_at: datetime | None
    absent: bool
    receipt_code: str


class TypedRow(Given):
    """What was typed for one item."""

    position: Key
    text: str = Field("", max_length=LONGEST_KEYED)


class SheetGiven(Given):
    """A sheet as somebody reads it; without `present` there is none: the candidate handed in no paper."""

    present: bool = False
    rows: list[TypedRow] = Field(default_factory=list, max_length=500)

    @property
    def typed(self) -> dict[int, str]:
        """By position."""
        return {row.position: row.text for row in self.rows}


class ConfirmGiven(Given):
    """Whether another person agrees with what was proposed."""

    agreed: bool


@desk.view("/sheets", Capability.SHEET_KEY, template="attempts/sheets.html", nav=NavEntry("答题卡录入", 44))
def list_sheets(op: Operation) -> SheetsShown:
    """The sheets of the rooms that I see."""
    found = queries.list_sheets(op.db, op.actor)
    keyings = queries.keyings_of(op.db, [sheet.id for sheet in found])
    scans = queries.scan_ids(op.db, [sheet.id for sheet in found])
    registrations = attempts.registrations_of_attempts(op.db, [sheet.attempt_id for sheet in found])
    lines = [
        _line(op, sheet, find_seat(op.db, registrations[sheet.attempt_id]), keyings[sheet.id], scans[sheet.id])
        for sheet in found
    ]
    order = [*SheetState]
    return SheetsShown(sheets=sorted(lines, key=lambda line: (order.index(line.state), line.room_name, line.seat or 0)))


@desk.view("/sheets/{sheet_id}", Capability.SHEET_KEY, template="attempts/sheet_of_paper.html")
def show_sheet(op: Operation, *, sheet_id: int) -> SheetShown:
    """One sheet: the grid to key, the differences to settle, or what counts."""
    sheet = queries.find_sheet(op.db, op.actor, sheet_id)
    keyings = queries.keyings_of(op.db, [sheet.id])[sheet.id]
    scans = queries.scan_ids(op.db, [sheet.id])[sheet.id]
    attempt = attempts.attempt_by_id(op.db, sheet.attempt_id)
    form = service.form_of_sheet(op, sheet)
    people = [person_of(op.db, row.keyed_by) for row in keyings]
    mine = op.actor.person_id in people
    read = [service.unpack(row.content) for row in keyings]
    shown = read if sheet.state not in {SheetState.AWAITED, SheetState.KEYED_ONCE} else []
    own = next((one for one, person in zip(read, people, strict=True) if person == op.actor.person_id), None)
    settled = sheet.state is SheetState.SETTLED
    proposed = service.unpack(sheet.proposal) if sheet.proposal else None
    counts = service.what_counts(op, sheet) if settled else proposed.responses if proposed else None
    here = counts if counts is not None else own.responses if own else {}
    online = service.given_online(op, sheet) if settled else {}
    apart = differing(shown[0].responses, shown[1].responses) if len(shown) == 2 else []
    names = names_of(op.db, set(people)) if shown else {}
    line = _line(op, sheet, find_seat(op.db, attempt.registration_id), keyings, scans)

    def said(responses: object, position: int) -> str:
        held = responses if isinstance(responses, dict) else {}
        return say_keyed(form.entry_at(position), held[position]) if position in held else ""

    return SheetShown(
        **line.model_dump(),
        form_number=form.number,
        present=own.present if own else None,
        presence_differs=len({one.present for one in shown}) > 1,
        rows=[
            KeyRow(
                position=entry.position,
                kind=entry.item_type,
                options=entry.extent.shown,
                slots=entry.extent.slots,
                typed=said(here, entry.position),
                first=said(shown[0].responses, entry.position) if shown else "",
                second=said(shown[-1].responses, entry.position) if shown else "",
                online=said(online, entry.position),
                differs=entry.position in apart,
            )
            for entry in form.entries
        ],
        scan_ids=scans,
        may_key=sheet.state in {SheetState.AWAITED, SheetState.KEYED_ONCE} and not mine,
        may_settle=sheet.state is SheetState.DIFFERS,
        may_confirm=sheet.state is SheetState.PROPOSED
        and person_of(op.db, sheet.proposed_by or 0) != op.actor.person_id,
        third=not mine,
        keyed_by=[names[person] for person in people] if shown else [],
        settled_at=sheet.settled_at,
        absent=attempt.closing is Closing.ABSENT,
        receipt_code=attempt.receipt_code or "",
    )


@desk.command(
    "/sheets/{sheet_id}/keying",
    Capability.SHEET_KEY,
    then="/sheets/{sheet_id}",
    retry=show_sheet,
    said="已录入。",
)
def key_sheet(op: Operation, *, sheet_id: int, given: SheetGiven) -> Done:
    """Key a sheet, independently of the other person."""
    return Done(id=service.key_sheet(op, sheet_id=sheet_id, present=given.present, typed=given.typed).id)


@desk.command(
    "/sheets/{sheet_id}/settlement",
    Capability.SHEET_KEY,
    then="/sheets/{sheet_id}",
    retry=show_sheet,
    fresh=True,
    said="已记录核定结果。",
)
def settle_sheet(op: Operation, *, sheet_id: int, given: SheetGiven) -> Done:
    """Say what counts where two keyings differ."""
    return Done(id=service.settle(op, sheet_id=sheet_id, present=given.present, typed=given.typed).id)


@desk.command(
    "/sheets/{sheet_id}/confirmation",
    Capability.SHEET_KEY,
    then="/sheets/{sheet_id}",
    retry=show_sheet,
    fresh=True,
    said="已办理。",
)
def confirm_sheet(op: Operation, *, sheet_id: int, given: ConfirmGiven) -> Done:
    """Agree with what one of the two proposed, or send it back."""
    return Done(id=service.confirm(op, sheet_id=sheet_id, agreed=given.agreed).id)


def _page(_house: House, _caller: Caller, *, file: Upload, **_: object) -> Picture:
    return decode_picture(file.content)


@desk.command(
    "/sheets/{sheet_id}/scans",
    Capability.SHEET_KEY,
    then="/sheets/{sheet_id}",
    retry=show_sheet,
    prepare=_page,
    said="扫描件已上传。",
)
def attach_scan(op: Operation, *, sheet_id: int, file: Upload, prepared: Picture) -> Done:
    """Attach one page of the scanned sheet."""
    del file
    return Done(id=service.attach_scan(op, sheet_id=sheet_id, picture=prepared).id)


@desk.view("/sheets/{sheet_id}/scans/{scan_id}", Capability.SHEET_KEY, api=False)
def show_scan(op: Operation, *, sheet_id: int, scan_id: int) -> Download:
    """One page of the scanned sheet."""
    sheet = queries.find_sheet(op.db, op.actor, sheet_id)
    scan = queries.find_scan(op.db, sheet.id, scan_id)
    return Download(f"{sheet.id}-{scan.id}", scan.content, scan.media_type, inline=True)


def _line(op: Operation, sheet: PaperSheet, seat: Seat, keyings: list[PaperKeying], scans: list[int]) -> SheetLine:
    return SheetLine(
        id=sheet.id,
        exam_name=seat.exam_name,
        room_name=seat.room_name or "",
        seat=seat.seat,
        ticket_number=seat.ticket_number or "",
        state=sheet.state,
        keyed=len(keyings),
        mine=op.actor.person_id in {person_of(op.db, row.keyed_by) for row in keyings},
        scans=len(scans),
    )
