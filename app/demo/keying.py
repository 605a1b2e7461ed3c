"""A room of the demo that loses its power: it finishes on paper, and two people key its sheets."""

import io
from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw

from app.attempts.on_paper import queries, service
from app.attempts.on_paper.rules import say_keyed
from app.attempts.switches import service as switches
from app.attempts.switches.rules import SwitchCause, SwitchKind
from app.authoring.service.pictures import decode_picture
from app.demo.invigilating import proctors_of
from app.demo.registering import Planned
from app.demo.sitting import Sheet, Sitter
from app.demo.stage import Stage
from app.exams.queries.seats import find_room
from app.security.permissions import Role
from question_bank.form import Form
from question_bank.items import ItemType

_PAGE = (620, 877)
"""A4 at 75 dots an inch, width and height in pixels."""
_COLUMNS = 4


def lose_power(stage: Stage, planned: Planned, sitters: Sequence[Sitter]) -> set[int]:
    """The first room goes over to paper, as the chief proctor proposes and an approver agrees; returns the
    registrations that write no more on their pages."""
    room_id = next(iter(proctors_of(stage, planned)))
    with stage.by(Role.CHIEF_PROCTOR) as op:
        sitting_id = find_room(op.db, op.actor, room_id).sitting_id
        switch_id = switches.propose(
            op,
            sitting_id=sitting_id,
            room_id=room_id,
            kind=SwitchKind.ON_PAPER,
            cause=SwitchCause.POWER_FAILURE,
            note="供电线路故障，预计一小时内不能恢复",
        ).id
    with stage.by(Role.EXAM_APPROVER) as op:
        switches.approve(op, sitting_id=sitting_id, switch_id=switch_id)
        moved = {sheet.attempt_id for sheet in queries.sheets_of_rooms(op.db, [room_id])}
    return {sitter.seat.registration_id for sitter in sitters if sitter.attempt_id in moved}


def key_sheets(stage: Stage, planned: Planned, written: Mapping[int, Sheet]) -> None:
    """Two officers key every sheet, each for themselves; of the first one they read an item differently, which a third
    person settles by the scan. `written` says by attempt what stands on the sheets."""
    with stage.by(Role.EXAM_OFFICER) as op:
        found = queries.sheets_of_rooms(op.db, proctors_of(stage, planned).keys())
        sheets = [(sheet.id, written[sheet.attempt_id]) for sheet in found]
    for officer in (0, 1):
        for n, (sheet_id, sheet) in enumerate(sheets):
            with stage.by(Role.EXAM_OFFICER, officer) as op:
                form = service.form_of_sheet(op, queries.find_sheet(op.db, op.actor, sheet_id))
                typed = _typed(form, sheet)
                if officer and not n:
                    typed |= _misread(form, typed)
                service.key_sheet(op, sheet_id=sheet_id, present=True, typed=typed)
    sheet_id, sheet = sheets[0]
    with stage.by(Role.EXAM_OFFICER) as op:
        typed = _typed(service.form_of_sheet(op, queries.find_sheet(op.db, op.actor, sheet_id)), sheet)
        service.attach_scan(op, sheet_id=sheet_id, picture=decode_picture(_draw_scan(typed)))
    with stage.by(Role.CHIEF_PROCTOR) as op:
        service.settle(op, sheet_id=sheet_id, present=True, typed=typed)


def _typed(form: Form, sheet: Sheet) -> dict[int, str]:
    return {at: say_keyed(form.entry_at(at), response) for at, response in sheet.responses.items()}


def _misread(form: Form, typed: Mapping[int, str]) -> dict[int, str]:
    """The first single choice that was made, read as another one."""
    chosen = (e.position for e in form.entries if e.item_type is ItemType.SINGLE_CHOICE and typed[e.position])
    at = next(chosen)
    return {at: "B" if typed[at] == "A" else "A"}


def _draw_scan(typed: Mapping[int, str]) -> bytes:
    """A page on which the responses stand in columns, as a scanner would give it."""
    page = Image.new("L", _PAGE, 250)
    brush = ImageDraw.Draw(page)
    brush.rectangle((24, 24, _PAGE[0] - 24, _PAGE[1] - 24), outline=60)
    rows = -(-len(typed) // _COLUMNS)
    for n, (position, text) in enumerate(sorted(typed.items())):
        column, row = divmod(n, rows)
        brush.text((60 + column * 140, 60 + row * 55), f"{position:>2}.  {text}", fill=40)
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()
