"""演练报告 as PDF, A4."""

from datetime import datetime
from pathlib import Path
from typing import Any

from app.drill.schemas import DrillShown, ReportShown
from app.errors import NotFound
from app.operation import Operation
from app.people.calendar import moment_text
from app.web.faces import Download
from question_bank.print.typesetting import typeset

_HERE = Path(__file__).parent


def print_report(op: Operation, drill: DrillShown) -> Download:
    """The report of a drill that came to its end. Raises NotFound for any other."""
    if drill.report is None or drill.ended_at is None:
        raise NotFound
    content = typeset("report.typ", _told(op, drill, drill.report, drill.ended_at), folder=_HERE)
    return Download(f"drill-{drill.id}.pdf", content, "application/pdf")


def _told(op: Operation, drill: DrillShown, report: ReportShown, ended_at: datetime) -> dict[str, Any]:
    alike = [table for table in report.tables if table.same]
    return {
        "authority": op.settings.authority,
        "exam": drill.exam_name,
        "number": str(drill.id),
        "verdict": drill.zh,
        "go": drill.state == "go",
        "facts": [
            ("演练时间", f"{moment_text(drill.asked_at)} 至 {moment_text(ended_at)}"),
            ("模拟考生", f"{drill.candidates} 人，从开考到结束 {drill.minutes} 分钟"),
            ("发 起 人", drill.asked_by or "命令行"),
            ("确认的保存", f"{report.saves} 次，请稍后再试（503）{report.refused} 次"),
            ("演练过的情形", _scenes(report)),
            ("承受的速率", f"每秒 {report.capacity} 次保存（本场考试预计每秒 {report.needed} 次）；{report.bend_zh}"),
        ],
        "findings": [(one.zh, one.found, one.limit, one.kept) for one in report.findings],
        "steps": [
            (str(step.rate), str(step.answered), step.save_p99, f"{step.process_percent}%", f"{step.machine_percent}%")
            for step in report.steps
        ],
        "alike": len(alike),
        "changed": [table.name for table in report.tables if not table.same],
        "tables": [(table.name, str(table.rows), table.before) for table in alike],
        "living": "、".join(f"{one.name}（{one.zh}）" for one in report.living),
    }


def _scenes(report: ReportShown) -> str:
    scenes = (
        ("断网后补存", report.away),
        ("换机", report.swapped),
        ("同机开第二页", report.second_page),
        ("到时收卷", report.left_to_bell),
    )
    return "，".join(f"{word} {count} 人" for word, count in scenes)
