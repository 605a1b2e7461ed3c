"""A sitting in progress: candidates who checked in, their browsers, and a shorthand to save."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest

from app.attempts.service import issue_code
from app.attempts.service.check_in import read_code
from app.clock import ManualClock
from app.operation import House, acting_as
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from app.web.caller import cookie_name
from tests.support.client import Client, open_app
from tests.support.grounds import Ground
from tests.support.sealed_exam import Candidate, SealedExam, make_sealed_exam, open_session_for


def proctor_of(exam: SealedExam, room: int = 0) -> Actor:
    """The proctor of that room."""
    persona = exam.proctors[room]
    return Actor(
        kind=ActorKind.PERSON,
        account_id=persona.account_id,
        person_id=persona.person_id,
        grants=(Grant(Role.PROCTOR),),
    )


def new_code(house: House, exam: SealedExam, number: int = 0) -> str:
    """A check-in code for that candidate, as the proctor's board shows it."""
    with acting_as(house, "test", actor=proctor_of(exam)) as op:
        return read_code(op, issue_code(op, registration_id=exam.candidates[number].registration_id)[1])


@dataclass
class Sitter:
    """A candidate at a computer, with what the page would know of the attempt."""

    client: Client
    candidate: Candidate
    attempt_id: int = 0
    epoch: int = 1

    def start(self) -> httpx.Response:
        answer = self.client.api("/attempts/start", {"registration_id": self.candidate.registration_id})
        if answer.status_code == 200:
            self.attempt_id, self.epoch = answer.json()["attempt_id"], answer.json()["epoch"]
        return answer

    def save(self, position: int, revision: int, response: list[int], **more: Any) -> httpx.Response:
        return self.save_all([(position, revision, response)], **more)

    def save_all(self, changes: list[tuple[int, int, list[int]]], *, epoch: int | None = None) -> httpx.Response:
        sent = [{"position": p, "revision": r, "response": x, "epoch": epoch or self.epoch} for p, r, x in changes]
        return self.client.api(f"/attempts/{self.attempt_id}/saves", {"changes": sent})

    def act(self, verb: str, body: Any = None) -> httpx.Response:
        return self.client.api(f"/attempts/{self.attempt_id}/{verb}", body)

    def look(self, what: str = "state") -> httpx.Response:
        return self.client.api_get(f"/attempts/{self.attempt_id}/{what}")

    def saved(self) -> dict[int, tuple[int, list[int]]]:
        return {row["position"]: (row["revision"], row["response"]) for row in self.look().json()["responses"]}


Sit = Callable[..., Sitter]


@pytest.fixture
def clock(house: House) -> ManualClock:
    assert isinstance(house.clock, ManualClock)
    return house.clock


EXAM = Ground("sitting", partial(make_sealed_exam, proctored=True))


@pytest.fixture
def ground(request: pytest.FixtureRequest) -> Ground[SealedExam] | None:
    """A module that makes another exam says so with another ground."""
    return EXAM if "exam" in request.fixturenames else None


@pytest.fixture
def exam(house: House) -> SealedExam:
    """Three candidates in one room; the sitting has just begun."""
    return EXAM.stand_on(house)


@pytest.fixture
def sit(house: House, exam: SealedExam) -> Iterator[Sit]:
    """`sit(0)` seats candidate 0 at a new computer, checked in; `start=False` leaves the start to the test."""
    with open_app(house) as (app, portal):
        opened: list[Client] = []

        def seat(number: int = 0, *, start: bool = True, checked_in: bool = True) -> Sitter:
            candidate = exam.candidates[number]
            token, _ = open_session_for(house, candidate, checked_in=checked_in)
            client = Client(app, portal)
            client.http.cookies.set(cookie_name(house.settings), token)
            opened.append(client)
            sitter = Sitter(client, candidate)
            if start:
                answer = sitter.start()
                assert answer.status_code == 200, answer.text
            return sitter

        yield seat
        for client in opened:
            client.close()
