"""A candidate's computer behind a network that loses, repeats, delays, reorders and replays a third of its requests."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.support.sitters import Sitter

TOUCHED = 0.3
_FATES = ("lost on the way", "answer lost", "twice at once", "delayed", "replayed", "overtaken")
_NEWEST_REPLAYED = 40


@dataclass
class ShakenSitter(Sitter):
    """A sitter that never gives up. `fates` counts what befell its requests, `answers` what replays were answered."""

    seed: int = 0
    shaken: bool = True
    fates: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    _sent: list[tuple[str, Any]] = field(default_factory=list)
    _overtaken: list[tuple[str, Any]] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        """Start, save without pause and hand in when it is time, whatever the network does."""
        self._chance = random.Random(self.seed)
        began = time.monotonic()
        revision = int(time.time() * 1000)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not stop.is_set() and not self.handed_in:
            revision += 1
            try:
                if not self.attempt_id:
                    self.start(connection)
                elif self.hand_in_after is not None and time.monotonic() - began > self.hand_in_after:
                    self.hand_in(connection)
                else:
                    self.save(connection, revision)
            except (OSError, http.client.HTTPException):
                self.unanswered += 1
                connection.close()  # the next request opens it anew
        connection.close()

    def hand_in_at_last(self) -> None:
        """Over a network that is well again."""
        self.shaken = False
        super().hand_in_at_last()

    def _post(self, connection: http.client.HTTPConnection, path: str, body: Any) -> tuple[int, Any]:
        fate = self._chance.choice(_FATES) if self.shaken and self._chance.random() < TOUCHED else "untouched"
        self.fates[fate] += 1
        self._sent.append((path, body))
        if fate == "lost on the way":
            raise ConnectionError
        if fate == "answer lost":
            self._send(connection, path, body)
            raise ConnectionError
        if fate == "overtaken" and path.endswith("/saves"):
            self._overtaken.append((path, body))
            raise ConnectionError
        if fate == "delayed":
            time.sleep(self._chance.uniform(0.01, 0.08))
        double = threading.Thread(target=self._repeat, args=(path, body)) if fate == "twice at once" else None
        if double:
            double.start()
        answered = super()._post(connection, path, body)
        if double:
            double.join()
        if fate == "replayed":
            self._repeat(*self._chance.choice(self._sent[-_NEWEST_REPLAYED:]))
        while self._overtaken:
            self._repeat(*self._overtaken.pop())
        return answered

    def _repeat(self, path: str, body: Any) -> None:
        """The same once more, on a way of its own; what it is answered nobody waits for, but it is counted."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection, suppress(OSError):
            self._send(connection, path, body)
            answer = connection.getresponse()
            answer.read()
            self.answers[answer.status] += 1

    def _send(self, connection: http.client.HTTPConnection, path: str, body: Any) -> None:
        headers = {"content-type": "application/json", "sec-fetch-site": "same-origin"}
        connection.request("POST", f"/api/v1{path}", json.dumps(body), headers | {"cookie": f"chizheng={self.token}"})
