"""Rules of drills: what may be rehearsed and when, what the figures say, and the lifecycle of a drill. Pure.

Times are microseconds in whole numbers, so that a report says the same wherever it is read again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import Conflict, Invalid

APART = timedelta(hours=4)
"""No drill begins while a sitting runs, nor so long before the next one of a sealed exam.

No setting, for it follows from bounds and not from policy. The longest drill runs `MOST_MINUTES` from start to bell;
before that `MOST_CANDIDATES` are made and arrive, 30 a second; after it come rising load and the hashing of every
table: two hours are allowed for all. Rooms open half an hour before the start. What is left is for people who read a
no-go and act on it. Who has more time drills earlier; who has less must not put the machine under load at all.
"""
AFTERWARDS = timedelta(hours=2)
"""How long after the end of a sitting somebody with granted time may still be writing."""
MOST_CANDIDATES = 20_000
MOST_MINUTES = 60


class DrillState(StrEnum):
    """Where a drill stands."""

    UNDER_WAY = "under_way"
    GO = "go"
    NO_GO = "no_go"
    CANCELLED = "cancelled"
    BROKEN = "broken"
    """It came to no end: nothing is known, and nothing of it is left."""


class DrillAction(StrEnum):
    """What ends a drill."""

    PASS = "pass"  # noqa: S105 - the name of an act
    FAIL = "fail"
    CANCEL = "cancel"
    BREAK = "break"


TRANSITIONS: Mapping[tuple[DrillState, DrillAction], DrillState] = {
    (DrillState.UNDER_WAY, DrillAction.PASS): DrillState.GO,
    (DrillState.UNDER_WAY, DrillAction.FAIL): DrillState.NO_GO,
    (DrillState.UNDER_WAY, DrillAction.CANCEL): DrillState.CANCELLED,
    (DrillState.UNDER_WAY, DrillAction.BREAK): DrillState.BROKEN,
}


class DrillOver(Conflict):
    """The drill has ended."""

    code = "drill.over"
    zh = "演练已经结束。"
    en = "The drill has ended."


class DrillUnderWay(Conflict):
    """One at a time: two would measure each other."""

    code = "drill.under_way"
    zh = "已有演练正在进行，请等它结束或将它取消。"
    en = "A drill is under way; wait for its end, or cancel it."


class ExamTooNear(Conflict):
    """A drill takes what the machine has; nobody who sits an exam shall feel it."""

    code = "drill.exam_near"
    zh = "“{exam}”正在进行、刚刚结束或将在四小时内开考，现在不能演练。"
    en = "The exam “{exam}” is running, has just ended or begins within four hours; there can be no drill now."


class NothingToRehearse(Invalid):
    """No candidates, and none asked for."""

    code = "drill.nothing_to_rehearse"
    zh = "这场考试还没有已确认的考生，请指明模拟考生的人数。"
    en = "No candidate of this exam is confirmed yet; please say how many synthetic ones there shall be."


class PlaceRefused(Conflict):
    """The database does not let the service make a place for the drill."""

    code = "drill.place_refused"
    zh = "数据库账号无权新建演练库：请由管理员授予 CREATEDB，或先在别处演练。"
    en = "The database account may not create the drill's own database: have an administrator grant CREATEDB."


class RehearsalFailed(Conflict):
    """The rehearsal came to no end."""

    code = "drill.failed"
    zh = "演练中断，没有判定：{reason_zh}"
    en = "The drill broke off and says nothing: {reason_en}"


@dataclass(frozen=True)
class SittingTime:
    """One sitting of a sealed exam."""

    exam: str
    starts_at: datetime
    ends_at: datetime


def move(state: DrillState, action: DrillAction) -> DrillState:
    """The state after `action`; raises DrillOver where the drill has ended."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise DrillOver from None


def check_quiet(sittings: Iterable[SittingTime], *, now: datetime) -> None:
    """Raises ExamTooNear, naming the exam, where a sitting runs, has hardly ended, or begins within `APART`."""
    for sitting in sittings:
        if sitting.starts_at - APART <= now <= sitting.ends_at + AFTERWARDS:
            raise ExamTooNear(exam=sitting.exam)


