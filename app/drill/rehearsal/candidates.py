"""Synthetic candidates as diaries: they arrive, start, answer, lose the network and come back, swap machines, open a
second page, hand in or leave it to the bell; and they remember what they were told."""

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from app.drill.history import History
from app.drill.load.open_loop import Away, Diary, Due
from app.drill.load.wire import Reply, get, must_succeed, post
from app.drill.rehearsal.ground import Ground, Seated
from question_bank.canonical import canonical_json, read_json
from question_bank.form import key_of, score_form
from question_bank.kinds import kind_of

T = TypeVar("T")
Scene = Generator[Due | Away, Reply | None, T]

LONGEST_ABSENCE = 49
"""Changes that one save takes beside the one that is sent again."""
_encode = msgspec.json.Encoder().encode


class _Started(msgspec.Struct):
    attempt_id: int
    epoch: int
    writing: bool
    state: str
    responses: list["_Saved"]


class _Saved(msgspec.Struct):
    position: int
    revision: int


class _Result(msgspec.Struct):
    position: int
    revision: int
    status: str


class _Kept(msgspec.Struct):
    results: list[_Result]


_read_started = msgspec.json.Decoder(_Started).decode
_read_kept = msgspec.json.Decoder(_Kept).decode


@dataclass(frozen=True)
class Part:
    """What happens to a candidate on the day, beside the ordinary."""

    away: bool
    swaps: bool
    second_page: bool
    left_to_bell: bool
    fetches: bool
    """Whether their page has the sealed form before the start, and asks for its key alone."""

    @classmethod
    def of(cls, number: int, *, left: int) -> "Part":
        """By number: one in ten of each, half have the form before the start; one in `left` (0: nobody) never hands
        in."""
        return cls(
            away=number % 10 == 0,
            swaps=number % 10 == 3,
            second_page=number % 10 == 5,
            left_to_bell=bool(left) and number % left == 1,
            fetches=number % 2 == 0,
        )


@dataclass(frozen=True)
class Day:
    """Seconds from its beginning: all arrive before `start`, start within `storm` of it, save `every` so many seconds,
    and hand in within `closing` before the bell. Who loses the network is away for `away`."""

    start: float
    storm: float
    every: float
    bell: float
    away: float
    closing: float


@dataclass
class Candidate:
    """One candidate at their computer. `choices` holds for each position what they may say, as canonical JSON text."""

    seat: Seated
    history: History
    address: str
    choices: Sequence[tuple[str, str]]
    password: str
    token: str = ""
    epoch: int = 0
    revision: int = 0
    played: list[str] = field(default_factory=list)
    """What has happened to them, once it went as it must."""


def make_candidates(seats: Sequence[Seated], ground: Ground) -> list[Candidate]:
    """The candidates of these seats; each has an address of their own, as behind a proxy."""
    found = []
    for number, seat in enumerate(seats):
        choices = []
        for entry in seat.form.entries:
            key = key_of(seat.form, ground.items, position=entry.position)
            choices.append((_text(key), _text(kind_of(entry.item_type).nothing(entry.extent))))
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        found.append(Candidate(seat, History(seat.registration_id), address, choices, ground.password))
    return found


def _text(response: Any) -> str:
    """A response as the journal keeps it."""
    return canonical_json(response).decode()


def expected_total(candidate: Candidate, ground: Ground) -> int:
    """What the rule book gives (hundredths) for what was acknowledged to the candidate last, position by position."""
    said = {position: read_json(text) for position, (_, text) in candidate.history.newest().items()}
    return score_form(candidate.seat.form, ground.items, said).total  # type: ignore[arg-type] # canonical responses


