from dataclasses import replace
from typing import Any

import pytest

from question_bank.blueprint import Blueprint, Evenness, FixedItem, Section, validate
from question_bank.blueprint_json import blueprint_hash, from_json, to_json
from question_bank.canonical import canonical_json, read_json
from question_bank.errors import InvalidBlueprint
from question_bank.items import Difficulty, ItemType, Level
from question_bank.scoring import ALL_OR_NOTHING, Scoring, ScoringRule
from tests.support.bank import MULTIPLE, SINGLE, TRUE_FALSE, blueprint_of, cell, single, three_sections, true_false

HALF = Scoring(ScoringRule.HALF_IF_MISSED)
FIXED = Scoring(ScoringRule.FIXED_IF_MISSED, 50)
SECTION = {"title": "甲", "minimum_hundredths": 0, "fixed": []}


def test_a_sound_blueprint_counts_its_items_and_points() -> None:
    blueprint = three_sections(scoring=FIXED)
    validate(blueprint)
    assert (blueprint.item_count, blueprint.maximum_hundredths) == (14, 2800)


@pytest.mark.parametrize("cut", [1, 600])
def test_a_cut_score_from_a_hundredth_to_full_points_is_allowed(cut: int) -> None:
    validate(blueprint_of(cell(SINGLE, 3), cut=cut))


def with_sections(*sections: Section) -> Blueprint:
    return Blueprint("方案", Level.PRIMARY, sections, 1)


@pytest.mark.parametrize(
    ("blueprint", "code"),
    [
        (replace(three_sections(), name=" "), "blueprint.title"),
        (replace(three_sections(), name="长" * 201), "blueprint.title"),
        (with_sections(), "blueprint.no_sections"),
        (with_sections(Section("", (cell(SINGLE, 1),))), "blueprint.title"),
        (with_sections(Section("甲\x00", (cell(SINGLE, 1),))), "blueprint.title"),
        (with_sections(Section("单选", ())), "blueprint.no_cells"),
        (blueprint_of(cell(SINGLE, 0)), "blueprint.count"),
        (blueprint_of(cell(SINGLE, 501)), "blueprint.count"),
        (blueprint_of(cell(SINGLE, 300), cell(TRUE_FALSE, 201)), "blueprint.too_many_items"),
        (blueprint_of(cell(SINGLE, 1, points=0)), "blueprint.points"),
        (blueprint_of(cell(SINGLE, 1, points=1_000_001)), "blueprint.points"),
        (blueprint_of(cell(SINGLE, 1, topic=("党章", ""))), "blueprint.topic"),
        (blueprint_of(cell(SINGLE, 1, topic=("\ud800",))), "blueprint.topic"),
        (blueprint_of(cell(ItemType.CASE_ANALYSIS, 1, points=199)), "blueprint.points"),
        (blueprint_of(cell(ItemType.SHORT_ANSWER, 1), scoring=HALF), "blueprint.rule_without_items"),
        (blueprint_of(cell(MULTIPLE, 1), scoring=Scoring(ScoringRule.OPTION_WEIGHTS)), "blueprint.rule_without_items"),
        (blueprint_of(cell(SINGLE, 1), cut=0), "blueprint.cut_score"),
        (blueprint_of(cell(SINGLE, 1), cut=201), "blueprint.cut_score"),
        (blueprint_of(cell(SINGLE, 1), scoring=HALF), "blueprint.rule_without_items"),
        (blueprint_of(cell(MULTIPLE, 1), scoring=replace(HALF, mark_hundredths=1)), "blueprint.mark_unexpected"),
        (blueprint_of(cell(MULTIPLE, 1), scoring=Scoring(ScoringRule.PER_OPTION_MARKS)), "blueprint.mark"),
        (blueprint_of(cell(MULTIPLE, 1), scoring=replace(FIXED, mark_hundredths=0)), "blueprint.mark"),
        (blueprint_of(cell(MULTIPLE, 1), scoring=replace(FIXED, mark_hundredths=200)), "blueprint.mark"),
        (with_sections(Section("单选", (cell(SINGLE, 1),), minimum_hundredths=201)), "blueprint.minimum"),
        (with_sections(Section("单选", (), fixed=(FixedItem("", 1),))), "blueprint.fixed_name"),
        (with_sections(Section("单选", (), fixed=(FixedItem("1", 0),))), "blueprint.points"),
        (with_sections(Section("单选", (), fixed=(FixedItem("1", 5), FixedItem("1", 6)))), "blueprint.fixed_twice"),
        (replace(three_sections(), duration_minutes=601), "blueprint.duration"),
        (replace(three_sections(), evenness=Evenness(tolerance_hundredths=2801)), "blueprint.tolerance"),
        (replace(three_sections(), evenness=Evenness(exposure_permille=0)), "blueprint.exposure"),
        (replace(three_sections(), evenness=Evenness(rest_days=-1)), "blueprint.rest_days"),
    ],
)
def test_a_blueprint_that_contradicts_itself_is_refused(blueprint: Blueprint, code: str) -> None:
    with pytest.raises(InvalidBlueprint) as refused:
        validate(blueprint)
    assert refused.value.code == code
    assert refused.value.zh.endswith("。")
    assert refused.value.en.endswith(".")


