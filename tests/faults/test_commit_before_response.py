"""No client holds a 2xx for something that was not kept (P1, F1): every route that writes is come to with each of its
COMMITs failing, and then with slow ones. `acts` say how each is come to; a route without an act fails the build
(tests/architecture/test_routes.py).
"""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.errors import Unavailable
from app.people.models import Unit
from app.people.rules import UnitKind
from app.wiring import make_worker
from tests.faults.acts.everything import ACTS
from tests.support.borrower import Borrower
from tests.support.faulty_story import BY_THE_STORY, Fault, FaultyStory


@pytest.mark.fault
@pytest.mark.timeout(180)
def test_every_write_commits_before_it_answers(house, browsers, monkeypatch):
    story = FaultyStory(house, browsers, monkeypatch)
    if house.database.dialect == "sqlite":
        story.borrower = Borrower(house, browsers)
    story.gather_people(persons=3)
    story.go_on(ACTS, "gather_people")
    story.import_bank()
    story.go_on(ACTS, "import_bank")
    story.plan_exam()
    story.go_on(ACTS, "plan_exam")
    story.register()
    story.go_on(ACTS, "register")
    story.seal()
    story.go_on(ACTS, "seal")
    house.clock.advance(timedelta(days=2))
    story.go_on(ACTS, "morning")
    story.sit(story.candidates[:2], right=40)
    story.go_on(ACTS, "handed_in")
    house.clock.advance(timedelta(hours=3))
    make_worker(house).tick_all()
    story.go_on(ACTS, "sit")
    story.release()
    story.clear(adverse=story.persons[1][1])
    story.go_on(ACTS, "clear")
    story.review()
    story.go_on(ACTS, "review")
    story.show_publicly(objection="此人情况不实")
    story.go_on(ACTS, "show_publicly")
    story.issue()
    story.go_on(ACTS, "issue")
    assert story.tried >= BY_THE_STORY
    if story.borrower is not None:  # P20, P21
        assert story.borrower.wrong == []
        assert len(story.borrower.looked_at) > 20, story.borrower.looked_at


def test_the_fault_itself_works(house, monkeypatch):
    """The checker is first shown to see a failed commit: nothing is kept, and it is told as an outage."""
    fault = Fault(house.database.engine, monkeypatch)
    fault.failing = 1
    with pytest.raises(Unavailable), house.database.transaction() as db:
        db.add(Unit(path="/x/", kind=UnitKind.VILLAGE, name="甲村", headcount=1, quota_posts=0))
    with house.database.transaction(reading=True) as db:
        assert db.scalar(select(func.count()).select_from(Unit)) == 0
