"""What happens around the browser that an exam asks for."""

from datetime import timedelta

from app.accounts.queries import session_by_token
from app.exams.models import Exam
from app.lockdown.proof import page_address, session_nonce
from app.operation import acting_as
from app.security.derivation import Purpose, derive
from app.security.permissions import Role
from app.web.caller import cookie_name
from tests.support.client import Client
from tests.support.faulty_story import Act, FaultyStory
from tests.support.safe_browser import lock_down, page_headers


def lock_an_exam_down(story: FaultyStory) -> None:
    """An exam in Safe Exam Browser is published; a version of it is listed, withdrawn, and the settings made anew."""
    officer, approver = story.by(Role.EXAM_OFFICER), story.by(Role.EXAM_APPROVER)
    now = story.house.clock.now()
    plan = {
        "name": "用考试浏览器的考试",
        "blueprint_id": story.succeed(officer.api_get(f"/exams/{story.exam_id}"))["blueprint_id"],
        "registration_opens_at": now.isoformat(),
        "registration_closes_at": (now + timedelta(days=7)).isoformat(),
        "starts_at": (now + timedelta(days=10)).isoformat(),
        "ends_at": (now + timedelta(days=10, hours=2)).isoformat(),
        "duration_minutes": 90,
        "lockdown": True,
        "rooms": [{"name": "甲考场", "capacity": 30}],
    }
    here = f"/exams/{story.act(officer, '/exams', plan)['id']}"
    story.act(officer, f"{here}/submit")
    story.act(approver, f"{here}/publish")
    key = {"platform": "windows", "version": "3.9.0", "exam_key": "ab" * 32}
    key_id = story.act(officer, f"{here}/lockdown/keys", key)["id"]
    story.act(officer, f"{here}/lockdown/keys/{key_id}/withdraw")
    story.act(approver, f"{here}/lockdown/renew", {"reason": "服务地址有变"})


def _page_of(story: FaultyStory, candidate: Client) -> str:
    """The address of the exam's page in this browser's session."""
    settings = story.house.settings
    secret = derive(settings.secret_key.get_secret_value(), Purpose.LOCKDOWN)
    with story.house.database.transaction(reading=True) as db:
        found = session_by_token(db, candidate.http.cookies[cookie_name(settings)])
        assert found
        mark = session_nonce(secret, session_id=found[0].id, exam_id=story.exam_id)
    return page_address(settings.public_base_url, exam_id=story.exam_id, nonce=mark)


def sit_in_the_exam_browser(story: FaultyStory) -> None:
    """For a while the sealed exam asks for its browser: a page proves it, a seat does without it and then not."""
    content = lock_down(story.house, story.exam_id, story.staff[Role.EXAM_OFFICER])
    candidate, proctor = story.as_(story.candidates[0]), story.by(Role.PROCTOR)
    who = story.succeed(candidate.api_get(f"/exams/{story.exam_id}/entrance"))["registration_id"]
    shown = page_headers(content, _page_of(story, candidate))
    given = {"config_hash": shown["x-exam-page-config"], "exam_hash": shown["x-exam-page-key"]}
    story.act(candidate, f"/registrations/{who}/lockdown", given)
    rooms = [row["room_id"] for row in story.succeed(proctor.api_get("/rooms"))["rooms"]]
    seats = {room: story.succeed(proctor.api_get(f"/rooms/{room}"))["candidates"] for room in rooms}
    here = next(room for room, rows in seats.items() if who in {row["registration_id"] for row in rows})
    waiver = {"registration_id": who, "cause": "other", "note": "读屏软件"}
    story.act(proctor, f"/rooms/{here}/waivers", waiver)
    story.act(proctor, f"/rooms/{here}/waivers/withdraw", {"registration_id": who})
    with acting_as(story.house, "test") as op:
        op.db.get_one(Exam, story.exam_id).lockdown = False


_EXAM = "/exams/{exam_id}"
ACTS = (
    Act(
        "plan_exam",
        frozenset(
            {
                f"{_EXAM}/lockdown/keys",
                f"{_EXAM}/lockdown/keys/{{key_id}}/withdraw",
                f"{_EXAM}/lockdown/renew",
            }
        ),
        lock_an_exam_down,
    ),
    Act(
        "seal",
        frozenset(
            {
                "/registrations/{registration_id}/lockdown",
                "/rooms/{room_id}/waivers",
                "/rooms/{room_id}/waivers/withdraw",
            }
        ),
        sit_in_the_exam_browser,
    ),
)
