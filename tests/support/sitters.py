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

from app.drill import history
from app.drill.history import History
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
    """What was acknowledged to these candidates and is not so, as `app.drill.history` tells it."""
    with house.database.transaction(reading=True) as db:
        return history.broken_promises(db, [_history(sitter) for sitter in sitters])


def _history(sitter: Sitter) -> History:
    """What the candidate at this computer was told; a second computer may have made no start of its own."""
    attempt_id = sitter.attempt_id or next((key[0] for key in sitter.told), 0)
    told = {(position, revision): response for (_, position, revision), response in sitter.told.items()}
    return History(sitter.registration_id, attempt_id, told, sitter.handed_in)
