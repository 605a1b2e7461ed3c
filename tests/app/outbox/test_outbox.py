"""Messages leave with the transaction that causes them, arrive at least once, and stand in an inbox once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from app.database import Database
from app.errors import NotFound
from app.observability.metrics import Metrics
from app.outbox.delivery import LEASE, Channel, Delivery, Message
from app.outbox.inbox import InboxChannel, newest_unread, page_of_read, read_one, read_up_to, unread
from app.outbox.models import OutboxMessage
from app.outbox.post import post
from app.outbox.rules import (
    MAX_ATTEMPTS,
    Failure,
    MessageOver,
    OutboxAction,
    OutboxState,
    Template,
    move,
    on_failure,
    pause_before_retry,
)
from app.security.actor import Actor, ActorKind

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


def reader(person_id: int) -> Actor:
    return Actor(ActorKind.PERSON, account_id=1, person_id=person_id)


def send(database: Database, person_id: int = 7, dedupe_key: str | None = None) -> int:
    with database.transaction() as session:
        return post(
            session,
            person_id=person_id,
            template="exam.seated",
            params={"room": "第 1 考场"},
            now=NOW,
            dedupe_key=dedupe_key,
        )


def deliver(database: Database, *channels: Channel, now: datetime = NOW) -> int:
    return Delivery(database, channels or [InboxChannel(database)], metrics=Metrics("test")).run(now)


def state_of(database: Database, message_id: int) -> tuple[OutboxState, int, str | None]:
    with database.transaction(reading=True) as session:
        row = session.get_one(OutboxMessage, message_id)
        return row.state, row.attempts, row.error_code


class Broken:
    """A channel that fails as it is told."""

    name = "inbox"
    at_once = 200

    def __init__(self, refuse: Mapping[int, Failure] | None = None) -> None:
        self.refuse = refuse
        self.seen: list[Message] = []

    def deliver(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
        self.seen += messages
        if self.refuse is None:
            raise ConnectionError("smtp password=hunter2")
        return self.refuse


@pytest.mark.parametrize(("state", "action"), list(product(OutboxState, OutboxAction)))
def test_every_cell_of_a_messages_life_moves_as_drawn_or_is_refused(state: OutboxState, action: OutboxAction) -> None:
    drawn = {"pending": {"deliver": "delivered", "retry": "pending", "give_up": "dead"}}
    allowed = (drawn | {"dead": {"send_again": "sent_again"}}).get(state.value, {})
    if action.value in allowed:
        assert move(state, action) is OutboxState(allowed[action.value])
    else:
        with pytest.raises(MessageOver):
            move(state, action)


def test_a_channels_failure_is_retried_with_growing_rests_and_then_given_up() -> None:
    assert on_failure(MAX_ATTEMPTS - 1) is OutboxAction.RETRY
    assert on_failure(MAX_ATTEMPTS) is on_failure(1, final=True) is OutboxAction.GIVE_UP
    assert [pause_before_retry(n).total_seconds() for n in (1, 2, 50)] == [30, 60, 3600]


def test_a_message_stands_or_falls_with_its_transaction(database: Database) -> None:
    def change_then_fail() -> None:
        with database.transaction() as session:
            post(session, person_id=7, template="t", params={}, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_then_fail()
    assert deliver(database) == 0


def test_a_message_reaches_its_persons_inbox_and_no_other(database: Database) -> None:
    send(database)
    assert deliver(database) == 1
    assert deliver(database) == 0
    with database.transaction(reading=True) as session:
        (mine,) = newest_unread(session, reader(7), limit=10)
        assert (mine.template, mine.params, mine.created_at) == ("exam.seated", {"room": "第 1 考场"}, NOW)
        assert newest_unread(session, reader(8), limit=10) == []
        assert (unread(session, 7), unread(session, 8)) == (1, 0)
    with pytest.raises(NotFound), database.transaction() as session:  # P21
        read_one(session, reader(8), mine.id, now=NOW)
    for moment in (NOW, NOW + timedelta(hours=1)):
        with database.transaction() as session:
            read_one(session, reader(7), mine.id, now=moment)
    with database.transaction(reading=True) as session:
        assert unread(session, 7) == 0
        assert page_of_read(session, reader(7), limit=10)[0].read_at == NOW


def test_the_inbox_is_read_page_by_page_newest_first(database: Database) -> None:
    for _ in range(5):
        send(database)
    deliver(database)
    with database.transaction(reading=True) as session:
        ids = [view.id for view in newest_unread(session, reader(7), limit=10)]
    with database.transaction() as session:
        assert read_up_to(session, reader(8), ids[0], now=NOW) == 0
        assert read_up_to(session, reader(7), ids[1], now=NOW) == 4  # the newest came meanwhile
        assert unread(session, 7) == 1
        assert read_up_to(session, reader(7), ids[0], now=NOW) == 1
        first = page_of_read(session, reader(7), limit=3)
        second = page_of_read(session, reader(7), limit=3, before=first[-1].id)
    assert ids == [view.id for view in first + second]
    assert ids == sorted(ids, reverse=True)


def test_more_than_a_batch_is_delivered_in_one_run(database: Database) -> None:
    with database.transaction() as session:
        for person_id in range(450):
            post(session, person_id=person_id, template="t", params={}, now=NOW)
    assert deliver(database) == 450


def test_a_dedupe_key_is_sent_once_for_ever(database: Database) -> None:
    first = send(database, dedupe_key="result-5")
    assert send(database, dedupe_key="result-5") == first
    deliver(database)
    assert send(database, dedupe_key="result-5") == first
    assert deliver(database) == 0


def test_a_message_delivered_twice_stands_in_the_inbox_once(database: Database) -> None:
    """The deliverer died after the channel had taken the message, before that was noted."""
    message_id = send(database)

    class DiesAfterwards(InboxChannel):
        def deliver(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
            super().deliver(messages)
            raise SystemExit

    with pytest.raises(SystemExit):
        deliver(database, DiesAfterwards(database))
    assert state_of(database, message_id) == (OutboxState.PENDING, 1, None)
    assert deliver(database) == 0  # its lease still runs
    assert deliver(database, now=NOW + LEASE) == 1
    assert state_of(database, message_id) == (OutboxState.DELIVERED, 2, None)
    with database.transaction(reading=True) as session:
        assert len(newest_unread(session, reader(7), limit=10)) == 1


def test_a_channel_that_fails_is_tried_again_later_and_at_last_given_up(database: Database) -> None:
    message_id = send(database)
    now = NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert deliver(database, Broken(), now=now) == 0
        state, attempts, code = state_of(database, message_id)
        assert (attempts, code) == (attempt, "ConnectionError")  # P46: never what the exception says
        assert state is (OutboxState.DEAD if attempt == MAX_ATTEMPTS else OutboxState.PENDING)
        assert deliver(database, Broken(), now=now) == 0
        now += timedelta(hours=1)
    assert state_of(database, message_id)[1] == MAX_ATTEMPTS


def test_one_refused_message_holds_up_no_other(database: Database) -> None:
    bad, good = send(database), send(database)
    assert deliver(database, Broken({bad: Failure("no_address")})) == 1
    assert state_of(database, bad) == (OutboxState.PENDING, 1, "no_address")
    assert state_of(database, good) == (OutboxState.DELIVERED, 1, None)


def test_a_message_for_a_channel_that_is_not_wired_waits(database: Database) -> None:
    with database.transaction() as session:
        message_id = post(session, person_id=7, template="t", params={}, now=NOW, channel="sms")
    assert deliver(database) == 0
    assert state_of(database, message_id)[0] is OutboxState.PENDING


def test_a_deliverer_that_was_overtaken_changes_nothing(database: Database) -> None:
    message_id = send(database)

    class Overtaken(Broken):
        def deliver(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
            assert deliver(database, now=NOW + LEASE) == 1
            return {message_id: Failure("too_late")}

    deliver(database, Overtaken())
    assert state_of(database, message_id) == (OutboxState.DELIVERED, 2, None)


def test_a_deliverer_that_was_overtaken_by_a_failure_leaves_it_to_the_next(database: Database) -> None:
    message_id = send(database)

    class Overtaken(Broken):
        def deliver(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
            deliver(database, Broken({message_id: Failure("no_address")}), now=NOW + LEASE)
            return {}

    deliver(database, Overtaken())
    assert state_of(database, message_id) == (OutboxState.PENDING, 2, "no_address")


def test_a_template_speaks_both_languages_and_survives_a_missing_parameter() -> None:
    template = Template("座位已排", "Your seat", "您在{room}{seat}号。", "You sit in {room}, seat {seat}.")
    assert template.render("zh", {"room": "第 1 考场", "seat": 5}) == ("座位已排", "您在第 1 考场5号。")
    assert template.render("en", {"room": "1"}) == ("Your seat", "You sit in 1, seat —.")
