"""What of accounts waits for whom."""

from app.accounts import queries
from app.operation import Operation, Task
from app.security.permissions import Capability

FEW_CODES = 3
"""So few printed codes left are said to be urgent: whoever has none can sign nothing more."""


def waiting(op: Operation) -> list[Task]:
    """Resets of a second factor that another person has proposed, and accounts of staff that nobody has activated. For
    staff who signed in by a printed code: how many are left before a phone must be bound or a new sheet be had."""
    if op.actor.account_id is None:
        return []
    return [*_own_codes(op, op.actor.account_id), *(_of_others(op) if op.may(Capability.FACTOR_RESET) else [])]


def _own_codes(op: Operation, account_id: int) -> list[Task]:
    if not op.actor.is_staff or op.actor.factor_at is None:
        return []
    left = queries.codes_beside_no_phone(op.db, account_id, op.now)
    if left is None:
        return []
    return [
        Task(
            f"项登录准备：一次性验证码还剩 {left} 个，请绑定动态口令，或领取新的一页",
            f"thing to prepare: {left} one-time codes are left; bind a phone, or have a new sheet printed",
            1,
            "/factor",
            urgent=left <= FEW_CODES,
        )
    ]


def _of_others(op: Operation) -> list[Task]:
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
