"""Delivering: a tick that hands what was committed to the channels, outside any transaction."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from app.database import Database
from app.errors import AppError
from app.observability.metrics import Metrics
from app.outbox.models import OutboxMessage
from app.outbox.rules import Failure, OutboxAction, OutboxState, move, on_failure, pause_before_retry

_LOG = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
"""How long a deliverer that vanished keeps its messages from the others."""
RUN_SECONDS = 30
"""When a run takes no further messages: what it leases last must be settled before that lease, which counts from the
beginning of the run, is over."""


@dataclass(frozen=True)
class Message:
    """What a channel is given. `id` is the same at every attempt: a channel that can tell repeats goes by it."""

    id: int
    person_id: int
    template: str
    params: Mapping[str, Any]
    created_at: datetime
    attempt: int


class Channel(Protocol):
    """A way to reach a person. It contacts only what an administrator configured (P44)."""

    @property
    def name(self) -> str:
        """The word that messages for it carry."""
        ...

    @property
    def at_once(self) -> int:
        """How many messages it is given at most: as many as it delivers, or fails to, well within four minutes."""
        ...

    def deliver(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
        """Deliver them; returns those that did not arrive, by id. Raises where none did.

        A message may come again after it has arrived.
        """
        ...


class Delivery:
    """Delivers what is due through `channels`; `run` is a tick, and any number of workers may run it at once."""

    def __init__(self, database: Database, channels: Sequence[Channel], *, metrics: Metrics) -> None:
        self._database = database
        self._channels = {channel.name: channel for channel in channels}
        self._metrics = metrics

    def run(self, now: datetime) -> int:
        """Deliver all that is due at `now`; returns how many arrived. A channel that fails holds up no other one."""
        return sum(self._run_channel(channel, now) for channel in self._channels.values())

    def _run_channel(self, channel: Channel, now: datetime) -> int:
        arrived = 0
        until = time.monotonic() + RUN_SECONDS
        while time.monotonic() < until and (messages := self._take(channel, now)):
            failures = self._hand_over(channel, messages)
            self._settle(channel.name, messages, failures, now)
            arrived += len(messages) - len(failures)
        return arrived

    def _take(self, channel: Channel, now: datetime) -> list[Message]:
        due = and_(
            OutboxMessage.channel == channel.name,
            OutboxMessage.state == OutboxState.PENDING,
            OutboxMessage.next_try_at <= now,
        )
        with self._database.transaction(reading=True) as session:
            if session.scalar(select(OutboxMessage.id).where(due).limit(1)) is None:
                return []
        with self._database.transaction() as session:
            return _lease(session, due, now, limit=channel.at_once)

    def _hand_over(self, channel: Channel, messages: Sequence[Message]) -> Mapping[int, Failure]:
        try:
            return channel.deliver(messages)
        except Exception as error:  # noqa: BLE001 - a channel is the outside world: its failure is an outcome
            code = error.code if isinstance(error, AppError) else type(error).__name__
            _LOG.warning("a channel failed", channel=channel.name, error_code=code)
            return dict.fromkeys((message.id for message in messages), Failure(code))

    def _settle(
        self, channel: str, messages: Sequence[Message], failures: Mapping[int, Failure], now: datetime
    ) -> None:
        with self._database.transaction() as session:
            for message in messages:
                failure = failures.get(message.id)
                action = OutboxAction.DELIVER if failure is None else on_failure(message.attempt, final=failure.final)
                state = move(OutboxState.PENDING, action)
                values: dict[str, Any] = {"state": state, "error_code": failure and failure.code[:64]}
                if state is OutboxState.DELIVERED:
                    values["delivered_at"] = now
                elif state is OutboxState.PENDING:
                    values["next_try_at"] = now + pause_before_retry(message.attempt)
                session.execute(
                    update(OutboxMessage)
                    .where(
                        OutboxMessage.id == message.id,
                        OutboxMessage.attempts == message.attempt,  # the fence: else another has taken it since
                        OutboxMessage.state == OutboxState.PENDING,
                    )
                    .values(**values)
                    .execution_options(synchronize_session=False)
                )
                self._metrics.outbox.labels(channel, action.value).inc()


def _lease(session: Session, due: ColumnElement[bool], now: datetime, *, limit: int) -> list[Message]:
    rows = session.scalars(
        select(OutboxMessage).where(due).order_by(OutboxMessage.id).limit(limit).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.attempts += 1
        row.next_try_at = now + LEASE
    session.flush()
    return [Message(row.id, row.person_id, row.template, row.params, row.created_at, row.attempts) for row in rows]
