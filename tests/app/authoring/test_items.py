"""Items: versions never change (P17), content survives unchanged (P42), lists stay cheap."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from app.authoring.comparison import word_changes
from app.authoring.pages.items import list_own, show_item
from app.authoring.pages.lists import list_bank
from app.authoring.queries import read_content
from app.authoring.rules import ItemChanged, ItemMoveRefused, ItemRefused, ItemState
from app.authoring.service import create_bank, imports, note_usage, waiting
from app.authoring.service.items import revise_item, submit_item, write_item
from app.authoring.writing import compose_item, key_text, quick_item, read_key
from app.errors import Invalid, NotFound
from question_bank.item_json import item_hash
from question_bank.items import Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import ChoiceBody, Option, key_of, options_of
from question_bank.kinds.true_false import TRUE_FALSE_OPTIONS

NASTY = [
    "<b>粗</b><script>alert(1)</script>",
    "{{7*7}} {% raw %} ${7*7} #{7*7}",
    '=HYPERLINK("http://x.example","点")',
    "👩‍👩‍👧‍👦🇨🇳 e\u0301 \u202e倒\u202c",
    "㼆𠮷𪚥龘䶮",
    "第一行\n\n  第二行\t缩进",
    "' OR 1=1 -- \\ %_",
]


def item(stem: str, option: str = "甲", **more) -> Item:
    return Item(
        ItemType.SINGLE_CHOICE, stem, ChoiceBody((Option(option), Option("乙"), Option("丙")), frozenset({0})), **more
    )


@pytest.mark.parametrize("text", NASTY)
def test_harmless_content_survives_unchanged(group, text):  # P42
    written = item(text, text + "选项", explanation=text, topic=("党章", "总/纲"))
    with group.acting(group.author) as op:
        item_id = write_item(op, bank_id=group.bank_id, item=written)
    version = group.versions(item_id)[0]
    assert read_content(version.content) == written
    assert version.content_hash == item_hash(written)


def test_a_revision_is_a_new_version_and_the_old_one_stays(group):  # P17
    with group.acting(group.author) as op:
        item_id = write_item(op, bank_id=group.bank_id, item=item("第一稿"))
    before = vars(group.versions(item_id)[0]).copy()
    with group.acting(group.colleague) as op:
        revised = item("第二稿", topic=("新",))
        assert revise_item(op, item_id=item_id, item=revised, base_version=1, reason="订正") == 2
    versions = group.versions(item_id)
    assert [v.number for v in versions] == [1, 2]
    del before["_sa_instance_state"]
    assert before.items() <= vars(versions[0]).items()
    assert (versions[1].author_id, versions[1].reason) == (group.colleague.account_id, "订正")
    assert group.items()[0].stem_start == "第二稿"
    assert group.involved(item_id) == {(group.author.person_id, "wrote"), (group.colleague.person_id, "wrote")}
    with group.acting(group.author) as op, pytest.raises(ItemChanged):  # two tabs: the second was made from version 1
        revise_item(op, item_id=item_id, item=item("第三稿"), base_version=1, reason="x")


def test_what_could_not_be_scored_is_refused_field_by_field(sqlite_group):
    bad = replace(item(""), body=ChoiceBody((Option("同"), Option("同")), frozenset({5})))
    with sqlite_group.acting(sqlite_group.author) as op, pytest.raises(ItemRefused) as refused:
        write_item(op, bank_id=sqlite_group.bank_id, item=bad)
    assert {problem.field for problem in refused.value.fields} == {"stem", "body.options"}
    assert not sqlite_group.items()
    with sqlite_group.acting(sqlite_group.author) as op:
        item_id = write_item(op, bank_id=sqlite_group.bank_id, item=item("题"))
    with sqlite_group.acting(sqlite_group.author) as op, pytest.raises(ItemRefused):
        revise_item(op, item_id=item_id, item=bad, base_version=1, reason="x")
    assert len(sqlite_group.versions(item_id)) == 1


def test_an_item_under_review_is_not_revised(group):
    with group.acting(group.author) as op:
        item_id = write_item(op, bank_id=group.bank_id, item=item("题"))
        submit_item(op, item_id=item_id)
    with group.acting(group.author) as op, pytest.raises(ItemMoveRefused):
        revise_item(op, item_id=item_id, item=item("题二"), base_version=1, reason="x")
    assert len(group.versions(item_id)) == 1


def listed(group, persona=None, **narrowed):
    with group.acting(persona or group.author) as op:
        return list_bank(op, bank_id=group.bank_id, **narrowed)


def test_a_bank_is_searched_alike_on_both_databases(group):
    with group.acting(group.author) as op:
        for stem in ("《党章》规定，PARTY 的（　）", "关于100%的题", "党员_义务", "……？"):
            write_item(op, bank_id=group.bank_id, item=item(stem, topic=("章",)))
    found = {
        search: [row.stem_start for row in listed(group, search=search).rows]
        for search in ("党章规定", "party", "PARTY", "100%", "%", "_", "……", "没有的")
    }
    assert found["党章规定"] == found["party"] == found["PARTY"] == ["《党章》规定，PARTY 的（　）"]
    assert found["100%"] == found["%"] == ["关于100%的题"]
    assert found["_"] == ["党员_义务"]
    assert found["……"] == ["……？"]
    assert found["没有的"] == []


def test_a_bank_is_narrowed_and_paged(group, bank_docx):
    import_id = group.start(bank_docx)
    with group.acting(group.author) as op:
        imports.commit_import(op, import_id=import_id, seen=120, submit=False)
    first = listed(group)
    topics = [choice.id for choice in first.choices if choice.kind == "topic"]
    assert (len(first.rows), len(topics)) == (100, 3)
    ids = [row.id for row in first.rows]
    after = first.next_after
    while after:
        page = listed(group, after=after)
        ids += [row.id for row in page.rows]
        after = page.next_after
    assert ids == sorted((i.id for i in group.items()), reverse=True)
    assert len(listed(group, item_type="multiple_choice").rows) == 24
    assert len(listed(group, topic=topics[0], item_type="true_false").rows) == 12
    assert listed(group, state="approved").rows == []
    assert len(listed(group, source=import_id, level="primary").rows) == 100
    with group.acting(group.author) as op, pytest.raises(Invalid):
        list_bank(op, bank_id=group.bank_id, state="none")


def test_a_list_takes_at_most_four_statements(sqlite_group, bank_docx):
    group = sqlite_group
    import_id = group.start(bank_docx)
    with group.acting(group.author) as op:
        imports.commit_import(op, import_id=import_id, seen=120, submit=False)
    said = []
    with group.acting(group.author) as op:
        event.listen(group.house.database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
        list_bank(op, bank_id=group.bank_id, search="党", item_type="single_choice")
        assert len(said) <= 4


def test_the_page_of_an_item_tells_its_history(group):
    with group.acting(group.author) as op:
        item_id = write_item(op, bank_id=group.bank_id, item=item("党员有八项权利"))
    with group.acting(group.colleague) as op:
        revise_item(op, item_id=item_id, item=item("党员有八项义务"), base_version=1, reason="错字")
    with group.acting(group.colleague) as op:
        note_usage(op, 7, {group.versions(item_id)[1].id: 40})
    with group.acting(group.reviewer) as op:
        page = show_item(op, item_id=item_id, compare=2)
        assert show_item(op, item_id=item_id, compare=9).compared is None
    assert [(v.number, v.author, v.reason) for v in page.versions] == [(2, "命题乙", "错字"), (1, "命题甲", "")]
    (change,) = page.changes
    assert change.field == "stem"
    assert change.marks == [("same", "党员有八项"), ("out", "权利"), ("in", "义务")]
    assert [(u.exam_id, u.forms) for u in page.usages] == [(7, 40)]


def test_two_long_texts_are_shown_one_after_the_other_for_a_comparison_would_take_too_long():
    before, after = "甲" * 10_000, "甲" * 9_999
    assert word_changes(before, after) == [("out", before), ("in", after)]
    assert word_changes("", after) == [("in", after)]


@pytest.mark.parametrize(
    ("item_type", "text", "key"),
    [
        (ItemType.SINGLE_CHOICE, "b", {1}),
        (ItemType.MULTIPLE_CHOICE, "A、C，ｄ", {0, 2, 3}),
        (ItemType.TRUE_FALSE, "对", {0}),
        (ItemType.TRUE_FALSE, "×", {1}),
        (ItemType.TRUE_FALSE, "F", {1}),
    ],
)
def test_a_key_is_read_as_people_type_it(item_type, text, key):
    assert read_key(item_type, text) == key


@pytest.mark.parametrize(
    ("item_type", "text"), [(ItemType.SINGLE_CHOICE, "甲"), (ItemType.SINGLE_CHOICE, ""), (ItemType.TRUE_FALSE, "C")]
)
def test_a_key_that_says_nothing_is_refused(item_type, text):
    with pytest.raises(ItemRefused):
        read_key(item_type, text)


def test_the_form_gives_back_what_it_was_given(sample):
    for original in sample[:60]:
        again = compose_item(
            item_type=original.item_type,
            stem=original.stem.replace("\n", "\r\n"),
            options=[*(option.text for option in options_of(original)), "", ""],
            key=key_text(original),
            topic="/".join(original.topic),
            explanation=original.explanation,
            difficulty=original.difficulty,
            level=original.level,
            basis=original.basis,
        )
        assert again == original


def test_another_type_or_key_leaves_the_rest_as_it_was():
    judged = quick_item(item("题"), item_type=ItemType.TRUE_FALSE, key="错", topic="甲 / 乙")
    assert (options_of(judged), key_of(judged), judged.topic) == (TRUE_FALSE_OPTIONS, {1}, ("甲", "乙"))
    assert key_of(quick_item(item("题"), item_type=ItemType.MULTIPLE_CHOICE, key="AB", topic="")) == {0, 1}
    with pytest.raises(ItemRefused):
        quick_item(item("题"), item_type=ItemType.FILL_BLANK, key="", topic="")


def test_authors_are_told_what_waits_for_them(group, bank_docx, sample):
    group.start(bank_docx)
    with group.acting(group.author) as op:
        write_item(op, bank_id=group.bank_id, item=sample[0])
        assert [(task.count, task.href) for task in waiting(op)] == [
            (0, "/items?state=returned"),
            (0, "/stale?own=yes"),
            (1, "/items?state=draft"),
            (1, "/imports/1"),
        ]


def test_two_banks_do_not_share_a_name(group):
    with group.acting(group.author) as op, pytest.raises(Invalid):
        create_bank(op, name=f"党务题库{group.unit.id}", owner_unit_id=group.unit.id)
    with group.acting(group.author) as op, pytest.raises(NotFound):
        create_bank(op, name="新题库", owner_unit_id=99_999)


def test_difficulty_and_level_are_shown_in_the_row(group):
    with group.acting(group.author) as op:
        filed = item("题", level=Level.ADVANCED, difficulty=Difficulty.HARD, topic=("党章", "党员"))
        write_item(op, bank_id=group.bank_id, item=filed)
        own = list_own(op).rows[0]
    row = listed(group).rows[0]
    assert own.topic == row.topic != ""
    assert (row.level, row.difficulty, row.state) == (Level.ADVANCED, Difficulty.HARD, ItemState.DRAFT)
