"""An import in two steps: what a file holds is shown first, and enters whole or not at all."""

import hashlib
import json
import time
from dataclasses import replace

import pytest
from sqlalchemy import event

from app.authoring.models import BankImport, Topic
from app.authoring.pages.imports import show_import
from app.authoring.queries import read_content
from app.authoring.queries.imports import find_import
from app.authoring.queries.items import find_item
from app.authoring.queries.staging import entry_at, entry_count, every_entry
from app.authoring.reading import Decision, Duplicates, Fate, write_notes
from app.authoring.rules import (
    BankChanged,
    DoubtsOpen,
    ImportMoveRefused,
    ImportState,
    ItemMoveRefused,
    ItemRefused,
    ItemState,
    NothingToImport,
    NotOwnImport,
    UndoRefused,
)
from app.authoring.service import imports, note_usage
from app.authoring.service.items import retire_item, submit_item, write_item
from app.authoring.service.reviews import review_versions
from app.authoring.service.staging import change_entry, look_ahead
from app.errors import NotFound
from question_bank.items import Difficulty, Level
from tests.support.author_group import make_group
from tests.support.bank_files import bank_txt_gb18030, bank_xlsx
from tests.support.house import open_house

DOUBTFUL = """一、单选题
1、党的基层组织任期多少年？
A、二年
B、三至五年
C、六年
正确答案：B

2、没有答案的题
A、甲
B、乙

3、党的基层组织任期多少年?
A、一年
B、三至五年
正确答案：B
""".encode()


def look(group, import_id):
    with group.acting(group.author) as op:
        return look_ahead(op, find_import(op.db, op.actor, import_id))


def entry(group, import_id, position):
    with group.house.database.transaction(reading=True) as db:
        return entry_at(db, import_id, position)


def commit(group, import_id, *, seen=None, submit=False, by=None):
    taken = look(group, import_id).taken if seen is None else seen
    with group.acting(by or group.author) as op:
        return imports.commit_import(op, import_id=import_id, seen=taken, submit=submit)


def stored(group, import_id) -> BankImport:
    with group.house.database.transaction(reading=True) as db:
        return db.get_one(BankImport, import_id)


def test_a_dry_run_writes_nothing_into_the_bank_and_a_commit_everything(group, bank_docx, sample):
    import_id = group.start(bank_docx)
    assert not group.items()
    assert look(group, import_id).fates == (Fate.TAKEN,) * 120
    started = time.thread_time()
    assert commit(group, import_id, submit=True) == 120
    assert time.thread_time() - started < 2
    items = group.items()
    assert [read_content(group.versions(i.id)[0].content).stem for i in items] == [item.stem for item in sample]
    assert {i.state for i in items} == {ItemState.SUBMITTED}
    assert {i.import_id for i in items} == {import_id}
    assert not group.acts("item:create", "item:submit")  # P35: one record stands for all, with a digest of them
    assert len(group.acts("import:prepare")) == 1
    (done,) = group.acts("import:commit")
    hashes = "\n".join(group.versions(i.id)[0].content_hash for i in items)
    assert json.loads(done.after)["contents"] == hashlib.sha256(hashes.encode()).hexdigest()
    assert [i.import_position for i in items] == list(range(120))
    assert all(group.involved(i.id) == {(group.author.person_id, "imported")} for i in items)
    with group.house.database.transaction(reading=True) as db:
        topics = {topic.id: topic.path for topic in db.query(Topic).filter_by(bank_id=group.bank_id)}
    assert [topics[i.topic_id] for i in items] == [item.topic[0] for item in sample]


@pytest.mark.parametrize("make", [bank_xlsx, bank_txt_gb18030])
def test_excel_with_chinese_headers_and_gb18030_text_hold_the_same_items(sqlite_group, sample, make):
    import_id = sqlite_group.start(make(), "题库")
    commit(sqlite_group, import_id)
    contents = [read_content(sqlite_group.versions(i.id)[0].content) for i in sqlite_group.items()]
    assert [(c.stem, c.body) for c in contents] == [(c.stem, c.body) for c in sample]
    assert {i.state for i in sqlite_group.items()} == {ItemState.DRAFT}


