"""A room that is finished on paper, before anything says that the sitting is over."""

import random

from app.demo.portraits import draw_portrait
from app.security.permissions import Role
from tests.support.faulty_story import Act, FaultyStory
from tests.support.personas import make_staff


def finish_on_paper(story: FaultyStory) -> None:
    """The power is gone: who has not handed in goes on on paper. One sheet is keyed differently and settled by the two
    together, in the second attempt; nobody handed in the others."""
    one, two = story.by(Role.EXAM_OFFICER), story.as_(make_staff(story.house, Role.EXAM_OFFICER))
    board = story.succeed(one.api_get(f"/rooms/{story.room_id}"))
    here = f"/sittings/{board['sitting_id']}/switches"
    switch = story.act(one, here, {"kind": "on_paper", "cause": "power_failure"})["id"]
    story.act(story.by(Role.EXAM_APPROVER), f"{here}/{switch}/approve")
    first, *others = (f"/sheets/{sheet['id']}" for sheet in story.succeed(one.api_get("/sheets"))["sheets"])
    story.act(one, f"{first}/keying", {"present": True, "rows": [{"position": 1, "text": "A"}]})
    story.act(two, f"{first}/keying", {"present": True})
    story.send(two, f"{first}/scans", "1.jpg", draw_portrait(random.Random(1), long_hair=True), field="file")
    for agreed in (False, True):
        story.act(two, f"{first}/settlement", {"present": True})
        story.act(one, f"{first}/confirmation", {"agreed": agreed})
    for sheet in others:
        for keyer in (one, two):
            story.act(keyer, f"{sheet}/keying", {"present": False})


_KEYED = ("keying", "settlement", "confirmation", "scans")
ACTS = (Act("handed_in", frozenset({f"/sheets/{{sheet_id}}/{act}" for act in _KEYED}), finish_on_paper),)