@dataclass(frozen=True)
class Step:
    """One step of rising load: saves a second that were asked for and that were answered, their p99, refusals and
    errors; how much of its core the busiest serving process used, and of the whole machine all that ran (permille);
    how long the smallest durable write took (p99), and connections to the database that were left."""

    rate: int
    answered: int
    save_p99_us: int
    refused: int
    errors: int
    process_permille: int
    machine_permille: int
    fsync_p99_us: int
    connections_left: int | None
    generator_late_us: int


@dataclass(frozen=True)
class Front:
    """What the deployment's own address answered to readers, where it has one beyond this machine; nothing was written
    there. `certificate_days` is None without TLS, `missing` names headers that a browser should have been given."""

    address: str
    reachable: bool
    ready: bool
    round_trip_p50_us: int
    clock_offset_us: int
    certificate_days: int | None
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """What a rehearsal counted and measured: what can be known without production."""

    candidates: int
    saves: int
    """Acknowledged."""
    broken: tuple[str, ...]
    """Promises that were broken: one sentence each, in English, for who reads logs."""
    wrongly_scored: int
    errors: int
    first_error: str
    refused: int
    """Answers 503, after which the candidate came again."""
    not_closed: int
    sign_in_p99_us: int
    start_p99_us: int
    save_p99_us: int
    hand_in_p99_us: int
    closing_us: int
    """From the bell until the last attempt was closed."""
    clock_offset_us: int
    fsync_p99_us: int
    connections_left: int | None
    """Of PostgreSQL, at the fullest moment; None on SQLite, which has none to run out of."""
    played: Mapping[str, int]
    """How many candidates lost the network, swapped machines, opened a second page, left it to the bell."""
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Figures(Measured):
    """What one drill found: what its rehearsal measured, and the deployment around it."""

    disk_free_mb: int
    needed: int
    """Saves a second that the configured exam can be expected to ask for."""
    front: Front | None
    changed: tuple[str, ...]
    """Tables of production whose rows were not the same afterwards."""


class Rule(StrEnum):
    """What a drill is judged by; the order is that of the report."""

    NOTHING_LOST = "nothing_lost"
    SCORED = "scored"
    CLOSED = "closed"
    ERRORS = "errors"
    SIGN_IN = "sign_in"
    START = "start"
    SAVE = "save"
    HAND_IN = "hand_in"
    CLOSING = "closing"
    CLOCK = "clock"
    FSYNC = "fsync"
    DISK = "disk"
    CONNECTIONS = "connections"
    CAPACITY = "capacity"
    FRONT = "front"
    PRODUCTION = "production"


# Beyond these a candidate would notice, or the next hour be in danger: what a day must keep to, not what it can reach.
SIGN_IN_US = 3_000_000
START_US = 2_000_000
SAVE_US = 1_000_000
HAND_IN_US = 3_000_000
CLOSING_US = 60_000_000
CLOCK_US = 2_000_000
FSYNC_US = 200_000
DISK_MB = 2_000
CONNECTIONS = 5
HEADROOM = 2
"""The service must bear so many times what the exam is expected to ask for."""
CERTIFICATE_DAYS = 7


@dataclass(frozen=True)
class Finding:
    """One rule: whether it is kept, what was found, and what it asks for (in the unit that its words name)."""

    rule: Rule
    kept: bool
    found: int
    limit: int


