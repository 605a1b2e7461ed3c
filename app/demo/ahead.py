"""The last weeks before today: a second primary exam under clearance, an intermediate one sealed for today, others in
preparation, so that every desk has something true waiting on it."""

from datetime import date, datetime, timedelta

from app.accounts.service import propose_reset
from app.certificates.queries import certificates_of_cases
from app.certificates.rules import CertificateAction
from app.certificates.service.acts import propose_act
from app.clearance.queries import cases_of_exam
from app.clearance.rules import Office
from app.demo import clearing, entering, hearing, keying, missing, readying, registering, sitting, stocking
from app.demo.registering import Planned
from app.demo.sitting import Turn
from app.demo.stage import Player, Stage, local
from app.demo.voices import object_to
from app.exams.registering.rules import RegistrationWay
from app.exams.service import create_blueprint, submit_blueprint
from app.exams.service.rooms import RoomPlan
from app.security.permissions import Role
from question_bank.items import ItemType, Level

_MIXED = {
    ItemType.SINGLE_CHOICE: (9, 6, 6, 3, 1),
    ItemType.MULTIPLE_CHOICE: (4, 2, 3, 1, 0),
    ItemType.TRUE_FALSE: (3, 0, 1, 1, 0),
    ItemType.FILL_BLANK: (1, 1, 0, 0, 0),
    ItemType.NUMERIC: (2, 0, 2, 1, 0),
    ItemType.ORDERING: (1, 0, 1, 0, 0),
    ItemType.MATCHING: (0, 1, 0, 0, 0),
}
"""50 items of seven types, 100 points."""
_SECOND_ENTRANTS = 65
_INTERMEDIATE_ENTRANTS = 60
_STARTS_IN = timedelta(minutes=20)
_TURNS = (Turn(37, missing.lose_line), Turn(38, hearing.catch), Turn(65, keying.lose_power))
"""What happens in the second exam: a line that fails and a breach before anybody has handed in, a failure of power when
half have."""
_HEARING = ((13, 9, hearing.tell), (13, 15, hearing.answer), (12, 9, hearing.propose), (12, 15, hearing.settle))
"""Working days back, hour, and what is done about the breach then; all of it before the results are released."""


class _Weeks:
    """The working days before today: `go(3, 10)` is ten o'clock of the third one back."""

    def __init__(self, stage: Stage, now: datetime) -> None:
        self._stage = stage
        calendar, day = stage.calendar(), (now + timedelta(hours=8)).date()
        self._days: list[date] = [day]
        while len(self._days) <= 60:
            day -= timedelta(days=1)
            if calendar.is_workday(day):
                self._days.append(day)

    def at(self, back: int, hour: int, minute: int = 0) -> datetime:
        """That local time of the `back`-th working day before today (0: today)."""
        return local(self._days[back], hour, minute)

    def go(self, back: int, hour: int, minute: int = 0) -> None:
        """Let time pass until then."""
        self._stage.wait_until(self.at(back, hour, minute))


def go_on(stage: Stage, *, stock: stocking.Stock, blueprint_id: int, first: Planned, now: datetime) -> None:
    """Everything since the first exam, in the order in which it happened."""
    weeks, bank_id = _Weeks(stage, now), stock.bank_id
    with stage.house.database.transaction(reading=True) as db:
        cases = cases_of_exam(db, first.exam_id)
        held = certificates_of_cases(db, [case.id for case in cases])
        holders = {case.person_id for case in cases if case.id in held}
        certificate_id = held[cases[5].id].id
    without = [worker for worker in stage.workers if worker.person_id not in holders][:_SECOND_ENTRANTS]
    certified = [worker for worker in stage.workers if worker.person_id in holders]
    stage.told("今年的第二批考试与中级考试：报名")
    second = _plan_second(stage, weeks, blueprint_id, without)
    stocking.offer_practice(stage, stock.practice_bank_id)
    third = _plan_intermediate(stage, weeks, bank_id, certified[:_INTERMEDIATE_ENTRANTS], now=now)
    stage.told("今年的第二批考试：作答、审查与公示")
    _hold_second(stage, weeks, second, without)
    _clear_second(stage, weeks, second)
    stage.told("待办事项与今日的考试")
    weeks.go(1, 15)
    registering.seal_exam(stage, third)
    readying.make_ready(stage, third)
    stocking.leave_unfinished(stage, bank_id)
    _make_up(stage, weeks, blueprint_id, second, now=now)
    _prepare_next(stage, weeks, bank_id, blueprint_id, entrants=without[:14], themselves=without[14:22], now=now)
    entering.settle_policies(stage)
    entering.count_training(stage, without[:30])
    lost = stage.player(Role.PROCTOR, 3)
    with stage.by(Role.SECURITY_ADMINISTRATOR, 1) as op:
        propose_reset(op, account_id=lost.account_id)
    with stage.by(Role.CERTIFICATE_OFFICER) as op:
        reason = "该同志因长期病休暂离岗位，拟暂停证书"
        propose_act(op, certificate_id=certificate_id, action=CertificateAction.SUSPEND, reason=reason)


