"""What of accounts waits for whom."""

from app.accounts import queries
from app.operation import Operation, Task
from app.security.permissions import Capability


def waiting(op: Operation) -> list[Task]:
    """Resets of a second factor that another person has proposed, and accounts of staff that nobody has activated."""
    if op.actor.account_id is None or not op.may(Capability.FACTOR_RESET):
        return []
    others = [reset for reset in queries.open_resets(op.db) if reset.proposed_by != op.actor.account_id]
    return [
        Task("项动态口令重置待批准", "resets of a second factor to approve", len(others), "/accounts"),
        Task(
            "个工作人员账号尚未启用，请发放激活单",
            "accounts of staff not activated yet: hand out their slips",
            queries.idle_staff(op.db),
            "/accounts?who=staff",
        ),
    ]