def live_through(candidate: Candidate, day: Day, part: Part, chance: random.Random) -> Diary:
    """The day of one candidate."""
    at = chance.random() * day.start * 0.8
    yield from _sign_in(candidate, at)
    fetched = yield from _wait(candidate, at, fetches=part.fetches)
    at = day.start + chance.random() * day.storm
    yield from _start(candidate, at, fetched=fetched)
    end = day.bell if part.left_to_bell else day.bell - chance.random() * day.closing
    middle = day.start + day.storm + (day.bell - day.closing - day.start - day.storm) * (0.2 + 0.3 * chance.random())
    at += chance.random() * day.every
    while at < middle:
        yield from _save(candidate, at, [_change(candidate, chance)])
        at += day.every
    if part.away:
        at = yield from _lose_network(candidate, at, day, chance)
    if part.swaps:
        yield from _swap(candidate, at)
    if part.second_page:
        yield from _open_second_page(candidate, at)
    while at < end:
        yield from _save(candidate, at, [_change(candidate, chance)])
        at += day.every
    if part.left_to_bell:
        candidate.played.append("left_to_bell")
    else:
        yield from _hand_in(candidate, end)


def enter_early(candidate: Candidate, at: float) -> Diary:
    """Sign in, promise and start without more ado: who saves under rising load afterwards."""
    yield from _sign_in(candidate, at)
    yield from _wait(candidate, at, fetches=False)
    yield from _start(candidate, at, fetched=False)


def save_at(candidate: Candidate, times: Sequence[float], chance: random.Random) -> Diary:
    """A save of one response at each of these times."""
    for at in times:
        yield from _save(candidate, at, [_change(candidate, chance)])


def _sign_in(candidate: Candidate, at: float, *, code: int = 0) -> Scene[None]:
    seat = candidate.seat
    if seat.remote:
        fields = urlencode({"login": seat.login, "password": candidate.password}).encode()
        request = post("/sign-in", fields, address=candidate.address, kind="application/x-www-form-urlencoded")
    else:
        body = _encode({"ticket_number": seat.ticket_number, "code": seat.codes[code]})
        request = post("/api/v1/ticket-sign-in", body, address=candidate.address)
    reply = yield from _ask(at, request, "sign_in")
    _, _, rest = reply.head.partition(b"chizheng=")
    candidate.token = rest.partition(b";")[0].decode()
    if not candidate.token:
        raise ValueError(f"sign-in opened no session: {reply.status}")


def _wait(candidate: Candidate, at: float, *, fetches: bool) -> Scene[bool]:
    """The promise, and the sealed form where the page can hold it; whether it has it. Who came so late that the sitting
    has begun is given none."""
    number = candidate.seat.registration_id
    promise = f"/api/v1/registrations/{number}/declaration"
    yield from _ask(at, _post(candidate, promise, {"version": 1}), "promise", b'"exam_id"')
    if not fetches:
        return False
    reply = yield Due(at, get(f"/registrations/{number}/sealed-form", token=candidate.token), "form")
    if reply is None or reply.status not in {200, 404}:
        raise ValueError(f"the sealed form was not given: {reply.status if reply else 'no reply'}")
    return reply.status == 200


def _start(candidate: Candidate, at: float, *, fetched: bool) -> Scene[None]:
    number = candidate.seat.registration_id
    held = {"sealed": f"{number:064x}"} if fetched else {}
    request = _post(candidate, "/api/v1/attempts/start", {"registration_id": number, **held})
    reply = yield from _ask(at, request, "start", b'"form_key":"' if fetched else b'"sections"')
    _write_on(candidate, reply)


def _write_on(candidate: Candidate, reply: Reply) -> None:
    """This computer writes now; it must have been shown everything that was acknowledged before."""
    shown = _read_started(reply.body)
    if not shown.writing or shown.state != "open":
        raise ValueError("not writing")
    there = {saved.position: saved.revision for saved in shown.responses}
    missing = [at for at, (revision, _) in candidate.history.newest().items() if there.get(at, 0) < revision]
    if missing:
        raise ValueError(f"what was acknowledged at {missing[0]} was not shown again")
    candidate.history.attempt_id, candidate.epoch = shown.attempt_id, shown.epoch


