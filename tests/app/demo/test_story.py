"""The demo county's year, played once: what it leaves behind holds against every checker of the house."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.attempts.absences import queries as absences
from app.attempts.misconduct.models import MisconductCase
from app.attempts.misconduct.rules import MisconductState, Ruling
from app.attempts.models import Attempt, PaperSheet
from app.attempts.on_paper.queries import keyings_of
from app.attempts.on_paper.rules import SheetState
from app.attempts.rules import Closing
from app.audit.anchor_file import ANCHORS, KEYS, AnchorFile, Lines, read_keys
from app.audit.export import export
from app.audit.verification import verify
from app.authoring.models import Bank, ItemRow
from app.authoring.rules import ItemState
from app.certificates.rebuild import valid_at
from app.clearance.queries import cases_of_exam, checks_of
from app.clearance.rules import CaseState, CheckState
from app.clock import ManualClock
from app.commands.install import prepare
from app.demo.showing import guests
from app.demo.stage import Stage
from app.demo.story import COUNTY, Cast, load
from app.exams.make_ups.models import MakeUp
from app.exams.make_ups.queries import made_up_by
from app.exams.make_ups.rules import Cause
from app.exams.models import Exam
from app.exams.queries import exams_in, live_registrations
from app.exams.rules import ExamState
from app.exams.service import items_of_pool, recompute_draw
from app.exams.service.readiness import readiness
from app.grading import queries as grading
from app.grading.queries import withheld_and_void
from app.grading.rechecks.models import Recheck
from app.grading.rechecks.rules import RecheckState
from app.grading.rescoring.models import RescoredResult, Rescoring
from app.grading.rescoring.rules import RescoringState
from app.main import make_house
from app.operation import House, Operation, acting_as
from app.people.queries import filled_posts, standing_facts, units_within
from app.people.rules import level_on
from app.retention.models import DestructionList
from app.retention.rules import ListState
from app.retention.rules.classes import RecordClass
from app.security.permissions import STAFF, Role
from app.web.home import WaitingRooms, tasks_of
from app.wiring import close_house
from question_bank.canonical import stem_fold
from question_bank.formats import read_bank
from question_bank.items import ItemType, Level
from question_bank.starter import FILES, read_file
from tests.support.house import settings_for

NOW = datetime(2026, 11, 23, 6, 17, tzinfo=UTC)
"""A Monday afternoon in Shanghai."""


@dataclass
class Played:
    """The house after the story, its clock at the story's end."""

    house: House
    stage: Stage
    cast: Cast

    def lines(self) -> list[str]:
        """The export of the audit log."""
        return list(export(self.house.database, AnchorFile(self.house.settings.anchor_folder).public_keys()))


FEW = Cast(registered=72, absent=3, failed=4)
"""A story with all its turns and few people."""


@pytest.fixture(scope="module", params=[FEW, pytest.param(COUNTY, marks=pytest.mark.long)], ids=["few", "county"])
def played(databases, tmp_path_factory, request) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("demo")
    with databases.fresh("sqlite") as url:
        settings = settings_for(url, folder).model_copy(update={"county": "示范县"})
        clock = ManualClock(NOW - timedelta(days=440))
        house = make_house(settings, clock=clock)
        try:
            prepare(house)
            stage = load(house, clock, now=NOW, told=lambda _chapter: None, cast=request.param)
            yield Played(house, stage, request.param)
        finally:
            close_house(house)


def test_the_clock_ends_where_the_visitor_stands(played):
    assert played.house.clock.now() == NOW


def test_the_audit_log_of_the_whole_story_verifies(played):  # P36
    folder = played.house.settings.anchor_folder
    verdict = verify(iter(played.lines()), Lines(folder / ANCHORS), read_keys(Lines(folder / KEYS)), as_of=None)
    assert verdict.ok, verdict.sentence("en")


def test_the_log_alone_gives_the_valid_certificates_back(played):  # P31
    assert len(valid_at(played.lines(), NOW)) == played.cast.certificates
    assert COUNTY.certificates == 444


def test_the_county_has_the_size_that_was_reported(played):
    with acting_as(played.house, "test") as op:
        units = units_within(op.db, ("/",))
        workers = [person for persons in filled_posts(op.db, [u.id for u in units]).values() for person in persons]
        facts = standing_facts(op.db, workers)
        certified = [person for person in workers if level_on(facts[person], NOW.date()) is Level.PRIMARY]
    assert (sum(u.quota_posts for u in units), len(workers), len(certified)) == (578, 509, played.cast.certificates)


def test_everyone_in_the_register_has_a_photograph_of_their_own(played):
    with played.house.database.transaction(reading=True) as db:
        photos = [row[0] for row in db.connection().exec_driver_sql("SELECT photo FROM person")]
    assert len(photos) > 509
    assert all(photo[:2] == b"\xff\xd8" for photo in photos)
    assert len(set(photos)) > 400


def test_every_sealed_exam_can_be_drawn_again(played):  # P16
    with acting_as(played.house, "test") as op:
        sealed = exams_in(op.db, ExamState.SEALED)
        assert len(sealed) == 3
        assert all(recompute_draw(op, exam.id).agrees for exam in sealed)


def test_a_destruction_list_waits_for_its_second_approval(played):  # P37
    with played.house.database.transaction(reading=True) as db:
        row = db.scalars(select(DestructionList)).one()
    assert (row.record_class, row.state) == (RecordClass.SIGNALS, ListState.APPROVED_ONCE)
    assert row.subjects >= 2


