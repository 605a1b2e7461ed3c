"""Candidates who save over HTTP without end, and remember what they were told was kept."""

import asyncio
import http.client
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select

from app.accounts.queries import token_digest
from app.attempts.acts import Start
from app.attempts.journal import Journal
from app.attempts.models import JournalEntry
from app.operation import Caller, House
from tests.support.sealed_exam import Candidate, SealedExam, open_session_for

Told = dict[tuple[int, int, int], str]
"""(attempt, position, revision) → response, for every save that was acknowledged as stored."""


@dataclass(frozen=True)
class Running:
    """A running attempt and the token that writes it."""

    attempt_id: int
    token: str


def start_attempts(house: House, exam: SealedExam) -> list[Running]:
    """Every candidate of a remote room signs in and starts."""
    journal = house.tool(Journal)

    async def start(candidate: Candidate) -> Running:
        token, _ = open_session_for(house, candidate, checked_in=False)
        caller = Caller(token, "127.0.0.1", "test", house.clock.now())
        shown = await journal.start(Start(candidate.registration_id, token_digest(token), caller))
        return Running(shown.attempt_id, token)

    async def start_all() -> list[Running]:
        return [await start(candidate) for candidate in exam.candidates]

    return asyncio.run(start_all())


@dataclass
class Saver:
    """One candidate's computer: saves as fast as it is answered, on one connection that it keeps."""

    seat: Running
    port: int
    told: Told = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    revision: int = 0

    def run(self, stop: threading.Event) -> None:
        """Until `stop`, or until the server is gone."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with suppress(OSError, http.client.HTTPException):
            while not stop.is_set():
                self.save(connection)
        connection.close()

    def save(self, connection: http.client.HTTPConnection) -> int:
        """One save of the next revision; remembers what was acknowledged."""
        self.revision += 1
        position, response = 1 + self.revision % 14, [self.revision % 2]
        change = {"position": position, "revision": self.revision, "response": response, "epoch": 1}
        connection.request(
            "POST",
            f"/api/v1/attempts/{self.seat.attempt_id}/saves",
            json.dumps({"changes": [change]}),
            {
                "content-type": "application/json",
                "sec-fetch-site": "same-origin",
                "cookie": f"chizheng={self.seat.token}",
            },
        )
        answer = connection.getresponse()
        body = json.loads(answer.read())
        self.statuses.append(answer.status)
        if answer.status == 200:
            (result,) = body["results"]
            assert result["status"] in {"stored", "repeated"}, result
            self.told[self.seat.attempt_id, position, self.revision] = json.dumps(response)
        return answer.status


def lost(house: House, told: Told) -> list[tuple[int, int, int]]:
    """Which acknowledged saves are not in the journal, at their revision and with their response."""
    with house.database.transaction(reading=True) as db:
        rows = db.execute(
            select(JournalEntry.attempt_id, JournalEntry.position, JournalEntry.revision, JournalEntry.response)
        )
        kept = {(row[0], row[1], row[2]): row[3] for row in rows}
    return [save for save, response in told.items() if kept.get(save) != response]