def _plan_second(stage: Stage, weeks: _Weeks, blueprint_id: int, entrants: list[Player]) -> Planned:
    weeks.go(41, 9)
    planned = registering.plan(
        stage,
        name=f"{stage.today().year}年初级党务工作者认证考试（第二批）",
        blueprint_id=blueprint_id,
        opens_at=weeks.at(39, 9),
        closes_at=weeks.at(25, 18),
        starts_at=weeks.at(14, 9),
        window=timedelta(minutes=120),
        rooms=[RoomPlan("第一考场（县委党校一号教室）", 60), RoomPlan("远程考场", 40, remote=True)],
    )
    entering.allow_make_ups(stage)
    weeks.go(40, 9)
    registering.publish(stage, planned)
    registering.staff_rooms(stage, planned)
    weeks.go(39, 10)
    registering.register(stage, planned, entrants)
    return planned


def _plan_intermediate(stage: Stage, weeks: _Weeks, bank_id: int, entrants: list[Player], *, now: datetime) -> Planned:
    """Its sitting begins today, soon after the service has started, and may be entered for an hour and a half."""
    weeks.go(38, 9)
    wanted = stocking.blueprint("中级认证标准卷（50题）", Level.INTERMEDIATE, _MIXED)
    blueprint_id = stocking.agree_blueprint(stage, bank_id, wanted)
    begins = now + _STARTS_IN
    begins -= timedelta(minutes=begins.minute % 5, seconds=begins.second, microseconds=begins.microsecond)
    planned = registering.plan(
        stage,
        name=f"{stage.today().year}年度中级党务工作者认证考试",
        blueprint_id=blueprint_id,
        opens_at=weeks.at(35, 9),
        closes_at=weeks.at(24, 18),
        starts_at=begins,
        window=timedelta(hours=4),
        rooms=[RoomPlan("第一考场（县委党校一号教室）", 40), RoomPlan("远程考场", 60, remote=True)],
        late_entry_minutes=90,
        reserve_set=True,
    )
    weeks.go(36, 9)
    registering.publish(stage, planned)
    registering.staff_rooms(stage, planned)
    weeks.go(35, 10)
    registering.register(stage, planned, entrants)
    weeks.go(23, 9)
    registering.confirm_all(stage, planned)
    return planned


def _hold_second(stage: Stage, weeks: _Weeks, planned: Planned, entrants: list[Player]) -> None:
    weeks.go(22, 9)
    registering.confirm_all(stage, planned)
    weeks.go(16, 9)
    registering.seal_exam(stage, planned)
    shuffled = stage.draw.sample(entrants, len(entrants))
    rights = {p.person_id: stage.draw.randint(18, 29) if n < 8 else 34 + n % 13 for n, p in enumerate(shuffled[:-5])}
    written = sitting.hold_sitting(stage, planned, rights, turns=_TURNS)
    weeks.go(14, 15)
    missing.recognise_fault(stage)
    keying.key_sheets(stage, planned, written)
    missing.excuse(stage, planned)
    for back, hour, act in _HEARING:
        weeks.go(back, hour)
        act(stage)
    weeks.go(11, 10)
    clearing.release_results(stage, planned)


