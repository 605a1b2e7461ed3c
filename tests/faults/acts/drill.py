"""A drill is asked for and cancelled while it waits for the worker."""

from app.security.permissions import Role
from tests.support.faulty_story import Act, FaultyStory


def drill(story: FaultyStory) -> None:
    """Before the exam is sealed; nobody is confirmed yet."""
    officer = story.by(Role.EXAM_OFFICER)
    drill_id = story.act(officer, "/drills", {"exam_id": story.exam_id, "candidates": 3})["id"]
    story.act(officer, f"/drills/{drill_id}/cancel")


ACTS = (Act("plan_exam", frozenset({"/drills", "/drills/{drill_id}/cancel"}), drill),)
