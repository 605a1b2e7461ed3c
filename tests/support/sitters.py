"""Candidates who start, save and hand in over HTTP while things are killed, and remember what they were told; and the
checker that compares that with what is stored and with what was scored."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from app.attempts.models import Attempt, JournalEntry, Response
from app.attempts.responses import hash_responses
from app.attempts.rules import AttemptState
from app.audit.models import AuditRecord
from app.grading.models import Result, ScoringRun
from app.operation import House
from tests.support.savers import Told


@dataclass
class Sitter:
    """One candidate's computer. `attempt_id` once the start was acknowledged, `told` the acknowledged saves."""

    token: str
    registration_id: int
    port: int
    hand_in_after: float | None = None
    start_after: float = 0.0
    attempt_id: int = 0
    epoch: int = 1
    handed_in: bool = False
    told: Told = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0

    def run(self, stop: threading.Event) -> None:
        """Start, save without pause, and hand in when it is time, until `stop` or until nobody answers."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        stop.wait(self.start_after)
        revision = int(time.time() * 1000)
        try:
            while not stop.is_set() and not self.handed_in:
                if not self.attempt_id:
                    self.start(connection)
                elif self.hand_in_after is not None and time.monotonic() - began > self.hand_in_after:
                    self.hand_in(connection)
                else:
                    revision += 1
                    self.save(connection, revision)
        except (OSError, http.client.HTTPException, ValueError):
            self.unanswered += 1  # whether it was kept is not known, and not asked
        connection.close()

    def start(self, connection: http.client.HTTPConnection) -> None:
        """Ask to start."""
        status, said = self._post(connection, "/attempts/start", {"registration_id": self.registration_id})
        if status == 200:
            self.attempt_id, self.epoch = said["attempt_id"], said["epoch"]

    def save(self, connection: http.client.HTTPConnection, revision: int) -> None:
        """One save; remembers it where it was acknowledged."""
        position, response = 1 + revision % 14, [revision % 2]
        change = {"position": position, "revision": revision, "response": response, "epoch": self.epoch}
        status, said = self._post(connection, f"/attempts/{self.attempt_id}/saves", {"changes": [change]})
        if status == 200 and said["results"][0]["status"] in {"stored", "repeated"}:
            self.told[self.attempt_id, position, revision] = json.dumps(response)

    def hand_in(self, connection: http.client.HTTPConnection) -> None:
        """Hand in."""
        status, _ = self._post(connection, f"/attempts/{self.attempt_id}/hand-in", {"epoch": self.epoch})
        self.handed_in = status == 200

    def hand_in_at_last(self) -> None:
        """Hand in once more where that was not acknowledged, when all is well again."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        until = time.monotonic() + 30
        while self.attempt_id and not self.handed_in and time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                self.hand_in(connection)
            if self.statuses[409]:
                break  # it had landed although nobody was told
        connection.close()

    def _post(self, connection: http.client.HTTPConnection, path: str, body: Any) -> tuple[int, Any]:
        headers = {"content-type": "application/json", "sec-fetch-site": "same-origin"}
        cookie = {"cookie": f"chizheng={self.token}"}
        connection.request("POST", f"/api/v1{path}", json.dumps(body), headers | cookie)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        self.statuses[answer.status] += 1
        return answer.status, said


def broken_promises(house: House, sitters: Iterable[Sitter]) -> list[str]:
    """What was acknowledged and is not so: a start, a save that is not stored, one that was not scored, a hand-in that
    closed nothing or more than once. One sentence each."""
    with house.database.transaction(reading=True) as db:
        attempts = {row.id: row for row in db.scalars(select(Attempt))}
        journal = {(j.attempt_id, j.position, j.revision): j.response for j in db.scalars(select(JournalEntry))}
        counted = {(r.attempt_id, r.position): r for r in db.scalars(select(Response))}
        runs: dict[int, list[ScoringRun]] = {}
        for run in db.scalars(select(ScoringRun)):
            runs.setdefault(run.attempt_id, []).append(run)
        results = {row.registration_id: row for row in db.scalars(select(Result))}
        closing = select(AuditRecord.subject_id, func.count()).where(
            AuditRecord.action.in_(("attempt:hand_in", "attempt:close", "attempt:end"))
        )
        closings = {int(row[0]): row[1] for row in db.execute(closing.group_by(AuditRecord.subject_id))}
    found = []
    for sitter in sitters:
        attempt = attempts.get(sitter.attempt_id)
        if sitter.attempt_id and (attempt is None or attempt.registration_id != sitter.registration_id):
            found.append(f"start of registration {sitter.registration_id} is gone")
            continue
        found += [f"save {key} is not stored" for key, response in sitter.told.items() if journal.get(key) != response]
        if attempt is None or attempt.state is AttemptState.OPEN:
            if sitter.handed_in:
                found.append(f"hand-in of attempt {sitter.attempt_id} is gone")
            continue
        newest = {position: revision for _, position, revision in sorted(sitter.told, key=lambda key: key[2])}
        found += [
            f"save ({attempt.id}, {position}, {revision}) was not scored"
            for position, revision in newest.items()
            if (attempt.id, position) not in counted or counted[attempt.id, position].revision < revision
        ]
        scored = [run.responses_hash for run in runs.get(attempt.id, [])]
        said = {position: row.response for (owner, position), row in counted.items() if owner == attempt.id}
        if scored != [hash_responses(said)] or results[attempt.registration_id].run_id is None:
            found.append(f"attempt {attempt.id} was not scored once, on what is stored")
        if closings.get(attempt.id) != 1:
            found.append(f"attempt {attempt.id} was closed {closings.get(attempt.id, 0)} times")
    return found