def test_the_refusal_names_section_and_row() -> None:
    blueprint = with_sections(
        Section("单选题", (cell(SINGLE, 1),)), Section("填空题", (cell(SINGLE, 1), cell(ItemType.FILL_BLANK, 0)))
    )
    with pytest.raises(InvalidBlueprint) as refused:
        validate(blueprint)
    assert refused.value.zh == "第 2 大题「填空题」第 2 行：题数应为 1 至 500。"
    assert refused.value.en.startswith("Section 2 (填空题), row 2: ")


def test_a_wrong_option_may_cost_all_points() -> None:
    validate(blueprint_of(cell(MULTIPLE, 1), scoring=Scoring(ScoringRule.PER_OPTION_SIGNED, 200)))


def test_a_cell_takes_its_type_at_or_below_its_topic() -> None:
    chapter = cell(SINGLE, 1, topic=("党章", "第1章"))
    assert chapter.takes(single(topic=("党章", "第1章")))
    assert chapter.takes(single(topic=("党章", "第1章", "第3条")))
    assert not chapter.takes(single(topic=("党章",)))
    assert not chapter.takes(single(topic=("准则", "第1章")))
    assert not cell(SINGLE, 1, topic=("第1章",)).takes(single(topic=("党章", "第1章")))
    assert not chapter.takes(single(topic=("党章", "第10章")))
    assert not chapter.takes(true_false(topic=("党章", "第1章")))
    assert cell(SINGLE, 1).takes(single(topic=()))


def test_a_rule_of_partial_points_is_for_multiple_choice_only() -> None:
    section = Section("混合", (cell(MULTIPLE, 1), cell(SINGLE, 1)), HALF)
    assert section.scoring_of(MULTIPLE) == HALF
    assert section.scoring_of(SINGLE) == ALL_OR_NOTHING


@pytest.mark.parametrize("scoring", [ALL_OR_NOTHING, HALF, FIXED])
def test_a_blueprint_survives_the_way_through_its_text(scoring: Scoring) -> None:
    blueprint = three_sections(scoring=scoring)
    written = canonical_json(to_json(blueprint))
    assert from_json(read_json(written)) == blueprint
    assert canonical_json(to_json(from_json(read_json(written)))) == written


def test_the_hash_of_a_blueprint_follows_its_content() -> None:
    assert blueprint_hash(three_sections()) == blueprint_hash(three_sections())
    assert blueprint_hash(three_sections()) != blueprint_hash(three_sections(scoring=HALF))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"schema": "blueprint/9"}, "blueprint.schema"),
        ({"level": "expert"}, "blueprint.level"),
        ({"cut_score_hundredths": "60"}, "blueprint.cut_score_hundredths"),
        ({"cut_score_hundredths": True}, "blueprint.cut_score_hundredths"),
        ({"sections": None}, "blueprint.sections"),
        ({"sections": [{**SECTION, "cells": [], "scoring": None}]}, "blueprint.sections[0].scoring"),
        ({"sections": [{**SECTION, "cells": [1], "scoring": None}]}, "blueprint.sections[0].cells[0]"),
        ({"weight": 1}, "blueprint"),
    ],
)
def test_another_shape_is_refused_and_the_place_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidBlueprint) as refused:
        from_json({**to_json(three_sections()), **change})
    assert refused.value.en.startswith(f"{place}: ")


def test_a_well_shaped_blueprint_that_contradicts_itself_is_refused_on_reading() -> None:
    with pytest.raises(InvalidBlueprint) as refused:
        from_json(to_json(replace(three_sections(), cut_score_hundredths=2801)))
    assert refused.value.code == "blueprint.cut_score"


def test_a_blueprint_of_the_first_schema_is_read_and_written_as_the_second() -> None:
    written = to_json(three_sections(scoring=FIXED))
    first: dict[str, Any] = {key: written[key] for key in ("name", "level", "cut_score_hundredths")}
    sections: Any = written["sections"]
    first["schema"] = "blueprint/1"
    first["sections"] = [
        {
            "title": section["title"],
            "scoring": section["scoring"],
            "cells": [{key: value for key, value in one.items() if key != "difficulty"} for one in section["cells"]],
        }
        for section in sections
    ]
    assert from_json(first) == three_sections(scoring=FIXED)
    assert to_json(from_json(first)) == written


def test_everything_that_a_blueprint_may_ask_for_comes_back_from_json() -> None:
    section = Section(
        "单选题",
        (replace(cell(SINGLE, 3), difficulty=Difficulty.HARD),),
        fixed=(FixedItem("17", 300),),
        minimum_hundredths=400,
    )
    blueprint = replace(
        with_sections(section), duration_minutes=90, evenness=Evenness(50, exposure_permille=300, rest_days=180)
    )
    assert from_json(to_json(blueprint)) == blueprint
    assert (blueprint.item_count, blueprint.maximum_hundredths, blueprint.tolerance_hundredths) == (4, 900, 50)


def test_the_tolerance_allows_for_a_step_of_the_authors_difficulty() -> None:
    assert three_sections().tolerance_hundredths == 56  # two per cent of 28 points
    assert blueprint_of(cell(SINGLE, 3)).tolerance_hundredths == 40  # a fifth of 2 points
