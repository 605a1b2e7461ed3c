"""Candidates as state machines: sign in with ticket and code, start, save with revisions and epoch, hand in."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from app.drill.load.open_loop import Away, Diary, Due
from app.drill.load.wire import Reply, get, must_succeed, post
from benchmarks.generator import Script

_encode = msgspec.json.Encoder().encode


class Candidate(msgspec.Struct):
    """One candidate: what is known before the exam, and what the exam adds."""

    registration_id: int
    ticket_number: str
    code: str
    login: str = ""
    address: str = ""
    options: list[int] = []
    """How many options each position of the form has."""
    token: str = ""
    attempt_id: int = 0
    epoch: int = 0
    revision: int = 0
    acknowledged: list[tuple[int, int, int]] = []
    """Every save that was answered in an open loop: position, revision, the option chosen."""


class _Started(msgspec.Struct):
    attempt_id: int
    epoch: int
    writing: bool
    state: str


_read_started = msgspec.json.Decoder(_Started).decode


def ticket_sign_in(candidate: Candidate) -> Script:
    """Ticket number and the proctor's code for a session."""
    body = _encode({"ticket_number": candidate.ticket_number, "code": candidate.code})
    reply = yield post("/api/v1/ticket-sign-in", body, address=candidate.address)
    must_succeed(reply, b"registration_id")
    candidate.token = _cookie(reply)


def password_sign_in(candidate: Candidate, password: str) -> Script:
    """Login and password for a session."""
    fields = urlencode({"login": candidate.login, "password": password}).encode()
    reply = yield post("/sign-in", fields, address=candidate.address, kind="application/x-www-form-urlencoded")
    must_succeed(reply)
    if reply.status != 303:
        raise ValueError(f"refused: {reply.status}")
    candidate.token = _cookie(reply)


def _cookie(reply: Reply) -> str:
    _, _, rest = reply.head.partition(b"chizheng=")
    token, _, _ = rest.partition(b";")
    if not token:
        raise ValueError("no session cookie")
    return token.decode()


def make_promise(candidate: Candidate) -> Script:
    """The declaration that is asked before the start."""
    promise = f"/api/v1/registrations/{candidate.registration_id}/declaration"
    reply = yield post(promise, _encode({"version": 1}), token=candidate.token, address=candidate.address)
    must_succeed(reply, b'"exam_id"')


def fetch_form(candidate: Candidate) -> Script:
    """The sealed form, while waiting."""
    reply = yield get(f"/registrations/{candidate.registration_id}/sealed-form", token=candidate.token)
    must_succeed(reply)


def look(candidate: Candidate) -> Script:
    """At the time that is left."""
    must_succeed((yield get(f"/api/v1/attempts/{candidate.attempt_id}/time", token=candidate.token)), b"deadline_at")


def start(candidate: Candidate) -> Script:
    """The form is delivered, the clock runs; the promise was made while waiting."""
    yield from _begin(candidate, {}, b'"sections"')


def start_sealed(candidate: Candidate) -> Script:
    """The same by who holds the sealed form already and has made the promise: the answer brings its key alone."""
    yield from _begin(candidate, {"sealed": f"{candidate.registration_id:064x}"}, b'"form_key":"')


def _begin(candidate: Candidate, more: dict[str, str], sign: bytes) -> Script:
    take_start(candidate, (yield start_request(candidate, more)), sign)


def start_request(candidate: Candidate, more: dict[str, str] | None = None) -> bytes:
    """A request to start."""
    body = _encode({"registration_id": candidate.registration_id, **(more or {})})
    return post("/api/v1/attempts/start", body, token=candidate.token, address=candidate.address)


def take_start(candidate: Candidate, reply: Reply, sign: bytes = b'"sections"') -> None:
    """Note what the start told; raises ValueError where it is not a start that holds `sign`."""
    must_succeed(reply, sign)
    shown = _read_started(reply.body)
    if not shown.writing or shown.state != "open":
        raise ValueError("not writing")
    candidate.attempt_id, candidate.epoch = shown.attempt_id, shown.epoch


def save_one_by_one(share: Sequence[Candidate], chance: random.Random) -> Script:
    """Without end: one response of one of these candidates, a newer revision each time."""
    heads = [_save_head(candidate) for candidate in share]
    while True:
        at = int(chance.random() * len(share))
        candidate = share[at]
        candidate.revision += 1
        position = 1 + candidate.revision % len(candidate.options)
        choice = candidate.revision % candidate.options[position - 1]
        body = (
            b'{"changes":[{"position":%d,"revision":%d,"response":[%d],"epoch":%d}]}'
            % (position, candidate.revision, choice, candidate.epoch)
        )  # fmt: skip
        reply = yield b"%s%d\r\n\r\n%s" % (heads[at], len(body), body)
        must_succeed(reply, b'"stored"')


