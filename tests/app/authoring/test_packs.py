"""What was read of a file, packed: an item has a row of its own only once something is said of it."""

from contextlib import suppress
from dataclasses import replace
from functools import reduce

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.authoring import child_reading, uploads
from app.authoring.child_reading import ReadFile
from app.authoring.packing import PACKED_AT_ONCE, ForeignPackError, follow, pack, read_signs, unpack
from app.authoring.pages.imports import show_import
from app.authoring.queries.listing import ItemFilter, list_items
from app.authoring.queries.staging import every_entry, staged_at
from app.authoring.reading import Decision, Fate
from app.authoring.searching import look_for, spell
from app.authoring.service import commits, imports
from app.authoring.service.commits import HalfEntered, enter_span
from app.authoring.service.staging import note_near, outlook_now
from app.database import downgrade, upgrade
from app.jobs.child import ImportBroken
from tests.fuzz.corpus import packs_of
from tests.support.bank import single

WHOLE = list(range(120))


@pytest.fixture
def import_id(group, bank_docx, monkeypatch):
    monkeypatch.setattr(child_reading, "PACKED_AT_ONCE", 50)
    return group.start(bank_docx)


def rows(group, table="import_entry"):
    with group.house.database.transaction(reading=True) as db:
        return db.scalar(text(f"SELECT COUNT(*) FROM {table}"))


def shown(group, import_id, show, after=0):
    with group.acting(group.author) as op:
        page = show_import(op, import_id=import_id, show=show, after=after)
    return [one.position - 1 for one in page.entries], page


def test_an_item_leaves_its_pack_when_something_is_said_of_it(group, import_id):
    beside, page = shown(group, import_id, "near")  # told already
    assert (rows(group), rows(group, "import_pack")) == (page.near_count, 3)
    here, there = (next(at for at in WHOLE[start:] if at not in beside) for start in (5, 55))
    for show in ("all", "taken"):
        assert shown(group, import_id, show, after=30)[0] == WHOLE[30:80]
    with group.acting(group.author) as op:
        imports.decide(op, import_id=import_id, position=there, decision=Decision.LEAVE)
        note_near(op.db, import_id, {here: "[[99, null]]"})
    assert (rows(group), rows(group, "import_pack")) == (page.near_count + 2, 3)
    taken = [*WHOLE[:there], *WHOLE[there + 1 :]]
    assert shown(group, import_id, "all", after=30)[0] == WHOLE[30:80]
    assert shown(group, import_id, "taken", after=54)[0] == [at for at in taken if at >= 54][:50]
    assert shown(group, import_id, "left")[0] == [there]
    near, page = shown(group, import_id, "near")
    assert near == sorted([*beside, here])
    assert page.entries[near.index(here)].near[0].position == 100
    with group.acting(group.author) as op:
        assert set(staged_at(op.db, import_id, [here, there, 119, 120])) == {here, there, 119}
        assert [one.position for one in every_entry(op.db, import_id)] == taken
        assert imports.commit_import(op, import_id=import_id, seen=119, submit=False) == 119
    assert [item.import_position for item in group.items()] == taken
    assert (rows(group), rows(group, "import_pack")) == (0, 0)


def test_what_was_found_stands_until_the_bank_is_another(group, import_id, bank_docx):
    other = group.start(bank_docx, by=group.colleague)
    with group.acting(group.author) as op:
        found = imports.own_import(op, import_id, imports.ImportAction.MEND)
        found.outlook = {**found.outlook, "fates": {"taken": 7}}  # nobody looks again while nothing is another
        assert outlook_now(op, found)["fates"] == {"taken": 7}
        op.db.rollback()
    with group.acting(group.colleague) as op:
        assert imports.commit_import(op, import_id=other, seen=120, submit=False) == 120
    with group.acting(group.author) as op:
        found = imports.own_import(op, import_id, imports.ImportAction.MEND)
        assert outlook_now(op, found)["fates"] == {Fate.IN_BANK.value: 120}
    assert rows(group) == 120


def test_an_import_that_is_looked_at_goes_through_the_migration_both_ways(group, import_id):
    with group.acting(group.author) as op:
        imports.decide(op, import_id=import_id, position=55, decision=Decision.LEAVE)
    url = group.house.database.url.render_as_string(hide_password=False)
    group.house.database.dispose()
    downgrade(url, "drills")
    assert rows(group) == 120
    upgrade(url)
    assert (rows(group), rows(group, "import_pack")) == (120, 0)
    assert shown(group, import_id, "taken", after=54)[0] == [54, *WHOLE[56:105]]
    with group.acting(group.author) as op:
        assert imports.commit_import(op, import_id=import_id, seen=119, submit=False) == 119
    with group.acting(group.author) as op:
        assert list_items(op.db, op.actor, group.bank_id, ItemFilter(search=group.items()[60].stem_fold[:2]), limit=1)


