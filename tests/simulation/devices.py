"""A candidate's computer in simulation: keeps changes until they are acknowledged, sends them again, may break and be
swapped for another; and remembers what it was told."""

import json
from datetime import datetime, timedelta
from typing import Any

from app.accounts.queries import token_digest
from app.attempts.acts import HandIn, Save, Start
from app.attempts.judging import Kept
from app.attempts.messages import AttemptShown, Change, HandInShown
from app.attempts.rules import Closed, Late, OtherSession, Over
from app.attempts.service import take_over
from app.errors import AppError, NotFound, Unauthenticated
from app.operation import Caller, House, perform
from app.security.permissions import Capability
from tests.simulation.schedule import Schedule
from tests.simulation.service import Network
from tests.support.savers import Told
from tests.support.sealed_exam import Candidate, open_session_for

_PATIENCE = 5.0
_POSITIONS = 14
_ENDS = (Closed, Late, NotFound, OtherSession, Over, Unauthenticated)
"""Refusals after which a page says so and stops; after any other it tries again."""


class Device:
    """One computer of one candidate, with a session of its own. `told` and `handed_in` are shared by all of theirs."""

    def __init__(self, house: House, schedule: Schedule, network: Network, candidate: Candidate, told: Told) -> None:
        self.house, self.schedule, self.network, self.candidate = house, schedule, network, candidate
        self.registration_id = candidate.registration_id
        self.told = told
        self.token, _ = open_session_for(house, candidate)
        self.attempt_id, self.epoch = 0, 0
        self.revisions: dict[int, int] = {}
        self.pending: dict[int, Change] = {}
        self.handed_in = self.over = self._leaving = False
        self.refused: list[str] = []

    def begin(self) -> None:
        """Ask to start until the attempt is there."""
        if self.attempt_id or self.over:
            return
        wanted, digest = self.registration_id, token_digest(self.token)
        self.network.send(lambda: Start(wanted, digest, self.caller()), self._began)
        self.schedule.after(_PATIENCE, self.begin)

    def _began(self, outcome: Any) -> None:
        if isinstance(outcome, AttemptShown):
            self.go_on(outcome)
        elif isinstance(outcome, AppError):
            self.over = True

    def go_on(self, shown: AttemptShown) -> None:
        """What the page knows once it is open: the epoch, and what is saved."""
        if self.attempt_id:
            return
        self.attempt_id, self.epoch = shown.attempt_id, shown.epoch
        self.revisions = {saved.position: saved.revision for saved in shown.responses}

    def change(self) -> None:
        """The candidate gives a response to some item."""
        if not self.attempt_id or self.over or self._leaving:
            return
        chance = self.schedule.chance
        position = chance.randint(1, _POSITIONS)
        revision = self.revisions[position] = self.revisions.get(position, 0) + 1
        response: Any = json.dumps([chance.randint(0, 1)]).encode()
        self.pending[position] = Change(position, revision, json.loads(response), self.epoch)
        self.send()

    def send(self) -> None:
        """Send all that is not acknowledged, and again after a while."""
        if not self.pending or self.over:
            return
        changes, attempt_id, digest = list(self.pending.values()), self.attempt_id, token_digest(self.token)
        self.network.send(
            lambda: Save(attempt_id, digest, self.schedule.clock.now(), changes),
            lambda outcome: self._saved(changes, outcome),
        )
        self.schedule.after(_PATIENCE, self.send)

    def _saved(self, changes: list[Change], outcome: Any) -> None:
        if isinstance(outcome, Kept):
            for change, result in zip(changes, outcome.results, strict=True):
                if result.status in {"stored", "repeated"}:
                    self.told[self.attempt_id, change.position, change.revision] = json.dumps(change.response)
                if self.pending.get(change.position) is change:
                    del self.pending[change.position]
        elif isinstance(outcome, AppError):
            self.refused.append(outcome.code)
            self.over = self.over or isinstance(outcome, _ENDS)

    def leave(self) -> None:
        """Hand in, until that is acknowledged; nothing is changed any more, what waits is still sent."""
        self._leaving = bool(self.attempt_id)
        if not self.attempt_id or self.over:
            return
        if self.pending:
            self.schedule.after(_PATIENCE, self.leave)
            return
        attempt_id, epoch, digest = self.attempt_id, self.epoch, token_digest(self.token)
        self.network.send(lambda: HandIn(attempt_id, epoch, digest, self.caller()), self._left)
        self.schedule.after(_PATIENCE, self.leave)

    def _left(self, outcome: Any) -> None:
        if isinstance(outcome, HandInShown):
            self.handed_in = self.over = True
        elif isinstance(outcome, _ENDS):
            self.over = True

    def swap(self, other: "Device") -> "Device | None":
        """Another computer goes on after the proctor's release; this one does not know yet. None: it could not."""
        if not self.attempt_id:
            return None
        attempt_id, caller = self.attempt_id, other.caller()
        try:
            shown = perform(
                self.house,
                caller,
                Capability.ATTEMPT_SIT,
                lambda op: take_over(op, attempt_id=attempt_id, code=""),
            )
        except _ENDS:
            return None
        other.go_on(shown)
        return other

    def caller(self) -> Caller:
        """As the front door knows it at this moment."""
        return Caller(self.token, "127.0.0.1", "simulation", self.schedule.clock.now())


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def moments(chance_of: Schedule, start: datetime, *, within: float, count: int) -> list[datetime]:
    """So many moments, within so many minutes of the start, in their order."""
    return sorted(start + minutes(chance_of.chance.uniform(0, within)) for _ in range(count))
