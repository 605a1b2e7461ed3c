"""A draw goes by what exams have shown of items, and by what was known when it was sealed."""

import pytest
from sqlalchemy import select

from app.authoring.models import ItemVersion
from app.authoring.service.calibrations import keep_calibrations
from app.exams.service.pooling import survey
from app.operation import acting_as
from question_bank.items import Level
from question_bank.statistics.calibration import ItemFigures, Tally


@pytest.mark.parametrize(("responses", "shares"), [(200, 110_000), (24, 13_200)])
def test_a_draw_goes_by_a_calibration_that_suffices(world, browsers, responses, shares):  # P16
    with acting_as(world.house, "test") as op:
        versions = op.db.scalars(select(ItemVersion).order_by(ItemVersion.id)).all()
        known = Tally(responses, shares, shares * shares // responses)
        keep_calibrations(op, 999, {versions[0].id: ItemFigures(known, None, None, None)})
        keep_calibrations(op, 998, {versions[0].id: ItemFigures(known, 300, 1200, -400)})
    enough = responses == 200
    with acting_as(world.house, "test") as op:
        ground = survey(op, bank_id=world.bank_id, level=Level.PRIMARY, blueprint=world.blueprint)
        assert ground.facts.easiness == ({str(versions[0].id): 550} if enough else {})
    exam_id = world.sealed_exam(2)
    assert world.verdict(exam_id).agrees
    shown = browsers(world.officer).api_get(f"/exams/{exam_id}/fairness").json()
    assert shown["calibrated"] == int(enough)
    assert (shown["drawable"] is not None) is enough
    # What is learned later changes nothing that was sealed.
    with acting_as(world.house, "test") as op:
        keep_calibrations(op, 999, {versions[0].id: ItemFigures(Tally(900, 900_000, 900_000_000), None, None, None)})
    assert world.verdict(exam_id).agrees