def judge(figures: Figures) -> list[Finding]:
    """Every rule that applies, in the order of the report. One that is not kept makes the whole a no-go."""

    def at_most(rule: Rule, found: int, limit: int) -> Finding:
        return Finding(rule, found <= limit, found, limit)

    findings = [
        at_most(Rule.NOTHING_LOST, len(figures.broken), 0),
        at_most(Rule.SCORED, figures.wrongly_scored, 0),
        at_most(Rule.CLOSED, figures.not_closed, 0),
        at_most(Rule.ERRORS, figures.errors, 0),
        at_most(Rule.SIGN_IN, figures.sign_in_p99_us, SIGN_IN_US),
        at_most(Rule.START, figures.start_p99_us, START_US),
        at_most(Rule.SAVE, figures.save_p99_us, SAVE_US),
        at_most(Rule.HAND_IN, figures.hand_in_p99_us, HAND_IN_US),
        at_most(Rule.CLOSING, figures.closing_us, CLOSING_US),
        at_most(Rule.CLOCK, _clock_offset(figures), CLOCK_US),
        at_most(Rule.FSYNC, figures.fsync_p99_us, FSYNC_US),
        Finding(Rule.DISK, figures.disk_free_mb >= DISK_MB, figures.disk_free_mb, DISK_MB),
    ]
    if figures.connections_left is not None:
        left = figures.connections_left
        findings.append(Finding(Rule.CONNECTIONS, left >= CONNECTIONS, left, CONNECTIONS))
    reached, wanted = capacity(figures.steps), figures.needed * HEADROOM
    findings.append(Finding(Rule.CAPACITY, reached >= wanted, reached, wanted))
    if figures.front is not None:
        findings.append(at_most(Rule.FRONT, _faults_of(figures.front), 0))
    findings.append(at_most(Rule.PRODUCTION, len(figures.changed), 0))
    return findings


def verdict(findings: Iterable[Finding]) -> DrillAction:
    """PASS where every rule is kept, else FAIL."""
    return DrillAction.PASS if all(finding.kept for finding in findings) else DrillAction.FAIL


def _clock_offset(figures: Figures) -> int:
    front = abs(figures.front.clock_offset_us) if figures.front and figures.front.reachable else 0
    return max(figures.clock_offset_us, front)


def _faults_of(front: Front) -> int:
    """How much is wrong with the front: not reachable, not ready, a certificate about to end, each missing header."""
    if not front.reachable:
        return 1
    ends = front.certificate_days is not None and front.certificate_days < CERTIFICATE_DAYS
    return (not front.ready) + ends + len(front.missing)


class Limit(StrEnum):
    """What gives out first as the load rises."""

    NOT_REACHED = "not_reached"
    GENERATOR = "generator"
    """The load itself: the service may bear more than this machine could ask for."""
    CONNECTIONS = "connections"
    PROCESS = "process"
    """The serving process has no more of its core: another instance helps."""
    MACHINE = "machine"
    """Every core is busy: another machine helps."""
    COMMITS = "commits"
    """The database's durable writes."""
    UNKNOWN = "unknown"


_BUSY = 900
_STRAINED_FSYNC_US = 50_000
_STRAINED_GENERATOR_US = 100_000
_BENT_US = 200_000
"""A save that waits longer than this waits for the service, not for its turn."""


def bears(step: Step) -> bool:
    """Whether the service bore this step: nothing refused, nothing wrong, no save kept waiting, and what was asked for
    was answered, but for a tenth that may still have been on its way."""
    answered = step.answered * 10 >= step.rate * 9
    return not step.refused and not step.errors and step.save_p99_us <= _BENT_US and answered


def capacity(steps: Sequence[Step]) -> int:
    """Saves a second of the highest step that was borne with all before it; 0 where the first was not."""
    reached = 0
    for step in steps:
        if not bears(step):
            break
        reached = step.rate
    return reached


def bend(steps: Sequence[Step]) -> Limit:
    """What gave out at the first step that was not borne."""
    bent = next((step for step in steps if not bears(step)), None)
    if bent is None:
        return Limit.NOT_REACHED
    signs = {
        Limit.CONNECTIONS: bent.connections_left is not None and bent.connections_left < CONNECTIONS,
        Limit.COMMITS: bent.fsync_p99_us >= _STRAINED_FSYNC_US,
        Limit.PROCESS: bent.process_permille >= _BUSY,
        Limit.MACHINE: bent.machine_permille >= _BUSY,
        Limit.GENERATOR: bent.generator_late_us >= _STRAINED_GENERATOR_US,
    }
    return next((limit for limit, seen in signs.items() if seen), Limit.UNKNOWN)
