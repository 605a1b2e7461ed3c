"""What a candidate sees of the way, and when: P18, and nothing of what offices say to each other."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from app.certificates.rules import Standing
from app.certificates.way import Case, Entry, Facts, Stage, StageState, Word, stages

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SAT = NOW - 40 * DAY
BASE = Facts(
    entry=Entry.CONFIRMED,
    registered_at=SAT - 20 * DAY,
    settled_at=SAT - 9 * DAY,
    starts_at=SAT,
    ends_at=SAT + timedelta(hours=1),
)
SEAT = replace(BASE, attempt_started_at=SAT, attempt_closed_at=SAT + timedelta(minutes=50))
RELEASED = replace(SEAT, released_at=NOW - 30 * DAY, passed=True, total=8800)
OPEN = replace(RELEASED, case=Case.AT_WORK, case_opened_at=NOW - 30 * DAY)
APPROVED = replace(OPEN, case=Case.APPROVED, case_decided_at=NOW - 20 * DAY)
SHOWN = replace(
    APPROVED,
    notice_published_at=NOW - DAY,
    notice_last_day=date(2026, 11, 27),
    notice_ends_at=datetime(2026, 11, 27, 16, tzinfo=UTC),
)
ENDED = replace(SHOWN, notice_ends_at=NOW)
HELD = replace(ENDED, certificate=Standing.ACTIVE, certificate_issued_at=NOW, certificate_moved_at=NOW)
DONE, NOW_, WAIT, AHEAD, STOP = StageState.DONE, StageState.NOW, StageState.WAIT, StageState.AHEAD, StageState.STOP

TABLE = [
    (replace(BASE, entry=Entry.APPLIED), SAT - 15 * DAY, [(WAIT, Word.APPLIED)]),
    (replace(BASE, entry=Entry.REGISTERED), SAT - 15 * DAY, [(WAIT, Word.REGISTERED)]),
    (replace(BASE, entry=Entry.REFUSED), NOW, [(STOP, Word.REFUSED)]),
    (replace(BASE, entry=Entry.WITHDRAWN), NOW, [(STOP, Word.WITHDRAWN)]),
    (BASE, SAT - DAY, [(DONE, Word.CONFIRMED), (NOW_, Word.TO_SIT)]),
    (replace(SEAT, attempt_closed_at=None), SAT, [(DONE, Word.CONFIRMED), (NOW_, Word.SITTING)]),
    (BASE, NOW, [(DONE, Word.CONFIRMED), (STOP, Word.ABSENT)]),
    (SEAT, NOW, [(DONE, Word.CONFIRMED), (DONE, Word.HANDED_IN), (WAIT, Word.AWAITING_RELEASE)]),
    (replace(RELEASED, passed=False), NOW, [(DONE, Word.CONFIRMED), (DONE, Word.HANDED_IN), (STOP, Word.FAILED)]),
    (OPEN, NOW, [None, None, (DONE, Word.PASSED), (WAIT, Word.UNDER_CLEARANCE)]),
    (replace(OPEN, case=Case.STATEMENT), NOW, [None, None, (DONE, Word.PASSED), (NOW_, Word.STATEMENT)]),
    (replace(OPEN, case=Case.REJECTED), NOW, [None, None, (DONE, Word.PASSED), (STOP, Word.NOT_CLEARED)]),
    (APPROVED, NOW, [None, None, None, (WAIT, Word.UNDER_CLEARANCE)]),  # the list is not shown yet
    (SHOWN, NOW, [None, None, None, (DONE, Word.CLEARED), (WAIT, Word.SHOWN)]),
    (ENDED, NOW, [None, None, None, (DONE, Word.CLEARED), (DONE, Word.NOTICE_ENDED), (WAIT, Word.AWAITING_ISSUE)]),
    (HELD, NOW, [None, None, None, None, (DONE, Word.NOTICE_ENDED), (DONE, Word.ACTIVE)]),
]


@pytest.mark.parametrize(("facts", "now", "expected"), TABLE)
def test_the_stations_as_they_stand(facts, now, expected):
    told = stages(facts, now=now)
    assert [station.stage for station in told] == list(Stage)
    for station, wanted in zip(told, expected, strict=False):
        if wanted:
            assert (station.state, station.word) == wanted
    for station in told[len(expected) :]:
        assert (station.state, station.word, station.at, station.due, station.total) == (
            AHEAD, Word.NOT_YET, None, None, None,
        )  # fmt: skip


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.ACTIVE])
def test_a_certificate_that_does_not_hold_is_told_as_the_public_page_tells_it(standing):
    told = stages(replace(HELD, certificate=standing, certificate_moved_at=NOW - DAY), now=NOW)[-1]
    assert (told.state, told.word.value, told.at) == (STOP, standing.value, NOW - DAY)


def test_before_the_release_nothing_tells_the_result_apart():
    """P18: whatever is known inside, what the candidate sees is the same."""
    before = replace(RELEASED, released_at=None)
    seen = {
        stages(replace(before, passed=passed, total=total, case=case, case_opened_at=NOW if case else None), now=NOW)
        for passed, total, case in product((True, False), (None, 0, 8800), (None, *Case))
    }
    assert len(seen) == 1
    assert stages(replace(RELEASED, released_at=NOW + DAY), now=NOW) == seen.pop()


def test_while_the_list_is_not_shown_nothing_tells_an_approved_case_from_one_at_work():
    assert stages(APPROVED, now=NOW) == stages(OPEN, now=NOW)


def test_one_station_at_most_is_where_the_candidate_stands():
    for facts, now, _ in TABLE:
        states = [station.state for station in stages(facts, now=now)]
        assert sum(state in (NOW_, WAIT, STOP) for state in states) <= 1
        assert sorted(states, key=[DONE, NOW_, WAIT, STOP, AHEAD].index) == states
