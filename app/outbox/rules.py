"""The life of a message on its way out, and how its text is made. Pure.

pending ── deliver ──> delivered
  │ └───── retry ────> pending
  └─────── give_up ──> dead ── send_again ──> sent_again
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from app.errors import Conflict

MAX_ATTEMPTS = 8


class OutboxState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    SENT_AGAIN = "sent_again"
    """Given up, and a message of its own has taken its place."""


class OutboxAction(StrEnum):
    """What can happen to a message."""

    DELIVER = "deliver"
    RETRY = "retry"
    GIVE_UP = "give_up"
    SEND_AGAIN = "send_again"


TRANSITIONS: Mapping[tuple[OutboxState, OutboxAction], OutboxState] = MappingProxyType(
    {
        (OutboxState.PENDING, OutboxAction.DELIVER): OutboxState.DELIVERED,
        (OutboxState.PENDING, OutboxAction.RETRY): OutboxState.PENDING,
        (OutboxState.PENDING, OutboxAction.GIVE_UP): OutboxState.DEAD,
        (OutboxState.DEAD, OutboxAction.SEND_AGAIN): OutboxState.SENT_AGAIN,
    }
)


class MessageOver(Conflict):
    """The message has been delivered or given up."""

    code = "outbox.over"
    zh = "该消息已送达或已放弃。"
    en = "This message has been delivered or given up."


def move(state: OutboxState, action: OutboxAction) -> OutboxState:
    """Where `action` leads from `state`; raises MessageOver where the table has no such move."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise MessageOver from None


@dataclass(frozen=True)
class Failure:
    """Why a message did not arrive: a short code, never what the other side said (P46). A `final` one is not tried
    again: it would be refused again."""

    code: str
    final: bool = False


def on_failure(attempts: int, *, final: bool = False) -> OutboxAction:
    """What follows the `attempts`-th failure of a channel."""
    return OutboxAction.RETRY if attempts < MAX_ATTEMPTS and not final else OutboxAction.GIVE_UP


def pause_before_retry(attempts: int) -> timedelta:
    """How long a message rests after its `attempts`-th failure: 30 s, doubled each time, at most an hour."""
    return timedelta(seconds=min(30 * 2 ** min(attempts - 1, 10), 3600))


@dataclass(frozen=True)
class Template:
    """The text of one kind of message, with `{placeholders}` for its parameters."""

    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    href: str = "/"
    """Where the message leads; it may hold placeholders, too."""

    def render(self, lang: str, params: Mapping[str, Any]) -> tuple[str, str]:
        """Title and body in `lang` ("zh" or "en"), plain text; a parameter that an older message lacks shows as "—"."""
        title, body = (self.title_en, self.body_en) if lang == "en" else (self.title_zh, self.body_zh)
        given = _Given(params)
        return title.format_map(given), body.format_map(given)

    def leads(self, params: Mapping[str, Any]) -> str:
        """The address that the message leads to."""
        return self.href.format_map(_Given(params))


class _Given(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "—"
