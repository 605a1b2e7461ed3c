"""命题人员回避 of who imported: said once, with the import, and found wherever it counts (decision 0038)."""

import pytest
from sqlalchemy import func, select, update

from app.authoring.models import BankImport, ItemInvolvement, ItemRow
from app.authoring.queries import any_involved, involved_persons
from app.authoring.queries.documents import stale_count
from app.authoring.queries.items import find_item, made_by, makers_of
from app.authoring.queries.reviews import queue
from app.authoring.rules import Confidentiality
from app.authoring.service import imports
from app.database import downgrade, upgrade
from app.errors import NotFound
from app.security.permissions import Capability


def importers(group):
    """Who imported the bank's items, by every question that is asked of it; how many rows say so item by item."""
    ids = [item.id for item in group.items()]
    with group.acting(group.colleague) as op:
        everybody = [one.person_id for one in (group.author, group.colleague, group.reviewer)]
        found = [person for person in everybody if len(made_by(op.db, ids, person)) == len(ids)]
        assert found == [person for person in everybody if any_involved(op.db, [person])]
        assert set(found) == involved_persons(op.db, ids) == makers_of(op.db, ids[7])
        assert find_item(op.db, op.actor, ids[3])  # secret, and seen by who made it
        assert stale_count(op.db, op.actor, Capability.ITEM_WRITE) == len(ids)
        assert (stale_count(op.db, op.actor, Capability.ITEM_REVIEW), queue(op.db, op.actor, limit=9)) == (0, [])
        rows = op.db.scalar(select(func.count()).select_from(ItemInvolvement))
    with group.acting(group.author) as op, pytest.raises(NotFound):
        find_item(op.db, op.actor, ids[3])
    return found, rows


def test_who_imported_is_noted_once_and_both_ways_of_noting_it_count_alike(group, bank_docx):  # P29
    import_id, importer = group.start(bank_docx, by=group.colleague), group.colleague.person_id
    with group.acting(group.colleague) as op:
        assert not any_involved(op.db, [importer])  # who has only looked has no hand in it
        imports.commit_import(op, import_id=import_id, seen=120, submit=True)
        op.db.execute(update(ItemRow).values(confidentiality=Confidentiality.SECRET, stale_from=op.now.date()))
    assert importers(group) == ([importer], 0)
    url = group.house.database.url.render_as_string(hide_password=False)
    group.house.database.dispose()
    downgrade(url, "ticket_news")  # the release before asks for a row of each item, and finds it
    upgrade(url)
    assert importers(group) == ([importer], 120)
    with group.acting(group.colleague) as op:
        found = op.db.get_one(BankImport, import_id)
        assert found.imported_by is None
        op.db.execute(update(ItemInvolvement).values(person_id=group.author.person_id))
        found.imported_by = importer
    with group.acting(group.colleague) as op:
        ids = [item.id for item in group.items()]
        assert imports.undo_import(op, import_id=import_id) == 120  # it was brought in all the same
        assert involved_persons(op.db, ids) == {importer, group.author.person_id}
