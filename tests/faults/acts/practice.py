"""Practice beside the exam: a mock exam is opened, sat, done again from the book of wrong answers, and closed."""

from app.security.permissions import Role
from tests.support.faulty_story import Act, FaultyStory
from tests.support.practice import make_practice, wrong_responses


def practise(story: FaultyStory) -> None:
    """A candidate gets everything wrong, does it again, and takes an item out of the book."""
    made = make_practice(story.house)
    officer, candidate = story.by(Role.EXAM_OFFICER), story.as_(story.candidates[0])
    mock = {"name": "又一场模拟", "blueprint_id": made.blueprint_id, "duration_minutes": 30}
    mock_id = story.act(officer, "/mock-exams", mock)["id"]
    attempt = story.act(candidate, f"/practice/mock-exams/{mock_id}/start")["id"]
    here = f"/practice/attempts/{attempt}"
    story.act(candidate, f"{here}/saves", {"changes": wrong_responses(story.house, attempt)})
    story.act(candidate, f"{here}/hand-in", {"epoch": 1})
    again = story.act(candidate, "/practice/wrong/redo", {})["id"]
    story.act(candidate, f"/practice/attempts/{again}/hand-in", {"epoch": 1})
    item = story.succeed(candidate.api_get("/practice/wrong"))["rows"][0]["item_id"]
    story.act(candidate, f"/practice/wrong/{item}/remove")
    story.act(officer, f"/mock-exams/{mock_id}/close")


ACTS = (
    Act(
        "morning",
        frozenset(
            {
                "/mock-exams",
                "/mock-exams/{mock_exam_id}/close",
                "/practice/mock-exams/{mock_exam_id}/start",
                "/practice/attempts/{attempt_id}/saves",
                "/practice/attempts/{attempt_id}/hand-in",
                "/practice/wrong/redo",
                "/practice/wrong/{item_id}/remove",
            }
        ),
        practise,
    ),
)