def test_a_commit_that_lacks_an_item_is_none(group, import_id, monkeypatch):
    monkeypatch.setattr(commits, "enter_span", lambda db, commit, span: enter_span(db, commit, span[1:]))
    with pytest.raises(HalfEntered), group.acting(group.author) as op:
        imports.commit_import(op, import_id=import_id, seen=120, submit=False)
    assert group.items() == []


def test_a_pack_gives_back_what_went_in(group, import_id):
    with group.acting(group.author) as op:
        staged = [one for _, one in sorted(staged_at(op.db, import_id, range(3, 9)).items())]
    staged[1] = staged[1]._replace(flagged=True, fate=Fate.OPEN.value)
    packed = pack(staged)
    assert (packed.first, packed.count, packed.told) == (3, 6, (staged[1],))
    assert unpack(packed.entries) == staged
    assert [(*sign,) for sign in read_signs(packed.signs)] == [(one.mark, one.topic) for one in staged]


@settings(max_examples=60, deadline=None)
@given(st.text("党章预备期女绿ab1%é兙㐀", max_size=70))
def test_whatever_is_found_in_a_stem_is_among_its_words(fold):
    spelling = spell(fold)
    words = set(spelling.words.split())
    syllables = spelling.pinyin.split(".")[1:]
    asked = [fold[at : at + 3] for at in range(len(fold))]
    asked += ["".join(syllables[at : at + 2]) for at in range(len(syllables))]
    asked += [spelling.initials[at : at + 3] for at in range(len(spelling.initials))]
    for query in asked:
        ways = [one for one in look_for(query) if one.text in getattr(spelling, one.where, fold)]
        for one in ways:
            assert words.issuperset(one.words), query
            begun = [any(word.startswith(beginning) for word in words) for beginning in one.beginnings]
            assert all(begun), query
            assert not one.either or any(word.startswith(one.either) for word in words), query


def _foreign(packs):
    """Packs that are not what was read: each way in which they can differ, one after the other."""
    first, second, *_ = packs
    entries = unpack(first.entries)
    yield "turned", [second, first]
    yield "left out", [second]
    yield "twice", [first, first]
    yield "of another file", [first, replace(packs_of([single("别的")])[0], first=7)]
    yield "no pack", ["pack"]
    yield "cut off", [replace(first, entries=first.entries[:-3])]
    yield "no UTF-8", [replace(first, entries=first.entries.replace("党".encode(), b"\xe5\xff\xff", 1))]
    yield "signs cut off", [replace(first, signs=first.signs[1:])]
    yield "other signs", [replace(first, signs=second.signs)]
    yield "other count", [replace(first, count=6)]
    yield "other begin", [replace(first, first=7), second]
    yield "nobody's doubts", [replace(first, told=tuple(entries[:1]))]
    yield "doubts kept back", [first, replace(second, told=())]
    yield "other content", [pack([entries[0]._replace(content=entries[1].content), *entries[1:]])]
    yield "no text", [replace(first, entries=msgspec.msgpack.encode([[1] * len(entry) for entry in entries]))]
    yield "too many", [pack([entries[0]._replace(position=at) for at in range(PACKED_AT_ONCE + 1)])]


def test_a_pack_that_is_foreign_or_out_of_its_order_is_not_taken(sample):  # P43
    packs = packs_of(sample)
    assert reduce(lambda at, one: follow(one, at), packs, 0) == len(sample)
    for name, changed in _foreign(packs):
        with suppress(ForeignPackError):
            pytest.fail(f"{name}: {reduce(lambda at, one: follow(one, at), changed, 0)}")


@pytest.mark.parametrize("in_parts", [True, False])
def test_an_import_of_a_child_that_says_something_else_is_broken_off(monkeypatch, sample, in_parts):
    one, two, *_ = packs_of(sample)
    read = ReadFile("f", "0" * 64, "txt", {"items": 9}, {})
    said = [[two, one], []]  # another order; fewer than the figures say

    def say(*_given, take, **_limits):
        packs = said.pop(0)
        for each in packs if take else ():
            take(each)
        return read if take else replace(read, packs=tuple(packs))

    monkeypatch.setattr(uploads, "run_in_child", say)
    taken = []
    for _ in range(2):
        with pytest.raises(ImportBroken):
            uploads.read_file("f.txt", b"", seconds=1, memory_mb=64, take=taken.append if in_parts else None)
    assert (said, taken) == ([], [])
