"""The day of an exam: who comes checks in, starts, saves as they go, and hands in, or is closed at the deadline."""

import asyncio
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeVar

from app.accounts.models import Account
from app.accounts.queries import session_by_token, token_digest
from app.accounts.sessions import open_session
from app.attempts.acts import CheckIn, HandIn, Save, Start
from app.attempts.declarations import CURRENT, accept
from app.attempts.journal import Journal
from app.attempts.messages import Change
from app.attempts.service import issue_code, sweep
from app.attempts.service.check_in import read_code
from app.demo.invigilating import close_absences, close_rooms, file_records, open_rooms, proctors_of, start_rooms
from app.demo.noticing import notice
from app.demo.registering import Planned
from app.demo.stage import DEMO, Player, Stage
from app.exams import queries
from app.exams.queries.seats import Seat, list_rooms, seats_in_room
from app.exams.service import items_of_pool
from app.grading.service import sweep_absences
from app.operation import Caller, acting_as
from app.security.actor import PUBLIC
from question_bank.canonical import read_json
from question_bank.form import key_of
from question_bank.form_json import form_from_json

T = TypeVar("T")

_AT_ONCE = 50
_TOGETHER = timedelta(minutes=5)
_SAVES = 5
"""Into so many saves each candidate's responses are divided."""
_ENTRY_OVER = 35
"""So many minutes after the start nobody enters any more, and the absences of the rooms are closed."""


@dataclass(frozen=True)
class Sheet:
    """What a candidate will respond, by position, and how many minutes they take; None: they never hand in."""

    responses: Mapping[int, list[int]]
    minutes: int | None


@dataclass
class Sitter:
    """A candidate on the day."""

    player: Player
    seat: Seat
    token: str = ""
    session_id: int = 0
    attempt_id: int = 0
    epoch: int = 1


@dataclass(frozen=True)
class Turn:
    """Something that happens so many minutes after the start: `happen` is given who still writes, and says which
    registrations write no more on their pages."""

    minutes: int
    happen: Callable[[Stage, Planned, Sequence[Sitter]], Collection[int]]


def hold_sitting(
    stage: Stage,
    planned: Planned,
    rights: Mapping[int, int],
    *,
    duration_minutes: int = 90,
    turns: Sequence[Turn] = (),
) -> dict[int, Sheet]:
    """Hold the sitting. `rights` says for each person how many items they get right; who is not in it is absent.
    `turns` come in the order of their minutes. Returns what each responded, by attempt."""
    draw = random.Random(stage.draw.random())  # noqa: S311 - no secret
    stage.wait_until(planned.starts_at - timedelta(minutes=25))
    open_rooms(stage, planned)
    sitters = let_in(stage, planned, rights)
    sheets = write_sheets(stage, planned, sitters, rights, draw)
    stage.wait_until(planned.starts_at)
    start_rooms(stage, planned)
    asyncio.run(start(stage, sitters))
    writing, begins = sitters, 0
    for turn in (Turn(_ENTRY_OVER, _close_absences), *turns, Turn(duration_minutes, lambda *_: ())):
        minutes = range(begins, turn.minutes)
        asyncio.run(save(stage, planned, writing, sheets, duration_minutes, within=minutes))
        asyncio.run(hand_in(stage, planned, writing, sheets, within=minutes))
        stage.wait_until(planned.starts_at + timedelta(minutes=turn.minutes))
        silent = turn.happen(stage, planned, writing)
        writing = [one for one in writing if one.seat.registration_id not in silent]
        begins = turn.minutes
    stage.wait_until(planned.starts_at + timedelta(minutes=duration_minutes, seconds=30))
    sweep(stage.house, stage.clock.now())
    with stage.house.database.transaction(reading=True) as db:
        over = max(sitting.ends_at for sitting in queries.sittings_of(db, planned.exam_id))
    stage.wait_until(over + timedelta(minutes=1))
    close_rooms(stage, planned)
    # Of those who were at their page to the end: who says something to a signal does so once the attempt is closed.
    notice(stage, [(sitter.player, sitter.seat) for sitter in writing], starts_at=planned.starts_at)
    file_records(stage, planned)
    sweep_absences(stage.house)
    return {sitter.attempt_id: sheets[sitter.seat.registration_id] for sitter in sitters}


def _close_absences(stage: Stage, planned: Planned, _: Sequence[Sitter]) -> Collection[int]:
    close_absences(stage, planned)
    return ()


def let_in(stage: Stage, planned: Planned, rights: Mapping[int, int]) -> list[Sitter]:
    """In a room the proctor's code lets a candidate in; remotely signing in is enough."""
    players = {player.person_id: player for player in stage.workers}
    sitters: list[Sitter] = []
    proctors = proctors_of(stage, planned)
    typed: list[tuple[Sitter, str]] = []
    with acting_as(stage.house, DEMO) as op:
        for room in [r for r in list_rooms(op.db, op.actor) if r.exam_id == planned.exam_id]:
            proctor = next(iter(proctors[room.room_id]), None)
            for seat in seats_in_room(op.db, room.room_id):
                if seat.person_id not in rights:
                    continue
                sitter = Sitter(players[seat.person_id], seat)
                if proctor is None:
                    account = op.db.get_one(Account, sitter.player.account_id)
                    sitter.token = open_session(replace(op, actor=PUBLIC), account, factor=False)
                else:
                    at_door = replace(op, actor=stage.actor(op, proctor, factor=True))
                    _, code = issue_code(at_door, registration_id=seat.registration_id)
                    typed.append((sitter, read_code(at_door, code)))
                sitters.append(sitter)
    asyncio.run(_check_in(stage, typed))
    with stage.house.database.transaction(reading=True) as db:
        for sitter in sitters:
            opened = session_by_token(db, sitter.token)
            sitter.session_id = opened[0].id if opened else 0
    return sitters


