"""The page of a blueprint's best form."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.accounts.queries import person_of
from app.exams import queries as exams
from app.exams.best_form import queries, service
from app.exams.best_form.models import BestFormRow
from app.exams.best_form.rules import LEAST_SECONDS, MOST_SECONDS, USUAL_SECONDS, Found
from app.exams.pages.desk import desk
from app.exams.service.blueprints import blueprint_of
from app.jobs import queue
from app.jobs.rules import LIVING, JobState
from app.operation import Operation
from app.people.queries import person_name
from app.security.permissions import Capability
from app.shapes import Done, Given, Line, Shown
from question_bank.assembly.pool import cell_places
from question_bank.blueprint import Blueprint
from question_bank.items import Difficulty, ItemType

_HERE = "/blueprints/{blueprint_id}/best-form"


class SearchGiven(Given):
    """How many seconds the search may take."""

    seconds: Annotated[int, Field(ge=LEAST_SECONDS, le=MOST_SECONDS)] = USUAL_SECONDS


class KeepGiven(Given):
    """The name of the draft."""

    name: Line


class SearchShown(Shown):
    """A search that goes on, or the sentence with which it ended; seconds that went by of those that it may take."""

    living: bool
    done: int
    total: int
    zh: str
    en: str


class BestItemShown(Shown):
    """An item of the form by its number in the bank; information in thousandths, `calibrated` where it rests on
    responses. `fixed`: the blueprint fixes it."""

    item_id: int
    information: int
    calibrated: bool
    fixed: bool


class BestCellShown(Shown):
    """A row of the blueprint and how the form keeps to it."""

    section: str
    topic: str
    item_type: ItemType
    difficulty: Difficulty | None
    count: int
    items: list[BestItemShown]


class PointShown(Shown):
    """Information at an ability, of the best form and of the drawn one; all in thousandths."""

    ability: int
    best: int
    drawn: int


class BestFormShown(Shown):
    """The best form of a blueprint as far as it was looked for: the search, what was found, and whether the blueprint
    is still the same. Abilities and information in thousandths; standard errors of ability in thousandths."""

    blueprint_id: int
    blueprint_name: str
    maximum_hundredths: int
    cut_score_hundredths: int
    asked_by: str
    asked_at: datetime | None
    seconds: int
    search: SearchShown | None
    current: bool
    kept_as: int | None
    ability: int | None
    information: int | None
    bound: int | None
    proved: bool
    standard_error: int | None
    expected_hundredths: int | None
    drawn_information: int | None
    drawn_standard_error: int | None
    drawn_expected_hundredths: int | None
    available: int | None
    calibrated: int
    cells: list[BestCellShown]
    fixed: list[BestItemShown]
    curve: list[PointShown]
    suggested_name: str
    may_write: bool


@desk.view(_HERE, Capability.BLUEPRINT_READ, template="exams/best_form.html")
def show_best_form(op: Operation, *, blueprint_id: int) -> BestFormShown:
    """The form of a blueprint that measures best at the cut score, beside one that was drawn."""
    row = exams.find_blueprint(op.db, op.actor, blueprint_id)
    blueprint = blueprint_of(row)
    asked = queries.newest_of(op.db, op.actor, blueprint_id)
    found = None if asked is None else service.found_of(asked)
    return BestFormShown(
        blueprint_id=row.id,
        blueprint_name=row.name,
        maximum_hundredths=blueprint.maximum_hundredths,
        cut_score_hundredths=blueprint.cut_score_hundredths,
        asked_by="" if asked is None else person_name(op.db, person_of(op.db, asked.asked_by)),
        asked_at=None if asked is None else asked.asked_at,
        seconds=USUAL_SECONDS if asked is None else asked.seconds,
        search=None if asked is None else _search(op, asked),
        current=asked is not None and service.stands(asked, row),
        kept_as=None if asked is None else asked.kept_as,
        suggested_name=f"{row.name[:180]}（最优固定卷）",
        may_write=op.may(Capability.BLUEPRINT_WRITE),
        **_told(blueprint, found),
    )


@desk.command(_HERE, Capability.BLUEPRINT_WRITE, then=_HERE, retry=show_best_form, said="已交后台求解。")
def ask_best_form(op: Operation, *, blueprint_id: int, given: SearchGiven) -> Done:
    """Have it looked for in the background."""
    return Done(id=service.ask_best_form(op, blueprint_id=blueprint_id, seconds=given.seconds).id)


@desk.command(f"{_HERE}/cancel", Capability.BLUEPRINT_WRITE, then=_HERE, retry=show_best_form, said="已取消求解。")
def cancel_best_form(op: Operation, *, blueprint_id: int) -> Done:
    """Stop the search."""
    return Done(id=service.cancel_best_form(op, blueprint_id=blueprint_id).id)


@desk.command(
    f"{_HERE}/keep",
    Capability.BLUEPRINT_WRITE,
    then="/blueprints/{id}",
    retry=show_best_form,
    said="已另存为草稿，请核对后提交审批。",
)
def keep_best_form(op: Operation, *, blueprint_id: int, given: KeepGiven) -> Done:
    """Keep its items as the fixed items of a new draft."""
    return Done(id=service.keep_best_form(op, blueprint_id=blueprint_id, name=given.name).id)


def _search(op: Operation, asked: BestFormRow) -> SearchShown | None:
    job = queue.find(op.db, asked.job_id)
    if job.state in {JobState.DONE, JobState.CANCELLED}:
        return None
    error, living = job.error or {}, job.state in LIVING
    return SearchShown(
        living=living,
        done=job.done,
        total=job.total,
        zh=job.message_zh if living else error.get("zh", ""),
        en=job.message_en if living else error.get("en", ""),
    )


def _told(blueprint: Blueprint, found: Found | None) -> dict[str, Any]:
    if found is None:
        figures = dict.fromkeys(
            (
                "ability",
                "information",
                "bound",
                "standard_error",
                "expected_hundredths",
                "drawn_information",
                "drawn_standard_error",
                "drawn_expected_hundredths",
                "available",
            )
        )
        return {**figures, "proved": False, "calibrated": 0, "cells": [], "fixed": [], "curve": []}
    items = [
        (
            one.cell,
            BestItemShown(
                item_id=one.item_id,
                information=one.information,
                calibrated=one.calibrated,
                fixed=one.cell is None,
            ),
        )
        for one in found.items
    ]
    return {
        **found.figures,
        "standard_error": _error(found.figures["information"]),
        "drawn_standard_error": _error(found.figures["drawn_information"]),
        "calibrated": sum(one.calibrated for one in found.items),
        "cells": [
            BestCellShown(
                section=place.section.title,
                topic="/".join(place.cell.topic),
                item_type=place.cell.item_type,
                difficulty=place.cell.difficulty,
                count=place.cell.count,
                items=[shown for cell, shown in items if cell == place.index],
            )
            for place in cell_places(blueprint)
        ],
        "fixed": [shown for cell, shown in items if cell is None],
        "curve": [PointShown(ability=at, best=best, drawn=drawn) for at, best, drawn in found.curve],
    }


def _error(information: int) -> int | None:
    """The standard error of ability, in thousandths, that goes with an information in thousandths."""
    return round(1000 * (1000 / information) ** 0.5) if information > 0 else None