def save_pages(share: Sequence[Candidate], chance: random.Random) -> Script:
    """Without end: a page of responses at once, one to each position."""
    while True:
        candidate = share[int(chance.random() * len(share))]
        reply = yield page_of_saves(candidate)
        must_succeed(reply, b'"stored"')


def page_of_saves(candidate: Candidate) -> bytes:
    """A request that saves a response to each position (50 at most)."""
    candidate.revision += 1
    changes = [
        {
            "position": position,
            "revision": candidate.revision,
            "response": [candidate.revision % count],
            "epoch": candidate.epoch,
        }
        for position, count in enumerate(candidate.options[:50], start=1)
    ]
    body = _encode({"changes": changes})
    return b"%s%d\r\n\r\n%s" % (_save_head(candidate), len(body), body)


def save_page_once(candidate: Candidate) -> Script:
    """One page of responses."""
    reply = yield page_of_saves(candidate)
    must_succeed(reply, b'"stored"')


def hand_in(candidate: Candidate) -> Script:
    """The end, scored at once."""
    reply = yield hand_in_request(candidate)
    must_succeed(reply, b'"handed_in"')


def hand_in_request(candidate: Candidate) -> bytes:
    """A request to hand in."""
    path = f"/api/v1/attempts/{candidate.attempt_id}/hand-in"
    return post(path, _encode({"epoch": candidate.epoch}), token=candidate.token, address=candidate.address)


def save_on_time(candidate: Candidate, times: Sequence[float]) -> Diary:
    """A save of one response at each of these times."""
    for at in times:
        changes = [_change(candidate)]
        reply = yield Due(at, _save(candidate, changes), "save")
        _acknowledge(candidate, changes, reply)


@dataclass(frozen=True)
class Day:
    """An exam day, in seconds from its first entry: all enter within `entry`, save one response `every` so many
    seconds until the bell at `bell`, and hand in within `closing` after it. One in ten loses the network for `away`."""

    candidates: int
    entry: float
    every: float
    bell: float
    away: float
    closing: float


def live_through(candidate: Candidate, day: Day, number: int, chance: random.Random) -> Diary:
    """The day of one candidate. What is chosen while the network is gone is saved at once when it is back."""
    at = chance.random() * day.entry
    take_start(candidate, _answered((yield Due(at, start_request(candidate), "start"))))
    room = day.bell - day.away - day.entry - day.every
    gone = day.entry + day.every + chance.random() * room if number % 10 == 0 and room > 0 else day.bell
    at += chance.random() * day.every
    while at < day.bell:
        changes = [_change(candidate)]
        if at >= gone:
            back, gone = at + day.away, day.bell
            missed = int(day.away / day.every)
            changes += [_change(candidate) for _ in range(min(missed, 49))]
            yield Away(back)
            at = back
        reply = yield Due(at, _save(candidate, changes), "save")
        _acknowledge(candidate, changes, reply)
        at += day.every
    reply = yield Due(day.bell + chance.random() * day.closing, hand_in_request(candidate), "hand_in")
    must_succeed(_answered(reply), b'"handed_in"')


def _change(candidate: Candidate) -> tuple[int, int, int]:
    candidate.revision += 1
    position = 1 + candidate.revision % len(candidate.options)
    return position, candidate.revision, candidate.revision % candidate.options[position - 1]


def _save(candidate: Candidate, changes: Sequence[tuple[int, int, int]]) -> bytes:
    said = b",".join(
        b'{"position":%d,"revision":%d,"response":[%d],"epoch":%d}' % (*change, candidate.epoch) for change in changes
    )
    return b'%s%d\r\n\r\n{"changes":[%s]}' % (_save_head(candidate), len(said) + 14, said)


def _acknowledge(candidate: Candidate, changes: Sequence[tuple[int, int, int]], reply: Reply | None) -> None:
    must_succeed(_answered(reply), b'"stored"')
    candidate.acknowledged += changes


def _answered(reply: Reply | None) -> Reply:
    if reply is None:
        raise ValueError("no reply to a request")
    return reply


def ask_again(path: str, token: str, sign: bytes, accept: str) -> Script:
    """Without end: one page of the house."""
    request = get(path, token=token, accept=accept)
    while True:
        reply = yield request
        must_succeed(reply, sign)


def _save_head(candidate: Candidate) -> bytes:
    return (
        f"POST /api/v1/attempts/{candidate.attempt_id}/saves HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        f"sec-fetch-site: same-origin\r\ncontent-type: application/json\r\ncookie: chizheng={candidate.token}\r\n"
        "content-length: "
    ).encode()