@pytest.mark.real_data
def test_the_real_bank_of_807(group, real_data):
    import_id = group.start((real_data / "docx/party-building-807.docx").read_bytes(), "party-building-807.docx")
    figures = stored(group, import_id).figures
    assert (figures["single_choice"], figures["multiple_choice"], figures["true_false"]) == (331, 212, 264)
    page = show(group, import_id)
    assert (page.identical_groups, page.duplicate_groups, len(page.topics)) == (8, 10, 3)
    assert page.fates[Fate.TAKEN] == 797
    with group.acting(group.author) as op:
        imports.choose(op, import_id=import_id, level=None, difficulty=None, duplicates=Duplicates.KEEP_ALL)
    started = time.thread_time()
    assert commit(group, import_id, seen=807, submit=True) == 807
    assert time.thread_time() - started < 2
    assert len(group.items()) == 807


def show(group, import_id, **more):
    with group.acting(group.author) as op:
        return show_import(op, import_id=import_id, **more)


def test_every_doubt_has_its_place_and_stands_in_the_way_until_it_has_a_word(group):
    import_id = group.start(DOUBTFUL, "题.txt")
    page = show(group, import_id, show="open")
    assert [(e.position, e.fate) for e in page.entries] == [(2, Fate.OPEN)]
    assert page.entries[0].notes[0].place_zh.startswith("第 ")
    with pytest.raises(DoubtsOpen):
        commit(group, import_id)
    with group.acting(group.author) as op, pytest.raises(ItemRefused):  # it has no key: it cannot be taken as it is
        imports.decide(op, import_id=import_id, position=1, decision=Decision.TAKE)
    with group.acting(group.author) as op:
        imports.decide(op, import_id=import_id, position=1, decision=Decision.LEAVE)
    assert commit(group, import_id) == 1
    assert [i.stem_start for i in group.items()] == ["党的基层组织任期多少年？"]
    assert len(group.acts("import:mend")) == 1


def test_all_doubtful_items_are_taken_at_once_but_for_those_that_no_one_could_answer(sqlite_group):
    group = sqlite_group
    import_id = group.start(DOUBTFUL, "题.txt")
    with group.acting(group.author) as op:
        change_entry(op.db, import_id, 2, doubts=write_notes(entry(group, import_id, 1).doubts))
    with group.acting(group.author) as op:
        assert imports.decide_doubtful(op, import_id=import_id, decision=Decision.TAKE) == 1
    assert look(group, import_id).fates[1:] == (Fate.OPEN, Fate.TAKEN)


def test_a_doubtful_item_is_mended_in_place(group):
    import_id = group.start(DOUBTFUL, "题.txt")
    item = entry(group, import_id, 1).item
    mended = replace(item, body=replace(item.body, key=frozenset({1})), topic=("党章", "组织"))
    with group.acting(group.author) as op:
        imports.mend_entry(op, import_id=import_id, position=1, item=mended)
    assert look(group, import_id).fates == (Fate.TAKEN, Fate.TAKEN, Fate.REPEATED)
    assert commit(group, import_id) == 2
    entered = group.items()[1]
    assert read_content(group.versions(entered.id)[0].content) == mended
    assert (group.author.person_id, "wrote") in group.involved(entered.id)


