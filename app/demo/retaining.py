"""What is kept for its term in the demo: the signals of the first exam are due, and their list waits for a second
approval."""

from app.demo.stage import Stage
from app.retention.rules.classes import RecordClass
from app.retention.service import lists
from app.security.permissions import Role


def list_signals(stage: Stage) -> None:
    """The system administrator draws the list up, the security administrator approves it."""
    with stage.by(Role.SYSTEM_ADMINISTRATOR) as op:
        row = lists.draw_up(op, record_class=RecordClass.SIGNALS)
    with stage.by(Role.SECURITY_ADMINISTRATOR) as op:
        lists.approve(op, list_id=row.id)
