"""Which messages are printed for the person they are for, what the paper says, when one counts as received. Pure.

A printed notice passes through the hands of a colleague. What is nobody's business but the person's own (a misconduct
case, a check, a health matter) is printed as a call to come and read it, like a short message (decision 0041); what
concerns the writing and reviewing of items is told to nobody else at all.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

from app.errors import Conflict, FieldProblem, Invalid
from app.outbox.rules import Template
from app.outbox.templates import Kind, template_of


class PaperState(StrEnum):
    """Where the paper of a message stands."""

    WAITING = "waiting"
    """Neither read nor printed."""
    PRINTED = "printed"
    """Printed, and no receipt noted."""
    SIGNED = "signed"


class OnPaper(StrEnum):
    """How much of a message is printed."""

    WHOLE = "whole"
    CALL = "call"
    """That there is something, and where to read it."""
    NEVER = "never"


ON_PAPER: Mapping[str, OnPaper] = {
    Kind.REGISTRATION_CONFIRMED: OnPaper.WHOLE,
    Kind.REGISTRATION_REFUSED: OnPaper.WHOLE,
    Kind.TICKET_READY: OnPaper.WHOLE,
    Kind.TICKET_VOID: OnPaper.WHOLE,
    Kind.SEATS_CHANGED: OnPaper.WHOLE,
    Kind.EXAM_POSTPONED: OnPaper.WHOLE,
    Kind.EXAM_CANCELLED: OnPaper.WHOLE,
    Kind.MAKE_UP_DUE: OnPaper.WHOLE,
    Kind.RESULTS_RELEASED: OnPaper.WHOLE,
    Kind.CERTIFICATE_ISSUED: OnPaper.WHOLE,
    Kind.CERTIFICATE_ENDING: OnPaper.WHOLE,
    Kind.ACCOMMODATION_MOVED: OnPaper.CALL,
    Kind.RESPONSES_MERGED: OnPaper.CALL,
    Kind.RESPONSES_HELD: OnPaper.CALL,
    Kind.RESPONSES_ACCEPTED: OnPaper.CALL,
    Kind.RESPONSES_REFUSED: OnPaper.CALL,
    Kind.MISCONDUCT_RECORDED: OnPaper.CALL,
    Kind.MISCONDUCT_NOTIFIED: OnPaper.CALL,
    Kind.MISCONDUCT_SETTLED: OnPaper.CALL,
    Kind.TECHNICAL_FAULT_DECIDED: OnPaper.CALL,
    Kind.RESULT_CORRECTED: OnPaper.CALL,
    Kind.RECHECK_ANSWERED: OnPaper.CALL,
    Kind.STATEMENT_INVITED: OnPaper.CALL,
    Kind.CERTIFICATE_MOVED: OnPaper.CALL,
    Kind.CERTIFICATES_ENDING: OnPaper.NEVER,
    Kind.ITEM_DISCUSSED: OnPaper.NEVER,
    Kind.REVIEW_ASSIGNED: OnPaper.NEVER,
    Kind.REVIEW_MOVED: OnPaper.NEVER,
}
"""Every kind is here: whoever adds one decides who may read it over somebody's shoulder."""

PRINTABLE = frozenset(kind for kind, how in ON_PAPER.items() if how is not OnPaper.NEVER)

_CALL = Template(
    "请本人查阅的通知",
    "A notice to read in person",
    "您有一条须由本人查阅的通知。请登录 {host} 查看；不便登录的，请持本人有效身份证件到{authority}查阅。",
    "There is a notice that only you may read. Please sign in at {host}, or come to {authority} with your ID card.",
)


class NotOnPaper(Conflict):
    """A receipt is noted once, for a notice that was printed."""

    code = "notice.not_on_paper"
    zh = "所选通知中有未打印的，或已登记签收的，未作任何登记。"
    en = "One of these notices was not printed, or its receipt is noted already; nothing was noted."


def paper_of(kind: str, *, address: str, authority: str) -> tuple[Template, Mapping[str, str]]:
    """The words of a kind for the paper and for whoever prints it, with parameters that they need beside those of the
    message; `address` is the public URL. Of what must not lie open they do not even say the kind."""
    if ON_PAPER.get(kind) is OnPaper.WHOLE:
        return template_of(kind), {}
    return _CALL, {"host": urlsplit(address).netloc, "authority": authority}


def check_receipt(day: date, *, printed_on: date, today: date) -> None:
    """Raises Invalid naming `day` unless the receipt was signed between the printing and today."""
    if not printed_on <= day <= today:
        raise Invalid(
            FieldProblem(
                "day", "签收日期应在打印之日至今天之间。", "A receipt is signed between the printing and today."
            )
        )
