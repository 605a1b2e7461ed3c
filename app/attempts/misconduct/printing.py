"""违纪违规情况记录, 告知书 and 处理决定书: gathered for the printer, A4."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from app.attempts.misconduct.models import MisconductCase
from app.attempts.misconduct.printed.papers import Letter, Record, print_letter, print_record
from app.attempts.misconduct.rules import CATEGORY_WORDS, RULING_WORDS, Ruling
from app.attempts.misconduct.service import facts_of, reason_of
from app.attempts.misconduct.views import cited_in, decision_of, show
from app.attempts.signals.rules import KIND_WORDS
from app.attempts.signals.schemas import SignalShown
from app.errors import NotFound
from app.exams.queries.seats import Seat, find_seat
from app.operation import Operation
from app.people.calendar import day_text, local_date, moment_text
from app.people.queries import person_by_id, unit_by_id

_INSTANT = timedelta(microseconds=1)


class Paper(StrEnum):
    """What may be printed of a case."""

    RECORD = "record"
    NOTICE = "notice"
    DECISION = "decision"

    @classmethod
    def of(cls, word: str, *, own: bool = False) -> Self:
        """The paper of that name; the person themselves has notice and decision. Raises NotFound."""
        if word not in set(cls) or (own and word == cls.RECORD):
            raise NotFound
        return cls(word)


def print_paper(op: Operation, case: MisconductCase, paper: Paper) -> bytes:
    """One paper of a case that the caller may see, as PDF. Raises NotFound where it has not been given yet."""
    seat = find_seat(op.db, case.registration_id)
    make = {Paper.RECORD: _record, Paper.NOTICE: _notice, Paper.DECISION: _decision}[paper]
    return make(op, case, seat)


def _record(op: Operation, case: MisconductCase, seat: Seat) -> bytes:
    shown = show(op, case)
    person = person_by_id(op.db, seat.person_id)
    confirmed = [f"{one.name}（{moment_text(one.at)} 以本人账号确认）" for one in shown.witnesses]
    return print_record(
        Record(
            authority=op.settings.authority,
            exam=seat.exam_name,
            number=str(case.id),
            facts=(
                ("姓　　名", person.name),
                ("准考证号", seat.ticket_number or "—"),
                ("身份证号", person.id_number_masked),
                ("单　　位", shown.unit_name),
                ("考场座位", f"{shown.case.room_name}　{case.seat or '—'} 号"),
                ("发生时间", moment_text(case.happened_at)),
            ),
            category=CATEGORY_WORDS[case.category][0],
            account=shown.facts,
            evidence="\n".join([*filter(None, [shown.evidence]), *map(_cited, shown.cited)]),
            ended=case.ended,
            reporter=f"{shown.reporter}（{moment_text(case.reported_at)} 记录）",
            candidate=f"{moment_text(case.signed_at)} 以本人账号签字" if case.signed_at else "",
            witnesses=tuple(confirmed),
        )
    )


def _notice(op: Operation, case: MisconductCase, seat: Seat) -> bytes:
    if case.notified_at is None or case.statement_due_at is None:
        raise NotFound
    facts, evidence, _ = facts_of(op, case)
    cited = cited_in(op, case, person_id=seat.person_id)
    last_day = local_date(case.statement_due_at - _INSTANT)
    body = [
        f"{_about(seat)}期间，于{moment_text(case.happened_at)}被记录有下列情况：{CATEGORY_WORDS[case.category][0]}。",
        f"事实：{facts}",
        *([f"证据：{evidence}"] if evidence else []),
        *([f"引用的过程记录：{'；'.join(map(_cited, cited))}。"] if cited else []),
        "以上情况可能导致本次考试成绩无效，情节严重的可能同时禁考。处理决定作出之前，成绩暂缓公布。",
        f"你有权陈述申辩，请在{day_text(last_day)}以前登录系统提交，或以书面形式送交我部；逾期未提交的，视为放弃。",
    ]
    return _letter(op, case, seat, ("考试违纪处理告知书", case.notice_number, case.notified_at), body)


def _cited(one: SignalShown) -> str:
    lasted = f"，共 {one.seconds} 秒" if one.seconds else ""
    return f"{KIND_WORDS[one.kind]} {one.count} 次{'以上' if one.more else ''}{lasted}（{moment_text(one.first_at)}起）"


def _decision(op: Operation, case: MisconductCase, seat: Seat) -> bytes:
    decided = decision_of(op, case)
    if decided is None or decided.decided_at is None:
        raise NotFound
    heard = (
        "你的陈述申辩已经考虑。" if case.stated_at else "" if case.notified_at is None else "你在期限内没有陈述申辩。"
    )
    bar = f"自决定之日起至{day_text(decided.bar_until)}，不得报名参加考试。" if decided.bar_until else ""
    count = "" if decided.ruling is not Ruling.COUNTS else "成绩按评分结果处理。"
    body = [
        f"关于{_about(seat)}期间的{CATEGORY_WORDS[case.category][0]}一事，经审查：{reason_of(op, case, decided)}",
        *([heard] if heard else []),
        f"决定：{RULING_WORDS[decided.ruling][0]}。{bar}{count}",
    ]
    return _letter(op, case, seat, ("考试违纪处理决定书", decided.document_number, decided.decided_at), body)


def _letter(op: Operation, case: MisconductCase, seat: Seat, head: tuple[str, str, datetime], body: list[str]) -> bytes:
    title, number, at = head
    person = person_by_id(op.db, seat.person_id)
    unit = unit_by_id(op.db, person.unit_id).name
    return print_letter(
        Letter(
            authority=op.settings.authority,
            title=title,
            number=number,
            addressee=f"{person.name}（{unit}）",
            body=tuple(body),
            on=day_text(local_date(at)),
            reference=f"考场情况记录第 {case.id} 号",
        )
    )


def _about(seat: Seat) -> str:
    return f"你参加{seat.exam_name}（准考证号 {seat.ticket_number or '—'}）"
