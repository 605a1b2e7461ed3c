"""What a bank gives a draw: each condition of its own, so that one that is lost is missed."""

from dataclasses import replace

from sqlalchemy import update

from app.authoring.models import ItemRow
from app.authoring.rules import Confidentiality, ItemState
from app.authoring.service import create_bank
from app.authoring.service.entering import enter_items
from app.exams.service.pooling import drawable
from app.operation import acting_as
from app.security.permissions import Role
from question_bank.items import Level
from tests.support.bank import single
from tests.support.every_kind import SHORT
from tests.support.personas import make_staff, make_unit
from tests.support.practice import as_person


def test_a_draw_takes_what_is_approved_of_its_level_scored_by_rule_and_in_one_kind_of_bank(house):  # P14, P16
    """What stands in banks of both kinds is drawn from neither until one is retired; nothing secret is practised."""
    both, kept = single("两类题库都有"), single("秘密")
    mine = [both, kept, SHORT, replace(single("中级"), level=Level.INTERMEDIATE)]
    author = as_person(make_staff(house, Role.ITEM_AUTHOR), Role.ITEM_AUTHOR)
    with acting_as(house, "test", actor=author) as op:
        owner = make_unit(op).id
        banks = [
            create_bank(op, name=name, owner_unit_id=owner, practice=name == "练习").id for name in ("考试", "练习")
        ]
        for bank_id in banks:
            ids = enter_items(op, bank_id=bank_id, items=mine, state=ItemState.APPROVED)
            enter_items(op, bank_id=bank_id, items=[single("草稿")], state=ItemState.SUBMITTED)
            enter_items(op, bank_id=bank_id, items=[single(f"只在{bank_id}")], state=ItemState.APPROVED)
            secret = {"confidentiality": Confidentiality.SECRET}
            op.db.execute(update(ItemRow).where(ItemRow.id == ids[1]).values(**secret))
        exam, practice = banks

        def drawn(bank_id, level=Level.PRIMARY):
            return {entry.item.stem for entry in drawable(op, bank_id, level)[1]}

        assert (drawn(exam), drawn(practice)) == ({f"只在{exam}"}, {f"只在{practice}"})
        assert drawn(exam, Level.INTERMEDIATE) == set()
        op.db.execute(update(ItemRow).where(ItemRow.bank_id == practice).values(state=ItemState.RETIRED))
        assert drawn(exam) == {f"只在{exam}", both.stem, kept.stem}
        assert drawn(exam, Level.INTERMEDIATE) == {"中级"}
        op.db.execute(update(ItemRow).where(ItemRow.bank_id == practice).values(state=ItemState.APPROVED))
        op.db.execute(update(ItemRow).where(ItemRow.bank_id == exam).values(state=ItemState.RETIRED))
        assert drawn(practice) >= {f"只在{practice}", both.stem}
        assert kept.stem not in drawn(practice)