def test_cases_stand_in_every_place_of_the_way(played):
    with played.house.database.transaction(reading=True) as db:
        states, checks = Counter(), Counter()
        for exam in exams_in(db, ExamState.SEALED):
            cases = cases_of_exam(db, exam.id)
            states.update(case.state for case in cases)
            checks.update(c.state for found in checks_of(db, [case.id for case in cases]).values() for c in found)
    assert set(states) == set(CaseState) - {CaseState.WITHDRAWN}  # nobody in the demo county has lost a pass
    assert set(checks) == set(CheckState)


def test_the_year_has_what_goes_wrong_and_how_it_was_put_right(played):  # P2, P17, P29
    with acting_as(played.house, "test") as op:
        first, second, coming = sorted(exams_in(op.db, ExamState.SEALED), key=lambda exam: exam.id)
        sheets = op.db.scalars(select(PaperSheet)).all()
        closings = Counter(op.db.scalars(select(Attempt.closing)))
        (case,) = op.db.scalars(select(MisconductCase))
        void = withheld_and_void(op.db, second.id)[1]
        (correction,) = op.db.scalars(select(Rescoring))
        rescored = op.db.scalars(select(RescoredResult)).all()
        (recheck,) = op.db.scalars(select(Recheck))
        excused = op.db.scalars(absences.excused()).all()
        lost = grading.lost_in(op.db, second.id)
        failed = grading.failed_among(op.db, grading.registrations_with_result(op.db, second.id))
        (make_up,) = op.db.scalars(select(Exam).where(Exam.makes_up_for.is_not(None)))
        made_up = {
            used.registration_id: used.cause
            for used in made_up_by(op.db, op.db.scalars(select(MakeUp.registration_id)).all()).values()
        }
        entered = live_registrations(op.db, make_up.id)
        unmet = [line for line in readiness(op, coming) if not line.met]
    assert {sheet.state for sheet in sheets} == {SheetState.SETTLED}
    assert len(sheets) == closings[Closing.ON_PAPER] > 5
    assert sum(keyings_differ(played, sheet.id) for sheet in sheets) == 1
    assert (case.state, case.ruling, bool(case.stated_at)) == (MisconductState.SETTLED, Ruling.VOID, True)
    assert void == {case.registration_id}
    assert (make_up.makes_up_for, len(excused), len(lost)) == (second.id, 1, 1)
    assert len(entered) == len(made_up) == len(failed) + 2 >= 8
    assert made_up == dict.fromkeys(failed, Cause.FAILED) | {
        excused[0]: Cause.EXCUSED,
        next(iter(lost)): Cause.TECHNICAL,
    }
    assert (correction.exam_id, correction.state) == (first.id, RescoringState.APPLIED)
    assert any(one.total_after > one.total_before for one in rescored)
    assert not any(one.passed_after != one.passed_before or one.kept for one in rescored)  # 444 stay 444
    assert (recheck.state, recheck.recounted) == (RecheckState.ANSWERED, recheck.total_before)
    assert [(line.en, len(line.lacking)) for line in unmet] == [("Every candidate has accepted the privacy notice", 3)]


def keyings_differ(played, sheet_id: int) -> bool:
    """Whether two people read a sheet differently."""
    with played.house.database.transaction(reading=True) as db:
        first, second = keyings_of(db, [sheet_id])[sheet_id]
        return first.content != second.content


def waiting(op: Operation, stage: Stage, role: Role, n: int = 0) -> list[str]:
    """What the home page of the n-th person with that role lists."""
    actor = stage.actor(op, stage.player(role, n), factor=True)
    own = Operation(op.db, actor, op.now, "", "", op.house)
    return [task.en for task in tasks_of(own, op.house.tool(WaitingRooms))]


AUTOMATIC = set(ItemType) - {ItemType.SHORT_ANSWER, ItemType.CASE_ANALYSIS, ItemType.PRACTICAL}

IDLE = {Role.LEADER, Role.AUDIT_ADMINISTRATOR}
"""They read; nothing waits for them."""


@pytest.mark.parametrize("role", sorted(STAFF - IDLE))
def test_something_true_waits_for_each_role(played, role):
    with acting_as(played.house, "test") as op:
        assert waiting(op, played.stage, role)


def test_a_log_in_is_offered_for_each_role_and_for_candidates_along_the_way(played):
    with acting_as(played.house, "test") as op:
        shown = guests(op)
    assert sum(guest.staff for guest in shown) == len(STAFF)
    assert len({guest.login for guest in shown}) == len(shown) == len(STAFF) + 4
    assert all(guest.zh and guest.en.isascii() for guest in shown)


def test_every_exam_draws_from_the_bank_that_ships(played):
    shipped = [one.item for name in FILES for one in read_bank(name, read_file(name)).items]
    with played.house.database.transaction(reading=True) as db:
        rows = db.scalars(select(ItemRow).where(ItemRow.state == ItemState.APPROVED)).all()
        practice = set(db.scalars(select(ItemRow.stem_fold).join(Bank).where(Bank.practice)))
    with acting_as(played.house, "test") as op:
        pools = [items_of_pool(op, exam.id) for exam in exams_in(op.db, ExamState.SEALED)]
    assert len(rows) == len(shipped) >= 300
    assert Counter(row.level for row in rows) == Counter(item.level for item in shipped)
    assert Counter(row.item_type for row in rows) == Counter(item.item_type for item in shipped)
    assert Counter(row.difficulty for row in rows) == Counter(item.difficulty for item in shipped)
    assert {item.item_type for pool in pools for item in pool.values()} == AUTOMATIC
    assert len(practice) >= 20
    assert practice.isdisjoint(stem_fold(item.stem) for pool in pools for item in pool.values())
