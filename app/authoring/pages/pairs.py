"""Near duplicates of a bank side by side, and enemies: what may not stand in one form."""

from app.authoring.comparison import part_changes, word_changes
from app.authoring.pages.front import desk
from app.authoring.pages.items import show_item
from app.authoring.queries import find_bank, read_content
from app.authoring.queries.items import newest_versions, stems_of
from app.authoring.queries.pairs import near_check_of, near_groups_of
from app.authoring.register_schemas import EnemyGiven, NearBankShown, NearGroupShown, NearItemShown, NearPartShown
from app.authoring.schemas import ReasonGiven
from app.authoring.service import pairs
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done
from question_bank.duplicates import grams_of, likeness
from question_bank.kinds import telling_text

_GROUPS = 20
_SHOWN = 6


@desk.view("/banks/{bank_id}/near", Capability.BANK_READ, template="authoring/near.html")
def list_near(op: Operation, *, bank_id: int, after: int = 0) -> NearBankShown:
    """Groups of items whose stems are nearly the same, each beside the first of its group, the difference marked."""
    bank = find_bank(op.db, op.actor, bank_id)
    check = near_check_of(op.db, bank_id)
    groups = near_groups_of(op.db, bank_id, after=after, limit=_GROUPS + 1)
    seen = stems_of(op.db, op.actor, {item_id for group in groups for item_id in group.items})
    together = {group.id: [item_id for item_id in group.items if item_id in seen] for group in groups}
    shown = {item_id for members in together.values() for item_id in members[: _SHOWN + 1]}
    versions = newest_versions(op.db, shown)
    items = {item_id: read_content(version.content) for item_id, version in versions.items()}

    def line(first: int, other: int) -> NearItemShown:
        one, another = items[first], items[other]
        return NearItemShown(
            id=other,
            likeness=likeness(grams_of(telling_text(one)), grams_of(telling_text(another))),
            marks=word_changes(telling_text(one), telling_text(another)),
            parts=[NearPartShown(number=number, marks=marks) for number, marks in part_changes(one, another)],
        )

    return NearBankShown(
        bank_id=bank.id,
        bank_name=bank.name,
        checked_at=check.checked_at if check else None,
        groups=[
            NearGroupShown(
                first_id=members[0],
                first_stem=telling_text(items[members[0]]),
                others=[line(members[0], other) for other in members[1 : _SHOWN + 1]],
                more=max(0, len(members) - _SHOWN - 1),
            )
            for members in (together[group.id] for group in groups[:_GROUPS])
            if len(members) > 1
        ],
        next_after=groups[_GROUPS - 1].id if len(groups) > _GROUPS else None,
    )


@desk.command(
    "/items/{item_id}/enemies",
    Capability.ITEM_WRITE,
    then="/items/{item_id}",
    retry=show_item,
    said="已登记为互斥题，不会同卷。",
)
def declare_enemy(op: Operation, *, item_id: int, given: EnemyGiven) -> Done:
    """Say that this item and another of its bank may not stand in one form."""
    return Done(id=pairs.declare_enemy(op, item_id=item_id, other_id=given.other_id, reason=given.enemy_reason))


@desk.command("/enemies/{pair_id}/withdraw", Capability.ITEM_WRITE, then="/items/{id}", said="已解除互斥。")
def withdraw_enemy(op: Operation, *, pair_id: int, given: ReasonGiven) -> Done:
    """Take such a word back."""
    return Done(id=pairs.withdraw_enemy(op, pair_id=pair_id, reason=given.reason))