async def _check_in(stage: Stage, typed: Sequence[tuple[Sitter, str]]) -> None:
    journal, now = stage.house.tool(Journal), stage.clock.now()
    for chunk in _chunks(typed):
        acts = [CheckIn(sitter.seat.ticket_number or "", code, _caller(sitter, now)) for sitter, code in chunk]
        for (sitter, _), opened in zip(chunk, await asyncio.gather(*map(journal.check_in, acts)), strict=True):
            sitter.token = opened.token


async def start(stage: Stage, sitters: Sequence[Sitter]) -> None:
    journal, now = stage.house.tool(Journal), stage.clock.now()
    for chunk in _chunks(sitters):
        with acting_as(stage.house, DEMO) as op:
            for sitter in chunk:
                own = replace(op, actor=stage.actor(op, sitter.player, session_id=sitter.session_id))
                accept(own, registration_id=sitter.seat.registration_id, version=CURRENT)
        starts = [
            Start(sitter.seat.registration_id, token_digest(sitter.token), _caller(sitter, now)) for sitter in chunk
        ]
        for sitter, shown in zip(chunk, await asyncio.gather(*map(journal.start, starts)), strict=True):
            sitter.attempt_id, sitter.epoch = shown.attempt_id, shown.epoch


def write_sheets(
    stage: Stage, planned: Planned, sitters: Sequence[Sitter], rights: Mapping[int, int], draw: random.Random
) -> dict[int, Sheet]:
    """Responses by registration: so many right as the person knows, the others wrong or left empty."""
    with acting_as(stage.house, DEMO) as op:
        items = items_of_pool(op, planned.exam_id)
        forms = {row.registration_id: row.content for row in queries.forms_of(op.db, planned.exam_id)}
    sheets = {}
    for n, sitter in enumerate(sitters):
        form = form_from_json(read_json(forms[sitter.seat.registration_id]))
        positions = [entry.position for entry in form.entries]
        known = set(draw.sample(positions, min(rights[sitter.player.person_id], len(positions))))
        responses = {}
        for entry in form.entries:
            key = [shown for shown in key_of(form, items, position=entry.position) if isinstance(shown, int)]
            responses[entry.position] = key if entry.position in known else _wrong(draw, key, len(entry.order))
        minutes = None if n % 80 == 79 else draw.randint(40, 85)
        sheets[sitter.seat.registration_id] = Sheet(responses, minutes)
    return sheets


def _wrong(draw: random.Random, key: list[int], options: int) -> list[int]:
    """A response that is not right: none at all, one option too few, or another one."""
    if draw.random() < 0.1:
        return []
    if len(key) > 1:
        return sorted(draw.sample(key, len(key) - 1))
    return [draw.choice([option for option in range(options) if option not in key])]


async def save(
    stage: Stage,
    planned: Planned,
    sitters: Sequence[Sitter],
    sheets: Mapping[int, Sheet],
    duration_minutes: int,
    *,
    within: range,
) -> None:
    """Everyone's saves of these minutes, in the order in which they arrive, many under way at once."""
    journal = stage.house.tool(Journal)
    arriving: list[tuple[datetime, Save]] = []
    for sitter in sitters:
        sheet = sheets[sitter.seat.registration_id]
        minutes = sheet.minutes or duration_minutes
        positions = sorted(sheet.responses)
        share = -(-len(positions) // _SAVES)
        for n in range(_SAVES):
            part = positions[n * share : (n + 1) * share]
            after, seconds = divmod(minutes * 60 * (n + 1) // (_SAVES + 1), 60)
            if after not in within:
                continue
            at = planned.starts_at + timedelta(minutes=after, seconds=seconds)
            changes = [Change(p, 1, [*sheet.responses[p]], sitter.epoch) for p in part]
            arriving.append((at, Save(sitter.attempt_id, token_digest(sitter.token), at, changes)))
    arriving.sort(key=lambda pair: pair[0])
    # A batch of the journal must not span the time after which a session counts as idle.
    for _, together in groupby(arriving, key=lambda pair: (pair[0] - planned.starts_at) // _TOGETHER):
        await asyncio.gather(*(journal.keep(save) for _, save in together))


async def hand_in(
    stage: Stage, planned: Planned, sitters: Sequence[Sitter], sheets: Mapping[int, Sheet], *, within: range
) -> None:
    """Who is done in these minutes, in the order of the minutes that each takes."""
    journal = stage.house.tool(Journal)
    leaving = [
        (minutes, sitter)
        for sitter in sitters
        if (minutes := sheets[sitter.seat.registration_id].minutes) is not None and minutes in within
    ]
    leaving.sort(key=lambda pair: (pair[0], pair[1].attempt_id))
    for chunk in _chunks(leaving):
        hand_ins = []
        for minutes, sitter in chunk:
            now = planned.starts_at + timedelta(minutes=minutes)
            hand_ins.append(HandIn(sitter.attempt_id, sitter.epoch, token_digest(sitter.token), _caller(sitter, now)))
        await asyncio.gather(*map(journal.hand_in, hand_ins))
        stage.clock.set(now)
        stage.wait_until(now)


def _caller(sitter: Sitter, now: datetime) -> Caller:
    return Caller(sitter.token, "127.0.0.1", DEMO, now)


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(rows), _AT_ONCE):
        yield rows[first : first + _AT_ONCE]
