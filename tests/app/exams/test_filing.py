"""What the bank says of its items and the draw goes by: where they are filed, and what may not stand together."""

import json
from dataclasses import replace

import pytest

from app.authoring.models import EnemyPair, ItemRow, ItemVersion, Topic
from app.authoring.rules import ItemState
from app.authoring.service.topics import rename_topic
from app.exams import queries
from app.exams.rules import NotReady
from app.exams.service.blueprints import ground_of
from app.exams.service.sealing import propose_seal
from app.operation import acting_as
from app.security.permissions import Role
from question_bank.blueprint import Section
from question_bank.canonical import canonical_json
from question_bank.item_json import item_to_json
from question_bank.items import ItemType
from tests.app.exams.test_draw import entries_of
from tests.support.bank import SINGLE, cell, mixed_pool, single
from tests.support.every_kind import case_of
from tests.support.personas import make_staff


def file_items(world, path="党章/第1章"):
    """The items of the world filed as they were written; returns the id of the topic at `path`."""
    with acting_as(world.house, "test") as op:
        root = Topic(bank_id=world.bank_id, name="党章", path="党章")
        op.db.add(root)
        op.db.flush()
        chapters = {}
        for n in range(1, 5):
            chapters[n] = Topic(bank_id=world.bank_id, parent_id=root.id, name=f"第{n}章", path=f"党章/第{n}章")
            op.db.add(chapters[n])
        op.db.flush()
        written = [entry.item.topic for entry in mixed_pool(singles=20, multiples=10, judgements=10)]
        known = {topic.path: topic.id for topic in chapters.values()}
        for item_id, topic in zip(world.item_ids, written, strict=True):
            op.db.get_one(ItemRow, item_id).topic_id = known["/".join(topic)]
        return known[path]


def test_the_draw_goes_by_where_items_are_filed_and_a_sealed_pool_stays(world, browsers):  # P16
    topic_id = file_items(world)
    sealed, waiting = world.sealed_exam(1), world.published_exam()
    keeper = make_staff(world.house, Role.ITEM_REVIEWER)
    with world.as_(keeper) as op:
        rename_topic(op, topic_id=topic_id, name="总则")
    assert world.verdict(sealed).agrees
    with world.house.database.transaction(reading=True) as db:
        assert set(queries.pool_topics(db, sealed).values()) == {f"党章/第{n}章" for n in (1, 2, 3, 4)}
        alerts = {alert.blueprint_id: alert.short for alert in queries.open_alerts(db)}
    assert alerts.keys() == {world.exam(sealed).blueprint_id, world.exam(waiting).blueprint_id}
    assert {cell["topic"] for short in alerts.values() for cell in short} == {"党章/第1章"}
    officer = browsers(world.officer)
    assert "因依据废止或知识点调整而缺题" in officer.get("/").text
    assert "知识点已调整" in officer.get(f"/blueprints/{world.exam(waiting).blueprint_id}").text
    world.confirmed(waiting, 1)
    world.staffed(waiting)
    world.close_registration()
    with world.as_(world.officer) as op, pytest.raises(NotReady) as refused:
        propose_seal(op, exam_id=waiting)
    assert "第1章" in refused.value.sentence("zh")
    with world.as_(keeper) as op:
        rename_topic(op, topic_id=topic_id, name="第1章")
    with world.house.database.transaction(reading=True) as db:
        assert queries.open_alerts(db) == []
    with world.as_(world.officer) as op:
        propose_seal(op, exam_id=waiting)


def test_near_duplicates_and_declared_enemies_never_stand_in_one_form(world):  # P16
    cases = Section("二", (cell(ItemType.CASE_ANALYSIS, 3, points=600),))
    world.blueprint = replace(
        world.blueprint, sections=(Section("一", (cell(SINGLE, 6),)), cases), cut_score_hundredths=100
    )
    lead_in = (
        "请先通读下面给出的材料，再结合《中国共产党章程》、《中国共产党支部工作条例（试行）》和《中国共产党党员权利保障条例》"
        "的有关规定，对照文中所述情况逐一作答；每小题只依据材料本身判断，不必考虑别处另有约定，也不要照抄原文，"
        "未列明日期者均指当年，所称人数不含预备阶段同志；书写工整，条理清楚，先下结论后讲理由。"
    )
    near = "党的基层委员会、总支部委员会、支部委员会每届任期三年至五年，这一规定的依据是哪一部法规{}"
    with acting_as(world.house, "test") as op:
        twins = world.item_ids[0], world.item_ids[1]
        enemies = world.item_ids[2], world.item_ids[3]
        for item_id, mark in zip(twins, "？！", strict=True):
            version = op.db.query(ItemVersion).filter_by(item_id=item_id).one()
            version.content = canonical_json(item_to_json(single(near.format(mark)))).decode()
        for number, item_id in enumerate(world.item_ids[20:23]):  # one lead-in is no likeness
            version = op.db.query(ItemVersion).filter_by(item_id=item_id).one()
            version.content = canonical_json(item_to_json(case_of(number, lead_in))).decode()
        pair = EnemyPair(
            bank_id=world.bank_id,
            item_id=enemies[0],
            other_id=enemies[1],
            reason="提示",
            declared_by=world.officer.account_id,
            declared_at=op.now,
        )
        op.db.add(pair)
        for item_id in world.item_ids[12:20]:
            op.db.get_one(ItemRow, item_id).state = ItemState.RETIRED
    exam_id = world.sealed_exam(6)
    with acting_as(world.house, "test") as op:
        row = queries.blueprint_by_id(op.db, world.exam(exam_id).blueprint_id)
        keys = {version.item_id: str(version.item_version_id) for version in ground_of(op, row).versions}
    apart = [tuple(keys[one] for one in both) for both in (twins, enemies)]
    assert {tuple(pair) for pair in json.loads(world.exam(exam_id).draw_facts)["apart"]} == set(apart)
    seen = [{entry["item_key"] for entry in entries_of(form)} for form in world.forms(exam_id)]
    assert not any(drawn.issuperset(both) for drawn in seen for both in apart)
    assert all(any(key in drawn for drawn in seen) for both in apart for key in both)
    assert world.verdict(exam_id).agrees
