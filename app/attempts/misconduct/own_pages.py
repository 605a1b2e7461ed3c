"""The person's own side of a misconduct case: sign, answer, read what was decided."""

from app.attempts.misconduct import printing, queries, service
from app.attempts.misconduct.printing import Paper
from app.attempts.misconduct.schemas import MisconductStatementGiven, OwnMisconductListShown
from app.attempts.misconduct.views import show_own
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk
from app.web.faces import Download

desk = Desk("attempts")


@desk.view("/own-misconduct", Capability.STATEMENT_WRITE, template="attempts/own_misconduct.html")
def list_own_misconduct(op: Operation) -> OwnMisconductListShown:
    """The records that concern me, and what I may say to them; nobody else's."""
    return OwnMisconductListShown(cases=[show_own(op, case) for case in queries.own_cases(op.db, op.actor)])


@desk.command(
    "/own-misconduct/{case_id}/sign",
    Capability.STATEMENT_WRITE,
    then="/own-misconduct",
    retry=list_own_misconduct,
    said="已签字。签字只表示已阅读记录。",
)
def sign_own_misconduct(op: Operation, *, case_id: int) -> Done:
    """Sign that I have read the record; it admits nothing."""
    return Done(id=service.sign_own(op, case_id=case_id).id)


@desk.command(
    "/own-misconduct/{case_id}/statement",
    Capability.STATEMENT_WRITE,
    then="/own-misconduct",
    retry=list_own_misconduct,
    said="陈述申辩已提交，将在决定前一并考虑。",
)
def state_own_misconduct(op: Operation, *, case_id: int, given: MisconductStatementGiven) -> Done:
    """My statement on the notice."""
    return Done(id=service.file_statement(op, case_id=case_id, text=given.text).id)


@desk.view("/own-misconduct/{case_id}/{paper}.pdf", Capability.STATEMENT_WRITE)
def print_own_misconduct(op: Operation, *, case_id: int, paper: str) -> Download:
    """My notice or decision, on A4."""
    content = printing.print_paper(op, queries.own_case(op.db, op.actor, case_id), Paper.of(paper, own=True))
    return Download(f"misconduct-{case_id}-{paper}.pdf", content, "application/pdf")
