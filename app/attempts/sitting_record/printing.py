"""考场记录表 gathered for the printer, A4, in Chinese."""

from collections.abc import Iterable
from datetime import datetime

from app.accounts.queries import persons_of
from app.attempts.misconduct.rules import CATEGORY_WORDS
from app.attempts.proctoring.rules import CAUSE_WORDS, TimeCause
from app.attempts.sitting_record import queries
from app.attempts.sitting_record.models import SittingRecord
from app.attempts.sitting_record.printed.papers import RecordPaper, print_paper
from app.attempts.sitting_record.schemas import RecordContent, RecordFacts, SeatMoment
from app.attempts.sitting_record.service import read_content
from app.attempts.switches.rules import SwitchKind
from app.attempts.technical_faults.rules import STATE_WORDS
from app.operation import Operation
from app.people.calendar import day_text, hours_text, local_date, moment_text
from app.people.queries import names_of
from app.shapes import LOCAL

_SWITCHED = {SwitchKind.RESERVE_FORMS: "启用备用卷", SwitchKind.ON_PAPER: "转为纸笔作答"}
_ABSENT = {
    "no_show": "未到",
    "too_late": "迟到",
    "no_document": "证件不符",
    "left": "已签到未作答",
    "other": "其他",
}
Row = tuple[str, tuple[str, ...]]


def print_sitting_record(op: Operation, row: SittingRecord) -> bytes:
    """A record or an addition that the caller may see, as PDF."""
    content, signatures = read_content(row), queries.signatures_of(op.db, row)
    accounts = {one.account_id for one in signatures}
    accounts |= set(content.facts.present_invigilators) if content.facts else set()
    persons = persons_of(op.db, accounts)
    found = names_of(op.db, set(persons.values()))
    names = {account: found[person] for account, person in persons.items()}
    rows = _facts(content.facts, names) if content.facts else (_row("补充内容", [content.words]),)
    paper = RecordPaper(
        authority=op.settings.authority,
        title="考场记录表" if content.facts else "考场记录表补充记录",
        exam=content.exam_name,
        reference=f"{content.room_name}　第 {content.number} 号",
        rows=(*_head(content), *rows),
        signatures=tuple(f"{names[one.account_id]}（{moment_text(one.at)} 以本人账号签字）" for one in signatures),
        content_hash=row.content_hash,
    )
    return print_paper(paper)


def _head(content: RecordContent) -> tuple[Row, ...]:
    head = _row(
        "考试时间", [f"{day_text(local_date(content.starts_at))} {hours_text(content.starts_at, content.ends_at)}"]
    )
    if content.previous_hash:
        return head, _row("所补充的记录", [f"校验值 {content.previous_hash}"])
    return (head,)


def _facts(facts: RecordFacts, names: dict[int, str]) -> tuple[Row, ...]:
    said = f"开启 {_clock(facts.opened_at)}，宣布开考 {_clock(facts.started_at)}，关闭 {_clock(facts.closed_at)}"
    counted = (
        f"应到 {facts.expected} 人，到考 {facts.present} 人，缺考 {len(facts.absent)} 人，迟到 {len(facts.late)} 人"
    )
    taken = f"自行交卷 {facts.handed_in} 人，到时收卷 {facts.collected} 人，终止 {len(facts.ended)} 人"
    last = f"最后交卷 {_clock(facts.last_hand_in)}；答题卡 {facts.sheets} 份，草稿纸 {facts.slips} 张"
    return (
        _row("到场监考员", ["、".join(names[account] for account in facts.present_invigilators)]),
        _row("考场流程", [said]),
        _row("人数", [counted, taken, *([f"纸笔作答 {facts.on_paper} 人待录入"] if facts.on_paper else [])]),
        _row("收卷清点", [last, *([facts.note] if facts.note else [])]),
        _row("缺考", (f"{_seat(one.seat)} {one.ticket_number} {_ABSENT[one.cause]}" for one in facts.absent)),
        _row("迟到", _moments(facts.late)),
        _row("终止答卷", _moments(facts.ended)),
        _row(
            "补时",
            (
                f"{_seat(one.seat)} {one.ticket_number} {one.seconds // 60} 分钟（{CAUSE_WORDS[one.cause][0]}）"
                for one in facts.granted
            ),
        ),
        _row(
            "暂停",
            (
                f"{one.ticket_number or '全考场'} {_clock(one.began_at)}–{_clock(one.ended_at)}"
                f"（{CAUSE_WORDS[one.cause][0]}）"
                for one in facts.paused
            ),
        ),
        _row("备用卷、纸笔", (f"{_clock(one.at)} {_SWITCHED[one.kind]}" for one in facts.switched)),
        _row("换机", (f"{_seat(one.seat)} {one.ticket_number} {one.count} 次" for one in facts.swapped)),
        _row(
            "违纪记录",
            (
                f"第 {one.case_id} 号 {_seat(one.seat)} {CATEGORY_WORDS[one.category][0]}"
                f"{'，当场终止' if one.ended else ''}"
                for one in facts.misconduct
            ),
        ),
        _row(
            "技术故障",
            (
                f"{_seat(one.seat)} {one.ticket_number} {CAUSE_WORDS[TimeCause(one.cause)][0]}"
                f"（{STATE_WORDS[one.state][0]}）"
                for one in facts.faults
            ),
        ),
        _row("公告", (f"{_clock(one.at)} {one.words}" for one in facts.announcements)),
        _row("考场异常", (f"{_clock(one.at)} {one.words}" for one in facts.incidents)),
    )


def _row(term: str, said: Iterable[str]) -> Row:
    return term, tuple(said) or ("无",)


def _moments(lines: Iterable[SeatMoment]) -> Iterable[str]:
    return (f"{_seat(one.seat)} {one.ticket_number} {_clock(one.at)}" for one in lines)


def _seat(seat: int | None) -> str:
    return f"{seat} 座" if seat is not None else "远程"


def _clock(at: datetime | None) -> str:
    return at.astimezone(LOCAL).strftime("%H:%M") if at else "未登记"
