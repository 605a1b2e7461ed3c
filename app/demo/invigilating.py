"""What the invigilators of the demo do: rooms opened, begun and closed, absences confirmed, records signed."""

from dataclasses import replace

from app.attempts.absences import service as absences
from app.attempts.absences.rules import AbsenceCause
from app.attempts.room_day import service
from app.attempts.room_day.rules import RoomCheck
from app.attempts.sitting_record import service as records
from app.demo.registering import Planned
from app.demo.stage import DEMO, Player, Stage
from app.exams import queries
from app.exams.queries.seats import find_room
from app.operation import Operation, acting_as
from app.security.permissions import Role


def proctors_of(stage: Stage, planned: Planned) -> dict[int, list[Player]]:
    """Who runs each room of an exam, the proctors before the chief; nobody where nobody was assigned."""
    staff = {p.account_id: p for role in (Role.PROCTOR, Role.CHIEF_PROCTOR) for p in stage.staff[role]}
    with stage.house.database.transaction(reading=True) as db:
        rooms = queries.rooms_of(db, queries.sittings_of(db, planned.exam_id)[0].id)
        found = queries.proctors_by_room(db, [room.id for room in rooms])
    return {
        room_id: [player for account_id, player in staff.items() if account_id in accounts]
        for room_id, accounts in found.items()
    }


def open_rooms(stage: Stage, planned: Planned) -> None:
    """Every room that has a proctor is opened."""
    for room_id, players in proctors_of(stage, planned).items():
        if players:
            there = [player.account_id for player in players]
            with acting_as(stage.house, DEMO) as op:
                service.open_room(_by(stage, op, players[0]), room_id=room_id, checks=list(RoomCheck), present=there)


def start_rooms(stage: Stage, planned: Planned) -> None:
    """The exam is said to begin."""
    for room_id, players in proctors_of(stage, planned).items():
        if players:
            with acting_as(stage.house, DEMO) as op:
                service.start_room(_by(stage, op, players[0]), room_id=room_id)


def close_absences(stage: Stage, planned: Planned) -> None:
    """Nobody enters any more: absences are stated by the proctor and confirmed by the chief."""
    chief = stage.player(Role.CHIEF_PROCTOR)
    for room_id, players in proctors_of(stage, planned).items():
        if players:
            with acting_as(stage.house, DEMO) as op:
                proctor = _by(stage, op, players[0])
                found, _ = absences.without_attempt(proctor, find_room(op.db, proctor.actor, room_id))
                absences.state_absences(proctor, room_id=room_id, absent=dict.fromkeys(found, AbsenceCause.NO_SHOW))
                absences.confirm_absences(_by(stage, op, chief), room_id=room_id)


def close_rooms(stage: Stage, planned: Planned) -> None:
    """Everybody is done: the sheets of paper, and two slips for each candidate, were given out and come back."""
    for room_id, players in proctors_of(stage, planned).items():
        if players:
            with acting_as(stage.house, DEMO) as op:
                proctor = _by(stage, op, players[0])
                seats = service.seats_of(op, find_room(op.db, proctor.actor, room_id))
                sheets = service.expected_sheets(op, seats)
                service.close_room(proctor, room_id=room_id, sheets=sheets, slips=2 * len(seats), note="")


def file_records(stage: Stage, planned: Planned) -> None:
    """Proctor and chief sign the record of every room."""
    chief = stage.player(Role.CHIEF_PROCTOR)
    for room_id, players in proctors_of(stage, planned).items():
        if players:
            with acting_as(stage.house, DEMO) as op:
                proctor = _by(stage, op, players[0])
                drawn = records.draw_up(proctor, room_id=room_id)
                for signer in (proctor, _by(stage, op, chief)):
                    records.sign(signer, room_id=room_id, number=1, content_hash=drawn.content_hash)


def waive_records(stage: Stage, planned: Planned) -> None:
    """Nobody invigilates remote rooms here: an approver does without their records."""
    for room_id, players in proctors_of(stage, planned).items():
        if not players:
            with stage.by(Role.EXAM_APPROVER) as op:
                records.waive(op, exam_id=planned.exam_id, room_id=room_id, reason="远程考场未安排现场监考")


def _by(stage: Stage, op: Operation, player: Player) -> Operation:
    return replace(op, actor=stage.actor(op, player, factor=True))
