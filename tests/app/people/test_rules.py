from datetime import date, timedelta

import pytest

from app.people.rules import (
    EDUCATION_WORDS,
    PARTY_ORGANISATION_KIND_WORDS,
    POLITICAL_STATUS_WORDS,
    UNIT_KIND_WORDS,
    Education,
    FactKind,
    NotAFullMember,
    NotInPost,
    PartyOrganisationKind,
    PoliticalStatus,
    QuotaOutOfRange,
    QuotaRange,
    StandingFact,
    UnitKind,
    barred_on,
    check_quota,
    check_worker,
    days_at_level,
    level_on,
    quota_range,
)
from question_bank.items import Level

DAY = date(2025, 5, 10)
PRIMARY, INTERMEDIATE = Level.PRIMARY, Level.INTERMEDIATE


def held(first, last=None, *, level=PRIMARY, reference="c1"):
    return StandingFact(FactKind.LEVEL_HELD, reference, first, last, level)


def suspended(first, last=None, *, reference="c1"):
    return StandingFact(FactKind.LEVEL_SUSPENDED, reference, first, last)


def barred(first, last=None, *, reference="d1"):
    return StandingFact(FactKind.BARRED, reference, first, last)


def days(count):
    return DAY + timedelta(days=count)


@pytest.mark.parametrize(
    ("kind", "headcount", "expected"),
    [
        (UnitKind.COUNTY, 50_000, QuotaRange(0, 0)),
        (UnitKind.TOWNSHIP, 0, QuotaRange(2, None)),
        (UnitKind.TOWNSHIP, 900, QuotaRange(2, None)),
        (UnitKind.CITY_ORGAN, 0, QuotaRange(0, 0)),
        (UnitKind.CITY_ORGAN, 1, QuotaRange(1, 1)),
        (UnitKind.CITY_ORGAN, 50, QuotaRange(1, 1)),
        (UnitKind.CITY_ORGAN, 51, QuotaRange(1, 2)),
        (UnitKind.CITY_ORGAN, 100, QuotaRange(1, 2)),
        (UnitKind.CITY_ORGAN, 101, QuotaRange(2, 3)),
        (UnitKind.SOE, 1, QuotaRange(1, None)),
        (UnitKind.SOE, 100, QuotaRange(1, None)),
        (UnitKind.SOE, 101, QuotaRange(2, None)),
        (UnitKind.VILLAGE, 30, QuotaRange(0, None)),
        (UnitKind.HOSPITAL, 800, QuotaRange(0, None)),
    ],
)
def test_quota_by_kind_of_unit(kind, headcount, expected):
    assert quota_range(kind, headcount=headcount) == expected


def test_quota_outside_its_range_is_refused_with_the_range():
    check_quota(UnitKind.CITY_ORGAN, headcount=101, posts=3)
    for posts in (1, 4):
        with pytest.raises(QuotaOutOfRange) as raised:
            check_quota(UnitKind.CITY_ORGAN, headcount=101, posts=posts)
        assert "2 至 3 名" in raised.value.sentence("zh")
        assert "2 to 3" in raised.value.sentence("en")
    with pytest.raises(QuotaOutOfRange) as raised:
        check_quota(UnitKind.TOWNSHIP, headcount=80, posts=1)
    assert "至少 2 名" in raised.value.sentence("zh")
    check_quota(UnitKind.TOWNSHIP, headcount=80, posts=9)


def test_headcount_is_never_negative():
    with pytest.raises(ValueError, match="negative"):
        quota_range(UnitKind.SOE, headcount=-1)


def test_worker_is_a_full_member_in_post():
    check_worker(PoliticalStatus.FULL_MEMBER, in_post=True)
    with pytest.raises(NotInPost):
        check_worker(PoliticalStatus.FULL_MEMBER, in_post=False)
    for status in set(PoliticalStatus) - {PoliticalStatus.FULL_MEMBER}:
        with pytest.raises(NotAFullMember):
            check_worker(status, in_post=True)


@pytest.mark.parametrize(
    ("facts", "on_date", "expected"),
    [
        ([], days(0), 0),
        ([held(DAY)], days(-1), 0),
        ([held(DAY)], days(0), 0),
        ([held(DAY)], days(1), 1),
        ([held(DAY)], date(2026, 5, 10), 365),
        ([held(DAY, level=INTERMEDIATE)], days(100), 0),
        # an end told later takes the place of the open fact
        ([held(DAY), held(DAY, days(9))], days(9), 9),
        ([held(DAY), held(DAY, days(9))], days(10), 0),
        # withdrawn: it never stood
        ([held(DAY), held(DAY, days(-1))], days(0), 0),
        # one certificate follows another without a gap, or with one day between
        ([held(DAY, days(99)), held(days(100), reference="c2")], days(150), 150),
        ([held(DAY, days(99)), held(days(101), reference="c2")], days(150), 49),
        # overlapping certificates count each day once
        ([held(DAY, days(99)), held(days(50), reference="c2")], days(150), 150),
        # suspension does not count, and does not break
        ([held(DAY), suspended(days(10), days(19))], days(100), 90),
        ([held(DAY), suspended(days(10))], days(100), 0),
        ([held(DAY), suspended(days(10)), suspended(days(10), days(19))], days(100), 90),
        ([held(DAY), suspended(days(10), days(19))], days(15), 0),
        # another certificate's suspension is its own
        ([held(DAY), suspended(days(10), days(19), reference="c9")], days(100), 100),
    ],
)
def test_days_at_level_are_continuous_and_active(facts, on_date, expected):
    assert days_at_level(facts, PRIMARY, on_date) == expected


def test_level_is_the_highest_active_one():
    facts = [held(DAY), held(days(400), level=INTERMEDIATE, reference="c2"), suspended(days(500), reference="c2")]
    assert level_on(facts, days(-1)) is None
    assert level_on(facts, days(399)) is PRIMARY
    assert level_on(facts, days(400)) is INTERMEDIATE
    assert level_on(facts, days(500)) is PRIMARY


@pytest.mark.parametrize(
    ("facts", "on_date", "expected"),
    [
        ([], days(0), None),
        ([barred(DAY, days(30))], days(-1), None),
        ([barred(DAY, days(30))], days(0), days(30)),
        ([barred(DAY, days(30))], days(30), days(30)),
        ([barred(DAY, days(30))], days(31), None),
        ([barred(DAY)], days(9_000), date.max),
        ([barred(DAY, days(30)), barred(DAY, days(60), reference="d2")], days(5), days(60)),
        ([barred(DAY, days(30)), barred(DAY, days(-1))], days(5), None),
    ],
)
def test_bar_keeps_until_its_last_day(facts, on_date, expected):
    assert barred_on(facts, on_date) == expected


@pytest.mark.parametrize(
    ("words", "members"),
    [
        (UNIT_KIND_WORDS, UnitKind),
        (PARTY_ORGANISATION_KIND_WORDS, PartyOrganisationKind),
        (POLITICAL_STATUS_WORDS, PoliticalStatus),
        (EDUCATION_WORDS, Education),
    ],
)
def test_every_member_has_words_in_both_languages(words, members):
    assert set(words) == set(members)
    assert len({zh for zh, _ in words.values()}) == len(words)
    assert all(en.isascii() for _, en in words.values())
