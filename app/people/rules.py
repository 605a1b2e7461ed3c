"""What the department's rules make of units, posts and standing facts. Pure: values in, decisions out.

The quotas are those of 员额式管理 (domain.md), the year at a level is that of the settings as delivered there.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.errors import AppError
from question_bank.items import Level


class UnitKind(StrEnum):
    """Kinds of employing body. `county` is the root of the tree only: nobody holds a post there."""

    COUNTY = "county"
    TOWNSHIP = "township"
    CITY_ORGAN = "city_organ"
    INSTITUTION = "institution"
    SOE = "soe"
    VILLAGE = "village"
    COMMUNITY = "community"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    NON_PUBLIC = "non_public"
    SOCIAL_ORGANISATION = "social_organisation"


UNIT_KIND_WORDS: dict[UnitKind, tuple[str, str]] = {
    UnitKind.COUNTY: ("县（市、区）", "County"),
    UnitKind.TOWNSHIP: ("乡镇/街道", "Township or sub-district"),
    UnitKind.CITY_ORGAN: ("市直机关", "City organ"),
    UnitKind.INSTITUTION: ("事业单位", "Institution"),
    UnitKind.SOE: ("国企", "State-owned enterprise"),
    UnitKind.VILLAGE: ("村", "Village"),
    UnitKind.COMMUNITY: ("社区", "Community"),
    UnitKind.SCHOOL: ("学校", "School"),
    UnitKind.HOSPITAL: ("公立医院", "Public hospital"),
    UnitKind.NON_PUBLIC: ("非公企业", "Non-public enterprise"),
    UnitKind.SOCIAL_ORGANISATION: ("社会组织", "Social organisation"),
}


class PartyOrganisationKind(StrEnum):
    """Kinds of node in the Party tree."""

    COMMITTEE = "committee"
    GENERAL_BRANCH = "general_branch"
    BRANCH = "branch"


PARTY_ORGANISATION_KIND_WORDS: dict[PartyOrganisationKind, tuple[str, str]] = {
    PartyOrganisationKind.COMMITTEE: ("党委", "Party committee"),
    PartyOrganisationKind.GENERAL_BRANCH: ("党总支", "General branch"),
    PartyOrganisationKind.BRANCH: ("党支部", "Branch"),
}


class PoliticalStatus(StrEnum):
    """政治面貌, as far as a rule asks for it: only a full member may hold the post."""

    FULL_MEMBER = "full_member"
    PROBATIONARY_MEMBER = "probationary_member"
    LEAGUE_MEMBER = "league_member"
    OTHER = "other"


POLITICAL_STATUS_WORDS: dict[PoliticalStatus, tuple[str, str]] = {
    PoliticalStatus.FULL_MEMBER: ("中共党员", "Full party member"),
    PoliticalStatus.PROBATIONARY_MEMBER: ("中共预备党员", "Probationary party member"),
    PoliticalStatus.LEAGUE_MEMBER: ("共青团员", "Youth League member"),
    PoliticalStatus.OTHER: ("其他", "Other"),
}


class Education(StrEnum):
    """学历, lowest first. "College or above" (大专及以上) begins with `college`."""

    BELOW_COLLEGE = "below_college"
    COLLEGE = "college"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTOR = "doctor"


EDUCATION_WORDS: dict[Education, tuple[str, str]] = {
    Education.BELOW_COLLEGE: ("高中（中专）及以下", "Below college"),
    Education.COLLEGE: ("大专", "College"),
    Education.BACHELOR: ("本科", "Bachelor"),
    Education.MASTER: ("硕士研究生", "Master"),
    Education.DOCTOR: ("博士研究生", "Doctor"),
}


class Relation(StrEnum):
    """Relations between two persons that keep one from judging the other (回避)."""

    SPOUSE = "spouse"
    KIN = "kin"
    IN_LAW = "in_law"
    SUPERIOR = "superior"
    OTHER_INTEREST = "other_interest"


class NotAFullMember(AppError):
    """Who is no full party member cannot be made a worker."""

    code = "worker.not_a_full_member"
    status = 409
    zh = "党务工作者须为中共正式党员。"
    en = "A party-affairs worker must be a full party member."


class NotInPost(AppError):
    """Who is not in post is no worker."""

    code = "worker.not_in_post"
    status = 409
    zh = "该人员不在岗，不能作为党务工作者。"
    en = "This person is not in post and cannot be a party-affairs worker."


def check_worker(status: PoliticalStatus, *, in_post: bool) -> None:
    """A worker is a full party member in post (在岗的正式党员). Raises NotAFullMember, then NotInPost."""
    if status is not PoliticalStatus.FULL_MEMBER:
        raise NotAFullMember
    if not in_post:
        raise NotInPost


class QuotaOutOfRange(AppError):
    """The posts set for a unit are fewer or more than the rule for its kind allows."""

    code = "quota.out_of_range"
    status = 409
    zh = "员额不符合规定：该单位应配备 {range_zh}，拟定 {posts} 名。"
    en = "The quota breaks the rule: this unit has {range_en}, and {posts} were set."


@dataclass(frozen=True)
class QuotaRange:
    """Posts that a unit must have at least and may have at most; None: as many as are approved."""

    at_least: int
    at_most: int | None


def quota_range(kind: UnitKind, *, headcount: int) -> QuotaRange:
    """The rule for the unit's kind: township at least 2 (the organisation committee member not counted), city organ
    1 % to 2 % of its staff, state-owned enterprise at least 1 for every 100 people; percentages round up. The other
    kinds have what is approved case by case; the county itself has none.
    """
    if headcount < 0:
        raise ValueError("a headcount is not negative")
    match kind:
        case UnitKind.COUNTY:
            return QuotaRange(0, 0)
        case UnitKind.TOWNSHIP:
            return QuotaRange(2, None)
        case UnitKind.CITY_ORGAN:
            return QuotaRange(_percent_up(headcount, 1), _percent_up(headcount, 2))
        case UnitKind.SOE:
            return QuotaRange(_percent_up(headcount, 1), None)
        case _:
            return QuotaRange(0, None)


def check_quota(kind: UnitKind, *, headcount: int, posts: int) -> None:
    """Raises QuotaOutOfRange where `posts` is not what the rule for the kind allows."""
    allowed = quota_range(kind, headcount=headcount)
    least, most = allowed.at_least, allowed.at_most
    if posts < least or (most is not None and posts > most):
        raise QuotaOutOfRange(
            posts=posts,
            range_zh=f"至少 {least} 名" if most is None else f"{least} 至 {most} 名",
            range_en=f"at least {least}" if most is None else f"{least} to {most}",
        )


def _percent_up(count: int, percent: int) -> int:
    return -(-count * percent // 100)


class FactKind(StrEnum):
    """What may stand about a person: written by later features, read by eligibility."""

    LEVEL_HELD = "level_held"
    LEVEL_SUSPENDED = "level_suspended"
    BARRED = "barred"
    TRAINING_HOURS = "training_hours"


@dataclass(frozen=True)
class StandingFact:
    """持证状态的一项事实, appended and never changed: a later fact of the same kind and `reference` (the certificate,
    the decision, the course) takes the place of the earlier one, so an end is told by saying the fact again with it.

    `first_day` and `last_day` are both inside; `last_day` None is open, and the day before `first_day` withdraws the
    fact. `level` is set for level_held; a level_suspended names the same certificate, and after a stroke which of its
    suspensions it is ("certificate:7/2"), so that a second one leaves the days of the first. `amount` is hundredths of
    an hour, for training_hours.
    """

    kind: FactKind
    reference: str
    first_day: date
    last_day: date | None = None
    level: Level | None = None
    amount: int = 0

    def covers(self, day: date) -> bool:
        """Whether the fact holds on `day`."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


