"""No client holds a 2xx for something that was not kept (P1, F1): every write is first tried with a COMMIT that fails,
then with one that is slow. Saves have their own journal and their own fault tests.
"""

import re
import sqlite3
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from app.audit.models import AuditRecord
from app.errors import Unavailable
from app.main import desks
from app.people.models import Unit
from app.people.rules import UnitKind
from app.web.desk import API_PREFIX
from tests.support.story import Story

SLOW_SECONDS = 0.03
WRITES = {API_PREFIX + one.path for desk in desks() for one in desk.declared if not one.reading}
BESIDE_THE_STORY = re.compile(
    r"/(accounts|grants|resets|factor|confirm|sign-out|items|calendar|inbox|language|units|persons|jobs)\b"
    r"|/objections|/(return|decline|cancel|withdraw|refuse|release|remove|late|seed|discard|undo|choices|doubtful|decide|quick"
    r"|write|check|time|ask-again|rooms|registrations|reviews/approve|acts|certificate-acts)\b"
    r"|/blueprints/{blueprint_id}$|/exams/{exam_id}$|/items/{position}$"
)
"""Writes that the story does not come to. They are the same `perform` as all others; what is special about a route
would be that it answers without it, and a test of the house refuses such routes."""


class Fault:
    """Makes the next commit fail, or every commit slow."""

    def __init__(self, house):
        self.failing = False
        self.slow = False
        self.committed_at = 0.0
        event.listen(house.database.engine, "commit", self._on_commit)

    def _on_commit(self, _connection):
        if self.failing:
            self.failing = False
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))
        if self.slow:
            time.sleep(SLOW_SECONDS)
        self.committed_at = time.perf_counter()

    @contextmanager
    def slowly(self):
        self.slow = True
        yield
        self.slow = False


class FaultyStory(Story):
    """The story, each act done first under a failing and then under a slow commit."""

    def __init__(self, house, browsers):
        super().__init__(house, browsers)
        self.fault = Fault(house)
        self.tried: set[str] = set()

    def records(self):
        with self.house.database.transaction(reading=True) as db:
            return db.scalar(select(func.count()).select_from(AuditRecord))

    def act(self, client, path, body=None):
        return self._twice(path, lambda: client.api(path, body))

    def send(self, client, path, name, content, *, field):
        return self._twice(path, lambda: client.upload(path, name, content, field=field))

    def _twice(self, path, call):
        if not path.endswith("/saves"):
            before = self.records()
            self.fault.failing = True
            refused = call()
            assert refused.status_code == 503, f"{path}: {refused.status_code} {refused.text}"
            assert refused.headers["retry-after"]
            assert not self.fault.failing, f"{path} committed nothing"
            assert self.records() == before, f"{path} kept something"
        with self.fault.slowly():
            answer = call()
            answered_at = time.perf_counter()
        assert answered_at >= self.fault.committed_at, f"{path} answered before it was kept"
        self.tried.add(re.sub(r"/\d+", "/{}", API_PREFIX + path))
        return self.succeed(answer)


@pytest.mark.fault
@pytest.mark.timeout(120)
def test_every_write_of_the_story_commits_before_it_answers(house, browsers):
    story = FaultyStory(house, browsers)
    story.gather_people(persons=2)
    story.import_bank()
    story.plan_exam()
    story.register()
    story.seal()
    house.clock.advance(timedelta(days=2))
    story.sit(story.candidates, right=40)
    house.clock.advance(timedelta(hours=3))
    story.release()
    story.clear(adverse=story.persons[1][1])
    story.review()
    story.show_publicly()
    story.issue()
    known = {re.sub(r"{\w+}", "{}", path) for path in WRITES if not BESIDE_THE_STORY.search(path)}
    assert known - story.tried == set()


def test_the_fault_itself_works(house):
    """The checker is first shown to see a failed commit: nothing is kept, and it is told as an outage."""
    fault = Fault(house)
    fault.failing = True
    with pytest.raises(Unavailable), house.database.transaction() as db:
        db.add(Unit(path="/x/", kind=UnitKind.VILLAGE, name="甲村", headcount=1, quota_posts=0))
    with house.database.transaction(reading=True) as db:
        assert db.scalar(select(func.count()).select_from(Unit)) == 0