Change = tuple[int, int, str]
"""Position, revision, response as canonical JSON text."""


def _change(candidate: Candidate, chance: random.Random) -> Change:
    candidate.revision += 1
    position = 1 + candidate.revision % len(candidate.choices)
    key, other = candidate.choices[position - 1]
    return position, candidate.revision, key if chance.random() < 0.7 else other


def _save(candidate: Candidate, at: float, changes: Sequence[Change]) -> Scene[None]:
    request = _saving(candidate, changes, token=candidate.token, epoch=candidate.epoch)
    reply = yield from _ask(at, request, "save")
    told = {(result.position, result.revision): result.status for result in _read_kept(reply.body).results}
    for position, revision, text in changes:
        status = told.get((position, revision), "not mentioned")
        if status not in {"stored", "repeated"}:
            raise ValueError(f"a newer save was answered as {status}")
        candidate.history.told[position, revision] = text


def _lose_network(candidate: Candidate, at: float, day: Day, chance: random.Random) -> Scene[float]:
    """What is chosen meanwhile is saved when the network is back, and the last save is sent again with it: its
    acknowledgement might have been lost."""
    missed = max(1, min(LONGEST_ABSENCE, int(day.away / day.every)))
    last = [(position, revision, text) for (position, revision), text in list(candidate.history.told.items())[-1:]]
    back = at + day.away
    yield Away(back)
    yield from _save(candidate, back, [*last, *(_change(candidate, chance) for _ in range(missed))])
    candidate.played.append("away")
    return back + day.every


def _swap(candidate: Candidate, at: float) -> Scene[None]:
    """Another computer, after the proctor's release; the old one may not write any more."""
    before = candidate.token, candidate.epoch
    yield from _sign_in(candidate, at, code=1)
    release = {"code": candidate.seat.codes[1]} if candidate.seat.remote else {}
    yield from _take_over(candidate, at, before, release)
    candidate.played.append("swapped")


def _open_second_page(candidate: Candidate, at: float) -> Scene[None]:
    """A second page on the same computer goes on; the first one may not write any more."""
    yield from _take_over(candidate, at, (candidate.token, candidate.epoch), {})
    candidate.played.append("second_page")


def _take_over(candidate: Candidate, at: float, before: tuple[str, int], release: dict[str, str]) -> Scene[None]:
    path = f"/api/v1/attempts/{candidate.history.attempt_id}/take-over"
    reply = yield from _ask(at, _post(candidate, path, release), "take_over")
    _write_on(candidate, reply)
    token, epoch = before
    late = _saving(candidate, [(1, candidate.revision + 1, candidate.choices[0][0])], token=token, epoch=epoch)
    refused = yield Due(at, late, "refused")
    if refused is None or refused.status != 409:
        raise ValueError("a page that had been left could still save")


def _hand_in(candidate: Candidate, at: float) -> Scene[None]:
    path = f"/api/v1/attempts/{candidate.history.attempt_id}/hand-in"
    yield from _ask(at, _post(candidate, path, {"epoch": candidate.epoch}), "hand_in", b'"handed_in"')
    candidate.history.handed_in = True


def _ask(at: float, request: bytes, name: str, *signs: bytes) -> Scene[Reply]:
    reply = yield Due(at, request, name)
    if reply is None:
        raise ValueError("no reply to a request")
    must_succeed(reply, *signs)
    return reply


def _post(candidate: Candidate, path: str, said: object) -> bytes:
    return post(path, _encode(said), token=candidate.token, address=candidate.address)


def _saving(candidate: Candidate, changes: Sequence[Change], *, token: str, epoch: int) -> bytes:
    said = ",".join(
        f'{{"position":{position},"revision":{revision},"response":{text},"epoch":{epoch}}}'
        for position, revision, text in changes
    )
    path = f"/api/v1/attempts/{candidate.history.attempt_id}/saves"
    return post(path, f'{{"changes":[{said}]}}'.encode(), token=token, address=candidate.address)
