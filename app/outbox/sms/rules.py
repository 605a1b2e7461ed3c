"""Which messages leave as a short message too, what it says, and what an answer of the gateway means. Pure.

A short message lies open on a telephone that others hold in their hands. It says that there is something and where to
look, and never what: neither exam nor result, neither who wrote nor why (P18, P46).
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from app.errors import Conflict
from app.outbox.rules import Failure
from app.outbox.templates import Kind

FRESH = timedelta(days=1)
"""Older news would send somebody to an exam that was long held: it stays in the inbox alone."""


class Urgency(StrEnum):
    """How soon a message must be looked at."""

    SOON = "soon"
    PLAIN = "plain"


SENT: Mapping[str, Urgency] = {
    Kind.SEATS_CHANGED: Urgency.SOON,
    Kind.TICKET_VOID: Urgency.SOON,
    Kind.EXAM_POSTPONED: Urgency.SOON,
    Kind.EXAM_CANCELLED: Urgency.SOON,
    Kind.MISCONDUCT_NOTIFIED: Urgency.SOON,
    Kind.STATEMENT_INVITED: Urgency.SOON,
    Kind.REGISTRATION_CONFIRMED: Urgency.PLAIN,
    Kind.REGISTRATION_REFUSED: Urgency.PLAIN,
    Kind.TICKET_READY: Urgency.PLAIN,
    Kind.MAKE_UP_DUE: Urgency.PLAIN,
    Kind.RESULTS_RELEASED: Urgency.PLAIN,
    Kind.RESULT_CORRECTED: Urgency.PLAIN,
    Kind.CERTIFICATE_ISSUED: Urgency.PLAIN,
    Kind.CERTIFICATE_MOVED: Urgency.PLAIN,
    Kind.CERTIFICATE_ENDING: Urgency.PLAIN,
    Kind.CERTIFICATES_ENDING: Urgency.PLAIN,
}
"""The kinds that leave as a short message: those after which somebody has to come, to stay away, or to act. Soon is
what is over within days."""

# At most 70 characters, with a name of the office of twelve and an address of 24: one message, not two.
_WORDS: Mapping[Urgency, str] = {
    Urgency.SOON: "您有一条须尽快查看的通知，请登录 {host} 查看。",
    Urgency.PLAIN: "您有一条新通知，请登录 {host} 查看。",
}

_TRY_AGAIN = frozenset({408, 425, 429})
"""Timeout, too early, too many: of the four hundreds those that say "later", not "no" (RFC 9110, 8470, 6585)."""


class SmsOff(Conflict):
    """Short messages are not set up."""

    code = "sms.off"
    zh = "短信未启用，不能重发。"
    en = "Short messages are not set up; nothing can be sent again."


def compose(urgency: Urgency, *, sign: str, address: str) -> str:
    """The text of a short message: the signature of the office, and where to look (`address` is the public URL, of
    which the host is shown)."""
    return f"【{sign}】{_WORDS[urgency].format(host=urlsplit(address).netloc)}"


def key_of(address: str, message_id: int, created_at: datetime) -> str:
    """By which the gateway tells a repeat: the same at every attempt at one message, and of no other one, also where
    two deployments share a gateway or an older backup gives a number out again."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{address}/messages/{message_id}/{created_at.isoformat()}"))


def judge(status: int) -> Failure | None:
    """What an HTTP status means: taken (None), try again later, or a refusal. Nobody follows a redirection (P44)."""
    if 200 <= status < 300:
        return None
    return Failure(f"http_{status}", final=status < 500 and status not in _TRY_AGAIN)


FAILURE_WORDS: Mapping[str, tuple[str, str]] = {
    "no_number": ("没有可用的手机号", "there is no mobile number"),
    "too_old": ("超过一天未能发出", "not sent within a day"),
    "timeout": ("短信网关没有及时应答", "the gateway did not answer in time"),
    "unreachable": ("连接不上短信网关", "the gateway could not be reached"),
    "certificate": ("短信网关的证书不可信", "the gateway's certificate is not trusted"),
}


def explain(code: str) -> tuple[str, str]:
    """What a code of failure says to the administrator, in both languages."""
    if code.startswith("http_"):
        status = code.removeprefix("http_")
        return f"短信网关答复 {status}", f"the gateway answered {status}"
    return FAILURE_WORDS.get(code, ("发送时出错", "sending failed"))
