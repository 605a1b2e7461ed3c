"""What the control room is told of a drill."""

from collections.abc import Sequence

from app.attempts.proctoring.control_schemas import HappeningShown
from app.drill import queries
from app.jobs import queue
from app.operation import Operation


def under_way(op: Operation) -> Sequence[HappeningShown]:
    """The drill under way, if there is one: how far it is, and where it can be watched."""
    drill = queries.drill_under_way(op.db)
    if drill is None:
        return ()
    job = queue.find(op.db, drill.job_id) if drill.job_id else None
    return (
        HappeningShown(
            zh="演练正在进行：考生和成绩均为模拟，不影响正式数据",
            en="A drill is under way: its candidates and results are synthetic, and nothing real is touched",
            doing_zh=job.message_zh if job else "",
            doing_en=job.message_en if job else "",
            done=job.done if job else 0,
            href=f"/drills/{drill.id}",
        ),
    )
