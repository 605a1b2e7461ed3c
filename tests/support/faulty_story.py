"""The story, each kind of act done first with every COMMIT of it failing, one after the other, and then with slow ones.

A refused act must say so (503 with Retry-After) and leave every table as it was; an answer must come after its commit.
Acts beside the story are in `tests/faults/acts`: functions that say which routes they come to, and after which step.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from app.attempts.hot_routes import HOT
from app.attempts.wires import PostgresWire, SqliteWire
from app.operation import House
from app.tables import METADATA
from app.web.desk import API_PREFIX
from tests.support.borrower import Borrower
from tests.support.client import Client
from tests.support.personas import Persona
from tests.support.story import Story

MAP = Path(__file__).resolve().parents[1] / "maps" / "routes.txt"
SLOW_SECONDS = 0.02
STORES_NOTHING = {"/language": "a cookie, nothing else"}
BY_THE_STORY = frozenset(
    {
        "/attempts/start",
        "/attempts/{attempt_id}/hand-in",
        "/attempts/{attempt_id}/saves",
        "/banks",
        "/banks/{bank_id}/imports",
        "/blueprints",
        "/blueprints/{blueprint_id}/approve",
        "/blueprints/{blueprint_id}/submit",
        "/cases/{case_id}/vote",
        "/certificate-batches/exams/{exam_id}",
        "/certificate-batches/{batch_id}/approve",
        "/discipline/checks/{check_id}/opinion",
        "/discipline/signing/{check_id}/sign",
        "/exams",
        "/exams/{exam_id}/lists",
        "/exams/{exam_id}/publish",
        "/exams/{exam_id}/registrations/confirm",
        "/exams/{exam_id}/rooms/{room_id}/proctors",
        "/exams/{exam_id}/seal",
        "/exams/{exam_id}/submit",
        "/imports/{import_id}/commit",
        "/lists/{list_id}/commit",
        "/notices/desk",
        "/notices/{notice_id}/objections",
        "/notices/{notice_id}/publish",
        "/public-security/checks/{check_id}/opinion",
        "/public-security/signing/{check_id}/sign",
        "/registrations/{registration_id}/check-in-code",
        "/results/{exam_id}/propose",
        "/results/{exam_id}/release",
        "/reviews/imports/{import_id}/approve",
        "/rooms/{room_id}/day/open",
        "/rooms/{room_id}/day/start",
        "/rooms/{room_id}/record/draw-up",
        "/rooms/{room_id}/record/{number}/sign",
        "/statements/{check_id}",
        "/ticket-sign-in",
    }
)
"""The routes that the story itself comes to."""
_GUESSED = (
    "/activate",
    "/sign-in",
    "/ticket-sign-in",
    "/attempts/{attempt_id}/take-over",
    "/confirm",
    "/factor",
)
_ANCHORED = (
    "/results/{exam_id}/release",
    "/results/{exam_id}/rescorings/{rescoring_id}/approve",
    "/notices/{notice_id}/publish",
    "/certificate-batches/{batch_id}/approve",
)
_JOURNALLED = frozenset(hot.path.removeprefix(API_PREFIX) for hot in HOT)
LEAVES = {
    **dict.fromkeys(_GUESSED, frozenset({"throttle"})),
    **dict.fromkeys(_ANCHORED, frozenset({"audit_leaf", "audit_anchor"})),
}
"""Tables that an act of several transactions may have written when a later one of them fails: a guess is counted
whatever follows (P38), and the log is anchored before what becomes public (P36)."""


def write_routes() -> set[str]:
    """Every route that stores something, as the map of the house has it, without the prefix of the API."""
    lines = MAP.read_text(encoding="utf-8").splitlines()
    posted = {line.split()[1].removeprefix(API_PREFIX) for line in lines if line.startswith("POST")}
    return posted - set(STORES_NOTHING)


@dataclass(frozen=True)
class Act:
    """Something done beside the story, after one of its steps; `routes` are those that it comes to first."""

    step: str
    routes: frozenset[str]
    do: Callable[["FaultyStory"], None]


class Fault:
    """Makes the n-th commit from now fail, and every other one slow; the journal's own connection included."""

    def __init__(self, engine: Engine, monkeypatch: Any) -> None:
        self.failing = 0
        self.slow = False
        self.committed_at = 0.0
        event.listen(engine, "commit", lambda _connection: self._on_commit(OperationalError))
        for wire in (SqliteWire, PostgresWire):
            monkeypatch.setattr(wire, "commit", self._wrapped(wire.commit))

    def _wrapped(self, commit: Callable[[Any], None]) -> Callable[[Any], None]:
        def faulty(wire: Any) -> None:
            self._on_commit(None)
            commit(wire)
            self.committed_at = time.perf_counter()

        return faulty

    def _on_commit(self, wrapped: type[OperationalError] | None) -> None:
        if self.failing:
            self.failing -= 1
            if not self.failing:
                full = sqlite3.OperationalError("database or disk is full")
                raise wrapped("COMMIT", {}, full) if wrapped else full
        if self.slow:
            time.sleep(SLOW_SECONDS)
        self.committed_at = time.perf_counter()


