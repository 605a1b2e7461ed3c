"""From an uploaded file to clearance and public notice, through the API, on both databases."""

from datetime import timedelta

from app.security.permissions import Role
from tests.support.story import Story


def test_the_whole_path(house, browsers):
    story = Story(house, browsers)
    story.gather_people(persons=4)
    story.import_bank()
    story.plan_exam()
    story.register()
    story.seal()
    house.clock.advance(timedelta(days=2))
    story.sit(story.candidates[:3], right=40)
    house.clock.advance(timedelta(hours=3))
    story.release()
    story.clear(adverse=story.persons[2][1])
    story.review()
    story.show_publicly(objection="听说此人情况不实")
    figures = story.succeed(story.by(Role.EXAM_OFFICER).api_get(f"/results/{story.exam_id}"))
    assert (figures["passed"], figures["absent"]) == (3, 1)
    batch = story.issue()
    shown = story.succeed(story.by(Role.CERTIFICATE_OFFICER).api_get(f"/certificate-batches/{batch}"))
    assert (shown["issued"], shown["held_back"]) == (1, 0)
