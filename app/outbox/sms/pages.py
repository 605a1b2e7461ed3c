"""短信: what waits and what failed, for the system administrator."""

from app.operation import Operation
from app.outbox.sms import queries, service
from app.outbox.sms.rules import explain
from app.outbox.sms.schemas import FailedShown, SendAgainGiven, SentAgain, SmsShown
from app.security.permissions import Capability
from app.web.desk import Desk

desk = Desk("sms")


@desk.view("/short-messages", Capability.SERVICE_RUN, template="sms/sms.html")
def show_sms(op: Operation) -> SmsShown:
    """Short messages that were given up, and why; of whom only the number in the register is said."""
    standing, messages = service.stand(op), []
    for row in queries.list_failed(op.db, op.actor, limit=service.AT_ONCE):
        zh, en = explain(row.error_code or "")
        messages.append(
            FailedShown(
                id=row.id,
                person_id=row.person_id,
                created_at=row.created_at,
                attempts=row.attempts,
                why_zh=zh,
                why_en=en,
            )
        )
    return SmsShown(on=standing.on, waiting=standing.waiting, failed=standing.failed, messages=messages)


@desk.command(
    "/short-messages/send-again",
    Capability.SERVICE_RUN,
    then="/short-messages",
    retry=show_sms,
    said="已安排重发，稍后刷新查看。",
)
def send_again(op: Operation, *, given: SendAgainGiven) -> SentAgain:
    """Send again what was given up."""
    return SentAgain(count=service.send_again(op, first=given.first, last=given.last))
