"""The demo county's year: a first exam taken through to 444 certificates, a second one under way, others ahead.

Made by calling the services only, under a clock that moves forward from fourteen months ago to now.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.audit.actions import AuditAction
from app.audit.record import record
from app.audit.sealing import anchor_now
from app.clearance.rules import Office
from app.clearance.service.checks import sweep_statements
from app.clock import ManualClock
from app.demo import ahead, clearing, mending, registering, retaining, settling, sitting, stocking
from app.demo.registering import Planned
from app.demo.stage import DEMO, Player, Stage, local
from app.demo.voices import answer, decide, object_to
from app.exams.service.rooms import RoomPlan
from app.grading.similarity import service as similarity
from app.operation import House, acting_as
from app.security.permissions import Role
from question_bank.items import Level

SEED = 20_221_231
DAYS_BEFORE = 440
"""How long ago the story begins: the certificates of its first exam are a year old by now, and still valid."""
_HALLS = [
    *(RoomPlan(f"第{n}考场（县委党校{n}号教室）", 100) for n in "一二三四"),
    RoomPlan("第五考场（县委党校礼堂）", 100),
    RoomPlan("远程考场", 100, remote=True),
]


_MOST_FAILING = 28
"""Right responses of those who fail, at most: 30 pass, and one more is given to whoever missed the faulty item."""


@dataclass(frozen=True)
class Cast:
    """How many of the county's 509 workers register for its first exam, stay away, and fail; of those who pass two are
    not certified, one refused by the panel and one after an objection. At least 62 pass."""

    registered: int
    absent: int
    failed: int

    @property
    def certificates(self) -> int:
        """Certificates that the first exam leads to."""
        return self.registered - self.absent - self.failed - 2


COUNTY = Cast(registered=470, absent=8, failed=16)
"""444 certificates: what the county reports."""


def load(house: House, clock: ManualClock, *, now: datetime, told: Callable[[str], None], cast: Cast = COUNTY) -> Stage:
    """Play the whole story on an empty, prepared database; `clock` ends at `now`."""
    clock.set(local((now - timedelta(days=DAYS_BEFORE)).date(), 9))
    stage = Stage(house, clock, random.Random(SEED), told)  # noqa: S311 - the same county on every machine
    settling.settle(stage)
    stock = stocking.stock(stage)
    fifty = stocking.agree_blueprint(
        stage, stock.bank_id, stocking.blueprint("初级认证标准卷（50题）", Level.PRIMARY, stocking.FIFTY)
    )
    first = _first_exam(stage, fifty, cast)
    ahead.go_on(stage, stock=stock, blueprint_id=fifty, first=first, now=now)
    stage.wait_until(now)
    retaining.list_signals(stage)
    with acting_as(house, DEMO) as op:
        record(op, AuditAction.DEMO_LOAD, subject=("demo", SEED), after={"certificates": cast.certificates})
    anchor_now(house)
    return stage


def _first_exam(stage: Stage, blueprint_id: int, cast: Cast) -> Planned:
    """The year's exam: 470 registered, 462 came, 446 passed, 444 were certified."""
    stage.told("首次考试：报名与封卷")
    stage.workday(1, hour=10)
    today = stage.today()
    planned = registering.plan(
        stage,
        name=f"{today.year}年度初级党务工作者认证考试",
        blueprint_id=blueprint_id,
        opens_at=local(today + timedelta(days=1), 9),
        closes_at=local(today + timedelta(days=10), 18),
        starts_at=local(today + timedelta(days=16), 9),
        window=timedelta(minutes=120),
        rooms=_HALLS,
    )
    stage.wait_until(stage.clock.now() + timedelta(hours=5))
    registering.publish(stage, planned)
    stage.wait_until(planned.opens_at + timedelta(hours=1))
    registering.staff_rooms(stage, planned)
    entrants = stage.workers[: cast.registered]
    registering.register(stage, planned, entrants)
    stage.wait_until(planned.closes_at + timedelta(hours=16))
    registering.confirm_all(stage, planned)
    stage.workday(1, hour=10)
    registering.seal_exam(stage, planned)
    stage.told("首次考试：作答与评分")
    rights = _rights(stage, entrants, cast)
    sitting.hold_sitting(stage, planned, rights)
    stage.workday(1, hour=9)
    with stage.by(Role.EXAM_OFFICER) as op:
        similarity.ask(op, exam_id=planned.exam_id)
    clearing.release_results(stage, planned)
    stage.told("首次考试：试题更正与成绩复核")
    stage.wait_until(stage.clock.now() + timedelta(hours=4))
    mending.neutralise(stage, planned)
    mending.recheck(stage, planned)
    stage.told("首次考试：审查、公示与发证")
    _clear_first(stage, planned, cast)
    return planned


