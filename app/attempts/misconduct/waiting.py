"""What of misconduct waits for whom."""

from app.attempts.misconduct import queries
from app.attempts.misconduct.rules import MisconductState, may_state
from app.operation import Operation, Task
from app.security.permissions import Capability

_MOST = 100


def waiting(op: Operation) -> list[Task]:
    """Records to handle, rulings to decide, and what one may sign or answer oneself."""
    tasks = []
    if op.may(Capability.MISCONDUCT_HANDLE):
        words = ("份违纪记录待办理", "misconduct cases to handle")
        tasks.append(Task(*words, _count(op, MisconductState.RECORDED, MisconductState.NOTIFIED), "/misconduct"))
    if op.may(Capability.MISCONDUCT_DECIDE):
        words = ("份违纪处理待决定", "misconduct rulings to decide")
        tasks.append(Task(*words, _count(op, MisconductState.PROPOSED), "/misconduct"))
    if op.may(Capability.STATEMENT_WRITE) and op.actor.person_id is not None:
        own = queries.own_cases(op.db, op.actor)
        unsigned = sum(case.state is MisconductState.RECORDED and case.signed_at is None for case in own)
        words = ("份考场情况记录可查看签字", "records from the room you may look at and sign")
        tasks.append(Task(*words, unsigned, "/own-misconduct"))
        open_now = [
            case
            for case in own
            if may_state(case.state, stated=case.stated_at is not None, due=case.statement_due_at, now=op.now)
        ]
        due = min((case.statement_due_at for case in open_now if case.statement_due_at), default=None)
        words = ("份考场情况记录可陈述申辩", "records from the room you may answer")
        tasks.append(Task(*words, len(open_now), "/own-misconduct", due=due, urgent=True))
    return tasks


def _count(op: Operation, *states: MisconductState) -> int:
    return len(queries.list_cases(op.db, op.actor, states=states, before=0, limit=_MOST))
