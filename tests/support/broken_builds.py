"""Builds that break a promise, for checkers to be shown, and a machine whose clock is off. `LiveServer` serves them."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.attempts.acts import Act, Save
from app.attempts.journal import Journal
from app.attempts.judging import Kept, Outcome
from app.attempts.lanes import Held, Lane, Place, Sent, open_lane
from app.attempts.messages import Result
from app.attempts.rules import Stored
from app.attempts.wires import OUTAGES, PostgresWire, Question, SqliteWire
from app.clock import SystemClock
from app.errors import Unavailable
from app.main import Service
from app.web.gate import Gate
from app.web.quick_protocol import QuickProtocol, quick_protocol


class CarelessJournal(Journal):
    """Commits saves when it gets round to it, and says so before."""

    _began: float | None = None

    def _commit(self, acts: Sequence[Act]) -> list[Outcome]:
        if self._lane is None:
            self._lane, self._began = open_lane(self._url), None
        if self._began is None:
            self._lane.begin()
            self._began = time.monotonic()
        outcomes = self._judge.judge(self._lane, acts)
        if time.monotonic() - self._began > 0.2 or not all(isinstance(act, Save) for act in acts):
            self._lane.commit()
            self._began = None
        return outcomes


class ForgetfulJournal(Journal):
    """Whatever arrives is the newest, for it never looks at what it has."""

    def _commit(self, acts: Sequence[Act]) -> list[Outcome]:
        if self._lane is None:
            self._lane = open_lane(self._url)
        self._lane.begin()
        outcomes = self._judge.judge(_ForgetfulLane(self._lane.wire), acts)
        self._lane.commit()
        return outcomes


class _ForgetfulLane(Lane):
    def hold(
        self, attempt_ids: Sequence[int], sent: Sequence[Sent], *more: Question
    ) -> tuple[dict[int, Held], dict[Place, Stored], list[list[Any]]]:
        held, _, told = super().hold(attempt_ids, sent, *more)
        return held, {}, told


class HopefulJournal(Journal):
    """A commit whose connection was cut off is said again on another, which knows of nothing."""

    def _commit(self, acts: Sequence[Act]) -> list[Outcome]:
        if self._lane is None:
            self._lane = open_lane(self._url)
        lane = self._lane
        lane.begin()
        outcomes = self._judge.judge(lane, acts)
        try:
            lane.commit()
        except OUTAGES:
            lane.close()
            self._lane = open_lane(self._url)
            self._lane.commit()
        return outcomes


class HastyJournal(Journal):
    """Its commits do not wait for the disk."""

    def _commit(self, acts: Sequence[Act]) -> list[Outcome]:
        if self._lane is None:
            self._lane = open_lane(self._url)
            wire = self._lane.wire
            if isinstance(wire, SqliteWire):
                wire._connection.execute("PRAGMA synchronous=OFF")
            elif isinstance(wire, PostgresWire):
                wire._line.send_query_params(b"SET synchronous_commit TO off", None)
        return super()._commit(acts)


class CheerfulJournal(Journal):
    """Tells everybody that their save is kept, also where the database keeps nothing."""

    def _write(self, acts: Sequence[Act]) -> Sequence[Outcome | Exception]:
        return [
            _cheer(act) if isinstance(outcome, Unavailable) and isinstance(act, Save) else outcome
            for act, outcome in zip(acts, super()._write(acts), strict=True)
        ]


def _cheer(save: Save) -> Kept:
    at = save.arrived_at
    results = [Result(sent.position, sent.revision, "stored", sent.revision, at, "") for sent in save.changes]
    return Kept(is_open=True, deadline_at=at, epoch=1, writing=True, paused=False, results=results)


class BluntJournal(Journal):
    """Takes an outage for a fault of its own: 500, and nobody knows that it may be tried again."""

    def _write(self, acts: Sequence[Act]) -> Sequence[Outcome | Exception]:
        outcomes = super()._write(acts)
        return [RuntimeError("no database") if isinstance(outcome, Unavailable) else outcome for outcome in outcomes]


JOURNALS: Mapping[str, type[Journal]] = {
    "careless": CarelessJournal,
    "forgetful": ForgetfulJournal,
    "hopeful": HopefulJournal,
    "hasty": HastyJournal,
    "cheerful": CheerfulJournal,
    "blunt": BluntJournal,
}


class SkewedClock(SystemClock):
    """The clock of a machine that is off by some seconds, until it is measured."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._set(self.now() + timedelta(seconds=seconds))


class DeafClock(SkewedClock):
    """The broken build's: no measurement changes it."""

    def measure(self, ask: Callable[[], datetime]) -> timedelta:
        """Ask, and leave it at that."""
        return ask() - self.now()


CLOCKS: Mapping[str, type[SkewedClock]] = {"deaf": DeafClock}


class _HeadlongProtocol(QuickProtocol):
    def on_headers_complete(self) -> None:
        self.scope["state"]["headlong"] = self.fronted.express_gate.clock.now()
        super().on_headers_complete()


class _HeadlongGate(Gate):
    def admit(self, state: dict[str, Any], body: bytes) -> None:
        super().admit(state, body)
        state["arrived_at"] = state["headlong"]


def headlong_protocol(app: Service) -> type[QuickProtocol]:
    """That of a build for which a request has arrived with its head, whenever its body comes."""
    app.express_gate.__class__ = _HeadlongGate
    return type("Headlong", (_HeadlongProtocol, quick_protocol(app)), {})


PROTOCOLS: Mapping[str, Callable[[Service], type[QuickProtocol]]] = {"headlong": headlong_protocol}