@pytest.mark.parametrize(
    ("choice", "fates"),
    [
        (Duplicates.KEEP_FIRST, [Fate.TAKEN, Fate.REPEATED]),
        (Duplicates.LEAVE_OUT, [Fate.REPEATED, Fate.REPEATED]),
        (Duplicates.KEEP_ALL, [Fate.TAKEN, Fate.TAKEN]),
    ],
)
def test_duplicates_follow_the_choice(sqlite_group, choice, fates):
    group = sqlite_group
    import_id = group.start(DOUBTFUL, "题.txt")
    with group.acting(group.author) as op:
        imports.choose(op, import_id=import_id, level=None, difficulty=None, duplicates=choice)
        imports.decide_doubtful(op, import_id=import_id, decision=Decision.LEAVE)
    found = look(group, import_id)
    assert [found.fates[0], found.fates[2]] == fates
    if fates[0] is fates[1] is Fate.REPEATED:
        with pytest.raises(NothingToImport):
            commit(group, import_id)
    with group.acting(group.author) as op:  # one's own word on one item comes first
        imports.decide(op, import_id=import_id, position=2, decision=Decision.TAKE)
    assert look(group, import_id).fates[2] is Fate.TAKEN
    assert look(group, import_id).fates[0] is (Fate.TAKEN if choice is Duplicates.KEEP_ALL else Fate.REPEATED)


def test_items_that_the_bank_has_already_are_found_and_shown_beside(sqlite_group, bank_docx):
    group = sqlite_group
    commit(group, group.start(bank_docx))
    second = group.start(bank_xlsx(), "又一份.xlsx")
    assert set(look(group, second).fates) == {Fate.IN_BANK}
    page = show(group, second, show="duplicates")
    assert len(page.entries) == 50
    assert page.next_after == 50
    twin = page.entries[0].twins[0]
    assert twin.item_id == group.items()[0].id
    assert twin.content.stem == page.entries[0].content.stem
    with pytest.raises(NothingToImport):
        commit(group, second)


def test_level_and_difficulty_hold_for_the_whole_file(sqlite_group, bank_docx):
    group = sqlite_group
    import_id = group.start(bank_docx)
    with group.acting(group.author) as op:
        imports.choose(
            op,
            import_id=import_id,
            level=Level.ADVANCED,
            difficulty=Difficulty.HARD,
            duplicates=Duplicates.KEEP_FIRST,
        )
    commit(group, import_id)
    assert {(i.level, i.difficulty) for i in group.items()} == {(Level.ADVANCED, Difficulty.HARD)}
    content = read_content(group.versions(group.items()[0].id)[0].content)
    assert (content.level, content.difficulty) == (Level.ADVANCED, Difficulty.HARD)


def test_a_commit_of_something_else_than_the_preview_showed_is_refused(group, bank_docx):
    import_id = group.start(bank_docx)
    first = entry(group, import_id, 0).item
    with group.acting(group.colleague) as op:
        write_item(op, bank_id=group.bank_id, item=first)
    with pytest.raises(BankChanged) as refused:
        commit(group, import_id, seen=120)
    assert (refused.value.params["now"], refused.value.params["seen"]) == (119, 120)
    assert len(group.items()) == 1


def test_only_the_uploader_goes_on_with_an_import(group, bank_docx):
    import_id = group.start(bank_docx)
    for act in (
        lambda op: imports.commit_import(op, import_id=import_id, seen=120, submit=False),
        lambda op: imports.discard_import(op, import_id=import_id),
        lambda op: imports.decide(op, import_id=import_id, position=0, decision=Decision.LEAVE),
    ):
        with group.acting(group.colleague) as op, pytest.raises(NotOwnImport):
            act(op)
    with group.acting(group.reviewer) as op, pytest.raises(NotFound):  # may not import at all
        imports.discard_import(op, import_id=import_id)


def test_a_crash_in_the_middle_leaves_nothing(group, bank_docx):
    import_id = group.start(bank_docx)

    def commit_and_die():
        with group.acting(group.author) as op:
            imports.commit_import(op, import_id=import_id, seen=120, submit=True)
            raise RuntimeError("power is gone")

    with pytest.raises(RuntimeError, match="power"):
        commit_and_die()
    assert not group.items()
    assert not group.acts("item:create", "import:commit")
    assert stored(group, import_id).state is ImportState.CHECKED
    assert commit(group, import_id) == 120


