"""What one role lets somebody see, another role of theirs does not let them decide."""

from app.accounts.models import RoleGrant
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.personas import make_staff


def test_an_officer_of_one_unit_does_not_confirm_what_they_see_as_liaison_of_another(world, browsers):  # P20
    exam_id = world.published_exam()
    entered = world.register(exam_id, *world.person())
    both = make_staff(world.house, Role.EXAM_OFFICER, unit=world.west)
    with acting_as(world.house, "test") as op:
        op.db.add(RoleGrant(account_id=both.account_id, role=Role.UNIT_LIAISON, unit_id=None, granted_at=op.now))
    beside, here = browsers(both), f"/exams/{exam_id}/registrations"
    assert beside.api_get(f"{here}/{entered}").json()["can"] == ["withdraw"]
    assert beside.api(f"{here}/confirm", {"registration_ids": [entered]}).status_code == 404
    assert beside.api(f"{here}/{entered}/refuse", {"reason": "不符"}).status_code == 404
    assert browsers(world.officer).api(f"{here}/confirm", {"registration_ids": [entered]}).status_code == 200
