"""短信网关: one request a message, over HTTPS, to the address that the administrator set, and to no other (P44)."""

import json
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.outbox.delivery import Message
from app.outbox.post import SMS, post_copies
from app.outbox.rules import Failure
from app.outbox.sms.rules import FRESH, SENT, Urgency, compose, judge, key_of
from app.settings import Settings

_SECONDS = 10.0
"""How long the gateway may be silent; `SmsChannel.at_once` of them must fit into four minutes."""

Numbers = Callable[[Collection[int]], Mapping[int, str]]
"""The mobile numbers of persons, in clear; whoever has none is left out."""


class SmsChannel:
    """Hands short messages to the gateway, one after the other. Made only where `settings.sends_sms`."""

    name = SMS
    at_once = 20

    def __init__(self, settings: Settings, numbers: Numbers, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._numbers = numbers
        self._now = now
        self._tls = ssl.create_default_context()

    def deliver(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
        """Send each of them whose person has a number, and which is not stale; a failure of one holds up no other."""
        numbers = self._numbers({message.person_id for message in messages})
        tried = {message.id: self._try(message, numbers.get(message.person_id)) for message in messages}
        return {message_id: failure for message_id, failure in tried.items() if failure}

    def _try(self, message: Message, number: str | None) -> Failure | None:
        if number is None:
            return Failure("no_number", final=True)
        if self._now() - message.created_at > FRESH:
            return Failure("too_old", final=True)
        try:
            return judge(self._send(message, number))
        except ssl.SSLCertVerificationError:
            return Failure("certificate")
        except TimeoutError:
            return Failure("timeout")
        except (OSError, HTTPException):
            return Failure("unreachable")

    def _send(self, message: Message, number: str) -> int:
        """One request; returns the status. The body of the answer is not read: what counts is that it was taken."""
        address, settings = urlsplit(self._settings.sms_url), self._settings
        urgency = SENT.get(message.template, Urgency.PLAIN)
        body = {
            "phone": number,
            "text": compose(urgency, sign=settings.sms_sign, address=settings.public_base_url),
        }
        headers = {
            "Authorization": f"Bearer {settings.sms_token.get_secret_value()}",
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": key_of(settings.public_base_url, message.id, message.created_at),
        }
        host, port = address.hostname or "", address.port
        with closing(
            HTTPSConnection(host, port, timeout=_SECONDS, context=self._tls)
            if address.scheme == "https"
            else HTTPConnection(host, port, timeout=_SECONDS)
        ) as connection:
            connection.request("POST", address.path or "/", json.dumps(body, ensure_ascii=False).encode(), headers)
            return connection.getresponse().status


def make_forwarding(
    reachable: Callable[[Session, Collection[int]], Collection[int]],
) -> Callable[[Session, Sequence[Message]], None]:
    """What the inbox is to tell of each batch: those kinds that are sent leave as short messages, to whom one
    reaches."""

    def forward(session: Session, messages: Sequence[Message]) -> None:
        told = [message for message in messages if message.template in SENT]
        reached = reachable(session, {message.person_id for message in told}) if told else ()
        post_copies(session, (message for message in told if message.person_id in reached), channel=SMS)

    return forward
