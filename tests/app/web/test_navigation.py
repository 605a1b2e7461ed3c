"""The band: what each role sees there, and how it is parted."""

from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Capability, Role
from app.web.rendering import Navigation


def test_the_band_is_parted_by_tens_among_what_this_actor_sees() -> None:
    band = Navigation()
    for order, href, capability in (
        (31, "/exams", Capability.EXAM_READ),
        (30, "/blueprints", Capability.BLUEPRINT_READ),
        (45, "/audit", Capability.AUDIT_READ),
        (50, "/results", Capability.RESULT_READ),
    ):
        band.add(order=order, href=href, text="考试", capability=capability)
    officer = Actor(ActorKind.PERSON, account_id=1, grants=(Grant(Role.EXAM_OFFICER),))
    seen = band.of(officer, "/exams/7", "zh")
    assert [(p.href, p.current, p.leads) for p in seen] == [
        ("/blueprints", False, False),
        ("/exams", True, False),
        ("/results", False, True),
    ]
    assert band.of(Actor(ActorKind.PUBLIC), "/exams", "zh") == ()
