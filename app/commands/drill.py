"""`chizheng drill`: rehearse an exam on this deployment and say whether it may begin.

Exit codes: 0 go, 1 no-go, 2 it could not be held.
"""

import threading
from typing import Annotated

import typer

from app.commands.house import opened
from app.drill import queries
from app.drill.rules import MOST_CANDIDATES, MOST_MINUTES, DrillState
from app.drill.schemas import DrillShown
from app.drill.service import JOB, ask, cancel, make_handler, reporting
from app.jobs.worker import Worker
from app.operation import House, acting_as
from app.security.actor import service

_NO_GO, _NOT_HELD = 1, 2
_LOOK_SECONDS = 1.0
_NAME = "drill"


def drill(
    exam_id: Annotated[int, typer.Argument(help="考试编号 / number of the exam")],
    candidates: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST_CANDIDATES,
            help="模拟考生人数，缺省为已确认的考生数 / how many; as confirmed where left out",
        ),
    ] = None,
    minutes: Annotated[
        int, typer.Option(min=1, max=MOST_MINUTES, help="从开考到结束的分钟数 / minutes from start to bell")
    ] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 给出报告 / the report as JSON")] = False,
) -> None:
    """用模拟考生演练一场考试：0 可以开考，1 不可开考，2 未能演练 / rehearse an exam: 0 go, 1 no-go, 2 not held."""
    with opened() as house:
        shown = _hold(house, exam_id, candidates, minutes, quiet=as_json)
    if as_json:
        print(shown.model_dump_json(indent=2))
    else:
        _tell(shown)
    code = {DrillState.GO: 0, DrillState.NO_GO: _NO_GO}.get(shown.state, _NOT_HELD)
    if code:
        raise typer.Exit(code)


def _hold(house: House, exam_id: int, candidates: int | None, minutes: int, *, quiet: bool) -> DrillShown:
    """Ask for the drill, hold it here unless a worker was quicker, and wait for its end."""
    with acting_as(house, _NAME) as op:
        drill_id = ask(op, exam_id=exam_id, candidates=candidates, minutes=minutes).id
    worker = Worker(house.database, house.clock, {JOB: make_handler(house)})
    thread = threading.Thread(target=worker.drain, name="drill", daemon=True)
    thread.start()
    said = ""
    while True:
        try:
            thread.join(_LOOK_SECONDS)
            shown = _look(house, drill_id)
            if shown.state is not DrillState.UNDER_WAY:
                thread.join()
                return shown
            told = f"{shown.done:3d}%  {shown.doing_zh} / {shown.doing_en}"
            if not quiet and shown.doing_zh and told != said:
                said = told
                print(said, flush=True)
        except KeyboardInterrupt:
            with acting_as(house, _NAME) as op:
                cancel(op, drill_id=drill_id)


def _look(house: House, drill_id: int) -> DrillShown:
    with acting_as(house, _NAME) as op:
        return reporting.show(op, queries.find_drill(op.db, service(_NAME), drill_id))


def _tell(shown: DrillShown) -> None:
    for one in shown.report.findings if shown.report else ():
        sign = "  " if one.kept else "✗ "
        print(f"{sign}{one.zh} / {one.en}: {one.found} ({one.limit})")
    if shown.report:
        report = shown.report
        print(f"  {report.capacity} /s, {report.bend_zh} / {report.bend_en}")
        print("".join(f"  {line}\n" for line in (*report.broken, *filter(None, [report.first_error]))), end="")
        changed = [table.name for table in report.tables if not table.same]
        alike = len(report.tables) - len(changed)
        print(f"  正式数据 / production: {alike} 张表一致 / tables alike{''.join(f', ✗ {name}' for name in changed)}")
    print(f"{shown.zh} / {shown.en} {shown.reason_zh} {shown.reason_en}".rstrip())
