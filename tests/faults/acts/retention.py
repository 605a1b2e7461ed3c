"""Retention: terms are approved and declined; a list of old messages is declined, the next approved by two."""

from datetime import timedelta

from app.outbox.models import InboxMessage
from app.security.permissions import Role
from tests.support.faulty_story import Act, FaultyStory
from tests.support.personas import make_staff


def keep_and_destroy(story: FaultyStory) -> None:
    """The message is of nobody, so that nothing holds it, and older than any term."""
    roles = Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR
    system, security, audit = (story.as_(make_staff(story.house, role)) for role in roles)
    known = story.succeed(system.api_get("/retention"))["classes"]
    given = {"days": {row["record_class"]: row["days"] for row in known if row["days"]}, "reason": "文件"}
    terms = [f"/retention/terms/{story.act(system, '/retention/terms', given)['id']}" for _ in range(2)]
    story.act(security, f"{terms[0]}/approve")
    story.act(security, f"{terms[1]}/decline", {"reason": "缺依据"})
    message = {"outbox_id": 10**9, "person_id": 10**9, "template": "recheck_answered", "params": {}}
    with story.house.database.transaction() as db:
        db.add(InboxMessage(**message, created_at=story.house.clock.now() - timedelta(days=4000)))
    lists, notices = "/retention/lists", {"record_class": "notices"}
    declined = story.act(system, lists, notices)["id"]
    story.act(security, f"{lists}/{declined}/decline", {"reason": "另行研究"})
    approved = story.act(system, lists, notices)["id"]
    story.act(security, f"{lists}/{approved}/approve")
    story.act(audit, f"{lists}/{approved}/approve")


ACTS = (
    Act(
        "morning",
        frozenset(
            {
                "/retention/terms",
                "/retention/terms/{terms_id}/approve",
                "/retention/terms/{terms_id}/decline",
                "/retention/lists",
                "/retention/lists/{list_id}/approve",
                "/retention/lists/{list_id}/decline",
            }
        ),
        keep_and_destroy,
    ),
)
