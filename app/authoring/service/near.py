"""What an import holds that says almost the same as another of its items, or as one of the bank: told before the
commit. A few are compared at once; many by the worker, beside the import, which waits for it with nothing."""

from collections.abc import Sequence

from app.authoring.models import BankImport
from app.authoring.queries.imports import find_checked
from app.authoring.queries.pairs import stems_of
from app.authoring.queries.staging import imports_not_compared, stems_of_import
from app.authoring.reading import Near, write_near
from app.authoring.service.staging import note_near
from app.operation import House, Operation
from question_bank.duplicates import near_groups

_FEW = 1_500
"""So many stems, of the file and of the bank, take a tenth of a second."""
_MOST_SHOWN = 3
_WRITTEN_AT_ONCE = 500


def compare_few(op: Operation, found: BankImport) -> None:
    """Compare the items of a small file with each other and with those of a small bank; else leave it to the worker."""
    bank = stems_of(op.db, found.bank_id, limit=_FEW + 1)
    if len(bank) + found.figures["items"] <= _FEW:
        note_near(op.db, found.id, near_of(stems_of_import(op.db, found.id), bank))
        found.compared = True
        op.db.flush()


def compare_imports(house: House) -> int:
    """Compare every import that waits for it; returns how many. The comparing stands in no transaction."""
    with house.database.transaction(reading=True) as db:
        waiting = [(found.id, found.bank_id) for found in imports_not_compared(db)]
    for import_id, bank_id in waiting:
        with house.database.transaction(reading=True) as db:
            stems, bank = stems_of_import(db, import_id), stems_of(db, bank_id)
        found = list(near_of(stems, bank).items())
        for start in range(0, len(found), _WRITTEN_AT_ONCE):
            with house.database.transaction() as db:
                note_near(db, import_id, dict(found[start : start + _WRITTEN_AT_ONCE]))
        with house.database.transaction() as db:
            if (still := find_checked(db, import_id)) is not None:
                still.compared = True
    return len(waiting)


def near_of(entries: Sequence[tuple[int, str, str]], bank: Sequence[tuple[int, str]]) -> dict[int, str]:
    """For each position of a file what is near to it and not the same, three at most, as it is stored. `entries` are
    (position, folded stem, mark), `bank` (item's id, folded stem)."""
    folds = [*(fold for _, fold in bank), *(fold for _, fold, _ in entries)]
    places = [*(Near(None, item_id) for item_id, _ in bank), *(Near(position, None) for position, _, _ in entries)]
    found: dict[int, dict[Near, None]] = {}
    for group in near_groups(folds):
        head, *others = group
        # All are near the head, which comes first; a group of the bank's own says nothing about the file.
        for at, other in (*((at, head) for at in others), *((head, at) for at in others[:_MOST_SHOWN])):
            position = places[at].position
            if position is not None and folds[at] != folds[other]:
                near = found.setdefault(position, {})
                if len(near) < _MOST_SHOWN:
                    near[places[other]] = None
    return {position: write_near(tuple(near)) for position, near in found.items()}