def standing(facts: Iterable[StandingFact]) -> tuple[StandingFact, ...]:
    """The facts that stand, of all that were appended (`facts` in the order of writing)."""
    return tuple({(fact.kind, fact.reference): fact for fact in facts}.values())


def _active(facts: Collection[StandingFact], day: date, level: Level) -> bool:
    suspended = {f.reference.partition("/")[0] for f in facts if f.kind is FactKind.LEVEL_SUSPENDED and f.covers(day)}
    return any(
        f.kind is FactKind.LEVEL_HELD and f.level is level and f.covers(day) and f.reference not in suspended
        for f in facts
    )


def level_on(facts: Iterable[StandingFact], day: date) -> Level | None:
    """The highest level with an active certificate on `day`, or None. `facts` as appended."""
    current = standing(facts)
    held = [level for level in Level if _active(current, day, level)]
    return max(held, key=lambda level: level.rank, default=None)


def days_at_level(facts: Iterable[StandingFact], level: Level, on_date: date) -> int:
    """Days, completed before `on_date`, of the unbroken time with a certificate of `level` that lasts to that day.

    Days of suspension are not counted and do not break it; a day without a certificate of the level does, and 0 is
    the answer where none is active on `on_date` itself. Held since 10 May, it is 365 on the next 10 May of a common
    year. `facts` as appended.
    """
    current = standing(facts)
    if not _active(current, on_date, level):
        return 0
    held = [f for f in current if f.kind is FactKind.LEVEL_HELD and f.level is level]
    begin = on_date
    while earlier := [f.first_day for f in held if f.first_day < begin and f.covers(begin - timedelta(days=1))]:
        begin = min(earlier)
    days = (on_date - begin).days
    if not any(f.kind is FactKind.LEVEL_SUSPENDED for f in current):
        return days
    return sum(_active(current, begin + timedelta(days=n), level) for n in range(days))


def barred_on(facts: Iterable[StandingFact], day: date) -> date | None:
    """The last day of the bar that keeps the person from sitting on `day`, or None where there is none.

    `date.max` stands for a bar without an end. `facts` as appended.
    """
    ends = [f.last_day or date.max for f in standing(facts) if f.kind is FactKind.BARRED and f.covers(day)]
    return max(ends, default=None)


def training_hundredths(facts: Iterable[StandingFact], *, until: date, months: int) -> int:
    """Confirmed training up to `until` (the day itself included), in hundredths of an hour: that of the `months`
    calendar months before it, or with 0 all there is. `facts` as appended."""
    begin = _months_before(until, months) if months else date.min
    counted = (f for f in standing(facts) if f.kind is FactKind.TRAINING_HOURS and f.covers(f.first_day))
    return sum(f.amount for f in counted if begin <= f.first_day <= until)


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or its last day where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