class FaultyStory(Story):
    """The story, each kind of act done under faults the first time it comes."""

    def __init__(self, house: House, browsers: Callable[[Persona | None], Client], monkeypatch: Any) -> None:
        super().__init__(house, browsers)
        self.fault = Fault(house.database.engine, monkeypatch)
        self.tried: set[str] = set()
        self.borrower: Borrower | None = None
        """Who tries each act before it is done, and looks at what it was done to."""
        self._routes = [
            (re.compile(re.sub(r"{\w+}", r"\\w+", route)), route)
            for route in sorted(write_routes(), key=lambda route: route.count("{"))
        ]

    def act(self, client: Client, path: str, body: Any = None) -> dict[str, Any]:
        return self.succeed(self._try(path, client, lambda one: one.api(path, body)))

    def send(self, client: Client, path: str, name: str, content: bytes, *, field: str) -> dict[str, Any]:
        return self.succeed(self._try(path, client, lambda one: one.upload(path, name, content, field=field)))

    def take(self, client: Client, path: str, body: Any = None) -> bytes:
        """Do an act that gives out a file."""
        answer = self._try(path, client, lambda one: one.api(path, body))
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.content

    def form(self, client: Client, path: str, fields: dict[str, str]) -> httpx.Response:
        """Send a form of a page that programs have not."""
        answer = self._try(path, client, lambda one: one.submit(path, fields))
        assert answer.status_code == 303, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer

    def go_on(self, acts: Sequence[Act], step: str) -> None:
        """Do what is beside the story after `step`; each must come to the routes that it names."""
        for act in acts:
            if act.step == step:
                act.do(self)
                assert act.routes <= self.tried, f"{act.do.__name__} never came to {act.routes - self.tried}"

    def _try(self, path: str, client: Client, call: Callable[[Client], httpx.Response]) -> httpx.Response:
        route = next(route for pattern, route in self._routes if pattern.fullmatch(path))
        if route in self.tried:
            return call(client)
        if self.borrower is not None:
            self.borrower.act(route, lambda one: self._undone(route, one, call))
        before = self._stored()
        for number in range(1, 10):
            self.fault.failing, self.fault.slow = number, number > 1
            answer = call(client)
            answered_at = time.perf_counter()
            reached, self.fault.failing, self.fault.slow = not self.fault.failing, 0, False
            if not reached:
                assert number > 1, f"{path} committed nothing: {answer.status_code} {answer.text[:500]}"
                assert answered_at >= self.fault.committed_at, f"{path} answered before it was kept"
                self.tried.add(route)
                if self.borrower is not None:
                    self.borrower.look(client, route, path)
                return answer
            assert answer.status_code == 503, f"{path}: {answer.status_code} {answer.text}"
            assert answer.headers["retry-after"], path
            after = self._stored()
            changed = {table for table in after if after[table] != before[table]}
            allowed = LEAVES.get(route, frozenset()) if number > 1 else frozenset()
            assert changed <= allowed, f"{path} kept something in {changed - allowed}, commit {number} having failed"
            before = after
        raise AssertionError(f"{path} commits without end")

    def _undone(self, route: str, client: Client, call: Callable[[Client], httpx.Response]) -> httpx.Response:
        """Do it so that nothing of it is kept, should it be allowed: what commits before it judges, as it stands."""
        self.fault.failing = int(route not in LEAVES and route not in _JOURNALLED)
        answer = call(client)
        self.fault.failing = 0
        return answer

    def _stored(self) -> dict[str, object]:
        """What every table holds, as something to compare."""
        names = sorted(METADATA.tables)
        with self.house.database.transaction(reading=True) as db:
            connection = db.connection()
            if self.house.database.dialect == "sqlite":
                # Asked of the driver itself: what lies above it takes ten times as long for the same rows.
                driver = connection.connection.driver_connection
                assert isinstance(driver, sqlite3.Connection)
                return {name: hash(tuple(driver.execute(f"SELECT * FROM {name}"))) for name in names}
            # Most tables have never held a row: to ask them all took the server twice as long.
            written = connection.exec_driver_sql(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) > 0"
            )
            sums = " UNION ALL ".join(
                f"SELECT '{name}', md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} AS t"
                for name in sorted({row[0] for row in written} & set(names))
            )
            return {**dict.fromkeys(names), **{row[0]: row[1] for row in connection.exec_driver_sql(sums)}}