def test_a_discarded_import_forgets_what_was_read(group, bank_docx):
    import_id = group.start(bank_docx)
    with group.acting(group.author) as op:
        imports.discard_import(op, import_id=import_id)
    with group.house.database.transaction(reading=True) as db:
        assert entry_count(db, import_id) == 0
    assert len(group.acts("import:discard")) == 1
    assert show(group, import_id).entries == []
    with pytest.raises(ImportMoveRefused):
        commit(group, import_id, seen=120)


def test_a_commit_is_undone_as_a_whole_while_nothing_was_approved_or_used(group, bank_docx):
    import_id = group.start(bank_docx)
    commit(group, import_id, submit=True)
    with group.acting(group.author) as op:
        assert imports.undo_import(op, import_id=import_id) == 120
    assert {i.state for i in group.items()} == {ItemState.RETIRED}
    assert [json.loads(one.after)["items"] for one in group.acts("import:undo")] == [120]
    again = group.start(bank_docx)
    assert commit(group, again) == 120  # what was retired is no duplicate


@pytest.mark.parametrize("how", ["approved", "used"])
def test_an_import_of_which_one_item_went_on_is_not_undone(group, bank_docx, how):
    import_id = group.start(bank_docx)
    commit(group, import_id, submit=True)
    version = group.versions(group.items()[5].id)[0]
    with group.acting(group.reviewer) as op:
        if how == "approved":
            review_versions(op, version_ids=[version.id], approve=True, comment="")
        else:
            note_usage(op, 1, {version.id: 3})
    with group.acting(group.author) as op, pytest.raises(UndoRefused) as refused:
        imports.undo_import(op, import_id=import_id)
    assert refused.value.params == {"count": 1}
    assert ItemState.RETIRED not in {i.state for i in group.items()}


def test_what_was_read_comes_back_as_it_was_stored(group, bank_docx, sample):
    import_id = group.start(bank_docx)
    with group.house.database.transaction(reading=True) as db:
        kept = every_entry(db, import_id)
    assert [(one.position, one.item.stem, one.item.body) for one in kept] == [
        (at, item.stem, item.body) for at, item in enumerate(sample)
    ]
    assert stored(group, import_id).read == b""


def test_the_statements_of_a_commit_do_not_grow_with_the_items(databases, tmp_path, bank_docx):
    """On PostgreSQL, where each is a round trip; SQLite gives ids back one by one and pays next to nothing for it."""
    with databases.fresh("postgresql") as url, open_house(url, tmp_path) as house:
        group = make_group(house)
        import_id = group.start(bank_docx)
        said = []
        event.listen(house.database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
        commit(group, import_id, seen=120, submit=True)
        assert len(said) < 40
        assert len(group.items()) == 120


def test_a_word_given_meanwhile_in_another_window_is_not_lost(databases, tmp_path, bank_docx):
    """What was looked at before the lock was taken is looked at again under it (on SQLite writers are serial)."""
    with databases.fresh("postgresql") as url, open_house(url, tmp_path) as house:
        group = make_group(house)
        import_id = group.start(bank_docx)
        with group.acting(group.author) as op:
            held = find_import(op.db, op.actor, import_id)
            with group.acting(group.author) as other:
                imports.decide(other, import_id=import_id, position=0, decision=Decision.LEAVE)
            imports.decide(op, import_id=import_id, position=1, decision=Decision.LEAVE)
            assert held.state is ImportState.CHECKED
        assert look(group, import_id).fates[:3] == (Fate.LEFT_OUT, Fate.LEFT_OUT, Fate.TAKEN)
        with group.acting(group.author) as op:
            item_id = write_item(op, bank_id=group.bank_id, item=entry(group, import_id, 0).item)
        with group.acting(group.author) as op:
            seen = find_item(op.db, op.actor, item_id)
            with group.acting(group.colleague) as other:
                retire_item(other, item_id=item_id, reason="重复")
            with pytest.raises(ItemMoveRefused):
                submit_item(op, item_id=item_id)
            assert seen.state is ItemState.RETIRED
