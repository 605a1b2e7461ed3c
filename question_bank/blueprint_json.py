"""One JSON of blueprints: "blueprint/2" is written; "blueprint/1", which knew cells by topic and type only, is read."""

from functools import partial

from question_bank.blueprint import Blueprint, Cell, Evenness, FixedItem, Section, validate
from question_bank.canonical import Json, sha256_hex
from question_bank.errors import InvalidBlueprint
from question_bank.items import Difficulty, ItemType, Level
from question_bank.record import Record
from question_bank.scoring_json import scoring_from_json, scoring_to_json

_SCHEMA = "blueprint/2"
_FIRST_SCHEMA = "blueprint/1"
_FIRST_MEMBERS = frozenset({"schema", "name", "level", "cut_score_hundredths", "sections"})


def to_json(blueprint: Blueprint) -> dict[str, Json]:
    """Every field of the blueprint."""
    evenness = blueprint.evenness
    return {
        "schema": _SCHEMA,
        "name": blueprint.name,
        "level": blueprint.level.value,
        "cut_score_hundredths": blueprint.cut_score_hundredths,
        "duration_minutes": blueprint.duration_minutes,
        "evenness": {
            "tolerance_hundredths": evenness.tolerance_hundredths,
            "exposure_permille": evenness.exposure_permille,
            "rest_days": evenness.rest_days,
        },
        "sections": [
            {
                "title": section.title,
                "scoring": scoring_to_json(section.scoring),
                "minimum_hundredths": section.minimum_hundredths,
                "cells": [
                    {
                        "topic": [*cell.topic],
                        "item_type": cell.item_type.value,
                        "difficulty": cell.difficulty.value if cell.difficulty else None,
                        "count": cell.count,
                        "points_hundredths": cell.points_hundredths,
                    }
                    for cell in section.cells
                ],
                "fixed": [
                    {"name": fixed.name, "points_hundredths": fixed.points_hundredths} for fixed in section.fixed
                ],
            }
            for section in blueprint.sections
        ],
    }


def from_json(value: Json) -> Blueprint:
    """The blueprint that `to_json` wrote, now or as "blueprint/1", validated. Raises `InvalidBlueprint`, naming the
    place."""
    first = isinstance(value, dict) and value.get("schema") == _FIRST_SCHEMA
    members = _FIRST_MEMBERS if first else _FIRST_MEMBERS | {"duration_minutes", "evenness"}
    record = Record(value, members=members, at="blueprint", refusal=InvalidBlueprint)
    record.expect("schema", _FIRST_SCHEMA if first else _SCHEMA)
    blueprint = Blueprint(
        name=record.text("name"),
        level=record.member("level", Level),
        sections=record.each("sections", partial(_read_section, first=first)),
        cut_score_hundredths=record.integer("cut_score_hundredths"),
        duration_minutes=None if first else record.integer_or_none("duration_minutes"),
        evenness=Evenness() if first else record.nested("evenness", _read_evenness),
    )
    validate(blueprint)
    return blueprint


def blueprint_hash(blueprint: Blueprint) -> str:
    """SHA-256 (hex) of the blueprint's canonical JSON."""
    return sha256_hex(to_json(blueprint))


def _read_evenness(value: Json, at: str) -> Evenness:
    members = frozenset({"tolerance_hundredths", "exposure_permille", "rest_days"})
    record = Record(value, members=members, at=at, refusal=InvalidBlueprint)
    return Evenness(
        tolerance_hundredths=record.integer_or_none("tolerance_hundredths"),
        exposure_permille=record.integer("exposure_permille"),
        rest_days=record.integer("rest_days"),
    )


def _read_section(value: Json, at: str, *, first: bool) -> Section:
    members = frozenset({"title", "scoring", "cells"}) | (set() if first else {"minimum_hundredths", "fixed"})
    record = Record(value, members=members, at=at, refusal=InvalidBlueprint)
    return Section(
        title=record.text("title"),
        cells=record.each("cells", partial(_read_cell, first=first)),
        scoring=record.nested("scoring", partial(scoring_from_json, refusal=InvalidBlueprint)),
        fixed=() if first else record.each("fixed", _read_fixed),
        minimum_hundredths=0 if first else record.integer("minimum_hundredths"),
    )


def _read_cell(value: Json, at: str, *, first: bool) -> Cell:
    members = frozenset({"topic", "item_type", "count", "points_hundredths"}) | (set() if first else {"difficulty"})
    record = Record(value, members=members, at=at, refusal=InvalidBlueprint)
    return Cell(
        topic=record.texts("topic"),
        item_type=record.member("item_type", ItemType),
        count=record.integer("count"),
        points_hundredths=record.integer("points_hundredths"),
        difficulty=None if first else record.optional("difficulty", _read_difficulty),
    )


def _read_difficulty(value: Json, at: str) -> Difficulty:
    return Record({"difficulty": value}, members=frozenset({"difficulty"}), at=at, refusal=InvalidBlueprint).member(
        "difficulty", Difficulty
    )


def _read_fixed(value: Json, at: str) -> FixedItem:
    record = Record(value, members=frozenset({"name", "points_hundredths"}), at=at, refusal=InvalidBlueprint)
    return FixedItem(record.text("name"), record.integer("points_hundredths"))