def _clear_second(stage: Stage, weeks: _Weeks, planned: Planned) -> None:
    """Cases in every state: certified next, on a notice, before the panel, to be signed, to be answered, untouched."""
    ids = [case.id for case in clearing.cases_of(stage, planned)]
    ready, shown, decided, voting, opined = ids[:10], ids[10:22], ids[22:27], ids[27:33], ids[33:39]
    answering = ids[39]
    weeks.go(9, 9)
    clearing.clear(stage, ready)
    weeks.go(7, 9)
    clearing.review(stage, ready)
    year = stage.today().year
    clearing.show_publicly(stage, planned, f"示组公〔{year}〕15号")
    weeks.go(6, 9)
    clearing.clear(stage, shown)
    weeks.go(4, 9)
    clearing.review(stage, shown, members=(1, 2))
    weeks.go(4, 14)
    clearing.clear(stage, decided)
    weeks.go(3, 10)
    notice_id = clearing.show_publicly(stage, planned, f"示组公〔{year}〕16号")
    clearing.opine(stage, [*voting, answering], Office.DISCIPLINE, adverse=[answering])
    clearing.opine(stage, voting, Office.PUBLIC_SECURITY)
    weeks.go(2, 9)
    for office in Office:
        clearing.sign(stage, [*voting, answering], office)
    object_to(stage, notice_id, shown[3], "对其任职年限有疑问，请组织核实。", "干部群众来信")
    weeks.go(2, 14)
    clearing.review(stage, decided, members=(0, 2))
    weeks.go(1, 9)
    clearing.review(stage, voting[:3], members=(0,))
    for office in Office:
        clearing.opine(stage, opined, office)


def _make_up(stage: Stage, weeks: _Weeks, blueprint_id: int, missed: Planned, *, now: datetime) -> None:
    """A make-up for the second exam: who failed, was ill, or lost the attempt is entered and waits to be confirmed."""
    starts_at = local((now + timedelta(days=21)).date(), 9)
    weeks.go(1, 16)
    planned = registering.plan(
        stage,
        name=f"{starts_at.year}年初级党务工作者认证补考",
        blueprint_id=blueprint_id,
        opens_at=weeks.at(1, 17),
        closes_at=now + timedelta(days=12),
        starts_at=starts_at,
        window=timedelta(minutes=120),
        rooms=[RoomPlan("第一考场（县委党校一号教室）", 60)],
        makes_up_for=missed.exam_id,
    )
    registering.publish(stage, planned)
    weeks.go(1, 17)
    entering.enter_entitled(stage, planned)


def _prepare_next(
    stage: Stage,
    weeks: _Weeks,
    bank_id: int,
    blueprint_id: int,
    *,
    entrants: list[Player],
    themselves: list[Player],
    now: datetime,
) -> None:
    """One exam open for registration, a few entered by their units and a few by themselves; one that waits to be
    published; a blueprint to approve."""
    year = (now + timedelta(days=60)).year
    weeks.go(1, 17)
    planned = registering.plan(
        stage,
        name=f"{year}年第一次初级党务工作者认证考试",
        blueprint_id=blueprint_id,
        opens_at=weeks.at(1, 18),
        closes_at=now + timedelta(days=20),
        starts_at=local((now + timedelta(days=34)).date(), 9),
        window=timedelta(minutes=120),
        rooms=[RoomPlan("第一考场（县委党校一号教室）", 60), RoomPlan("远程考场", 60, remote=True)],
        way=RegistrationWay.BOTH,
    )
    registering.plan(
        stage,
        name=f"{year}年第二次初级党务工作者认证考试",
        blueprint_id=blueprint_id,
        opens_at=now + timedelta(days=60),
        closes_at=now + timedelta(days=80),
        starts_at=local((now + timedelta(days=95)).date(), 9),
        window=timedelta(minutes=120),
        rooms=[RoomPlan("第一考场（县委党校一号教室）", 60)],
    )
    registering.publish(stage, planned)
    weeks.go(1, 18, 30)
    registering.register(stage, planned, entrants)
    entering.enter_themselves(stage, planned, themselves)
    longer = stocking.blueprint(
        "初级认证加长卷（54题）", Level.PRIMARY, {**stocking.FIFTY, ItemType.TRUE_FALSE: (10, 5, 3, 2, 0)}
    )
    with stage.by(Role.EXAM_OFFICER) as op:
        row = create_blueprint(op, bank_id=bank_id, blueprint=longer)
        submit_blueprint(op, blueprint_id=row.id)