def _rights(stage: Stage, entrants: list[Player], cast: Cast) -> dict[int, int]:
    """How many of 50 items each entrant gets right: 30 pass. Some fail, the first by as little as the one item allows
    that is neutralised afterwards (`mending`) and lifts nobody over the cut; some stay away."""
    shuffled = stage.draw.sample(entrants, len(entrants))
    rights = {}
    for n, player in enumerate(shuffled[: len(shuffled) - cast.absent]):
        if n < cast.failed:
            rights[player.person_id] = stage.draw.randint(17, _MOST_FAILING) if n else _MOST_FAILING
        else:
            rights[player.person_id] = min(50, max(30, round(stage.draw.gauss(40, 4.5))))
    return rights


def _clear_first(stage: Stage, planned: Planned, cast: Cast) -> None:
    """Two adverse outcomes, both answered: one is withdrawn, one stands. One objection is upheld, one dismissed."""
    ids = [case.id for case in clearing.cases_of(stage, planned)]
    convinced, refused, objected, cleared = (ids[len(ids) * tenth // 10] for tenth in (1, 4, 2, 7))
    stage.workday(1)
    clearing.clear(stage, ids, adverse={Office.DISCIPLINE: [convinced], Office.PUBLIC_SECURITY: [refused]})
    stage.workday(2, hour=15)
    answer(stage, convinced, Office.DISCIPLINE, "处分决定已于去年经复查撤销，附复查决定文号。")
    answer(stage, refused, Office.PUBLIC_SECURITY, "确有此事，已接受处罚并作检讨，请组织考虑。")
    stage.workday(1)
    clearing.opine(stage, [convinced], Office.DISCIPLINE)
    clearing.opine(stage, [refused], Office.PUBLIC_SECURITY, adverse=[refused])
    stage.workday(1)
    clearing.sign(stage, [convinced], Office.DISCIPLINE)
    clearing.sign(stage, [refused], Office.PUBLIC_SECURITY)
    stage.workday(1)
    clearing.review(stage, [case_id for case_id in ids if case_id != refused])
    clearing.review(stage, [refused], approve=False, members=(1, 2))
    stage.workday(1)
    notice_id = clearing.show_publicly(stage, planned, f"示组公〔{stage.today().year}〕7号")
    stage.workday(2, hour=11)
    object_to(stage, notice_id, objected, "该同志公示期间已调离党务工作岗位，请核实。", "干部群众来信")
    object_to(stage, notice_id, cleared, "对其参加考试的情况有疑问。", "匿名来电")
    clearing.wait_for_notice(stage, notice_id)
    decide(stage, objected, uphold=True, reason="经核实情况属实，退回重新审查")
    decide(stage, cleared, uphold=False, reason="经核对考场记录，未发现问题")
    issued = clearing.issue(stage, planned, f"示组发〔{stage.today().year}〕12号")
    if issued != cast.certificates:
        raise RuntimeError(f"{issued} certificates instead of {cast.certificates}")
    _refuse_again(stage, objected)


def _refuse_again(stage: Stage, case_id: int) -> None:
    """The case that an objection sent back: adverse, not answered in time, adverse again, refused by the panel."""
    for _round in (1, 2):
        clearing.opine(stage, [case_id], Office.DISCIPLINE, adverse=[case_id])
        clearing.opine(stage, [case_id], Office.PUBLIC_SECURITY)
        stage.workday(1)
        for office in Office:
            clearing.sign(stage, [case_id], office)
        stage.workday(14)
        sweep_statements(stage.house)
    clearing.review(stage, [case_id], approve=False)
