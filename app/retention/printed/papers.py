"""销毁清单, 销毁记录 as PDF, A4."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from app.operation import Operation
from app.people.calendar import moment_text
from app.retention.models import DestructionEntry
from app.retention.rules import Fate, ListState
from app.retention.rules.words import SUBJECT_WORDS
from app.retention.schemas import ListShown
from app.web.faces import Download
from question_bank.print.typesetting import typeset

_HERE = Path(__file__).parent
_STATES = {
    ListState.DRAWN_UP: "待第一次批准",
    ListState.APPROVED_ONCE: "待第二次批准",
    ListState.APPROVED: "已批准，正在执行",
    ListState.CARRIED_OUT: "已销毁",
    ListState.DECLINED: "未予批准，未销毁",
}
_FATES = {
    Fate.LISTED: "待销毁",
    Fate.DESTROYED: "已销毁",
    Fate.HELD: "留存（有未办结事项）",
    Fate.CHANGED: "留存（与清单不符）",
}


def print_list(op: Operation, shown: ListShown, entries: Iterable[DestructionEntry]) -> Download:
    """The list; once it is carried out, the record of the destruction."""
    ended = shown.state is ListState.CARRIED_OUT
    facts = [
        ("记录类别", f"{shown.zh}（{shown.what_zh}）"),
        ("保存期限", f"{shown.days} 天（保存期限第 {shown.terms_number} 版），计至 {moment_text(shown.counted_until)}"),
        ("清单内容", f"{shown.subjects} 项，{shown.rows} 条记录"),
        ("清单校验值", shown.list_hash),
        ("办理状态", _STATES[shown.state]),
        ("拟　　定", _signed(shown.drawn_up_by, shown.drawn_up_at)),
        ("第一次批准", _signed(shown.approved_by, shown.approved_at)),
        ("第二次批准", _signed(shown.approved_again_by, shown.approved_again_at)),
        ("销毁完成", moment_text(shown.finished_at) if shown.finished_at else "—"),
    ]
    data = {
        "title": "销毁记录" if ended else "销毁清单",
        "authority": op.settings.authority,
        "number": str(shown.id),
        "facts": facts,
        "sums": [(_FATES[one.fate], str(one.subjects), str(one.rows)) for one in shown.fates],
        "entries": [(_subject(one), str(one.rows), one.digest, _FATES[one.fate]) for one in entries],
    }
    content = typeset("list.typ", data, folder=_HERE)
    return Download(f"destruction-{shown.id}.pdf", content, "application/pdf")


def _subject(entry: DestructionEntry) -> str:
    return f"{SUBJECT_WORDS[entry.holding][0]} {entry.subject_id}"


def _signed(name: str, at: datetime | None) -> str:
    return f"{name}　{moment_text(at)}" if at else "—"
