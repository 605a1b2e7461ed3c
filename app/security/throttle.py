"""Bounded guessing that a stranger cannot turn into a lock (P38).

A try is counted before the password is checked, in a transaction of its own that commits first, and taken back when
it succeeds: so what is counted are failures, a failed log-in's rollback cannot forget them, and many tries sent at
once cannot all slip under the limit. Three counters, each with its own way of not hurting the innocent:

- **account and source together**: 5 failures in 5 minutes, then closed for 5, 10, 15, 15, ... minutes. A stranger
  elsewhere fills only a counter of their own.
- **account, all unknown devices**: 100 failures an hour. Many sources guessing at one account are stopped; the
  account's own browsers are not, see below. One source alone cannot reach this number.
- **source**: 300 failures in 5 minutes. A whole hall sits behind one address, so an address over its limit is
  narrowed, never closed: every account may still be tried from there, once per window. A right password gets in.

A browser that an account has signed in from holds a mark (`device_mark`), made with a key of the service. Tries with
a genuine mark are counted for account and device alone: neither a neighbour behind the same address nor a crowd of
sources can lock that browser out. And what is counted are tries at one secret: `Try.account` names its issue too, so
that a new check-in code from the proctor, or a password reset, starts with counters at zero.

Rows hold keyed digests: the table says neither who tried nor from where.
"""

import hashlib
import hmac
import ipaddress
import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import CursorResult, String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base
from app.errors import TooMany


class Throttle(Base):
    """One counter. `strikes` counts the full windows in a row, `blocked_until` is when tries are admitted again."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]
    strikes: Mapped[int]
    blocked_until: Mapped[datetime | None]


@dataclass(frozen=True)
class Limit:
    """At most `count` tries in `window`; then closed until the window ends, or, where `longest` is given, for one
    window, two, three, ... up to `longest`. Strikes are forgotten after `forget` without a full window."""

    count: int
    window: timedelta
    longest: timedelta | None = None
    forget: timedelta = timedelta(hours=1)


PAIR = Limit(count=5, window=timedelta(minutes=5), longest=timedelta(minutes=15))
ACCOUNT = Limit(count=100, window=timedelta(hours=1))
SOURCE = Limit(count=300, window=timedelta(minutes=5))
KEPT = timedelta(days=1)
"""How long a counter stays after its window began, before `sweep` removes it."""


@dataclass(frozen=True)
class Try:
    """One attempt to sign in.

    `account`: the account's name or the ticket's number as typed. `issue`: which password or check-in code of theirs
    it is tried against (a number that each new one raises; 0 where there is no such account). `address`: where from.
    `device`: what `read_device_mark` gave, if the browser showed a mark.
    """

    account: str
    issue: int
    address: str
    device: str | None = None

    def secret(self) -> str:
        """The counted secret's name, the same however the account's name was typed."""
        return f"{_folded(self.account)} {self.issue}"


def admit(session: Session, key: str, *, now: datetime, limit: Limit) -> None:
    """Count one more use under `key` (any text; `digest` hides personal ones). Raises TooMany when `limit` is spent.

    For plain limits per user or route. The transaction must be the caller's own and commit whatever follows.
    """
    _count(_locked(session, key, now), now, limit)


def check(session: Session, key: str, *, now: datetime, limit: Limit) -> None:
    """Raise TooMany where `limit` is spent under `key`, counting nothing: a reading transaction is enough."""
    row = session.get(Throttle, key)
    if row is not None and _spent(row, now, limit):
        raise _refusal(row, now, limit)


class SignInGuard:
    """The three counters for signing in. `key` is `derive(settings.secret_key, Purpose.THROTTLE)`."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def admit(self, session: Session, attempt: Try, *, now: datetime) -> None:
        """Count the try, or raise TooMany with the seconds to wait. Call it first, in a transaction of its own.

        The rows are locked in one order (pair, account, source), so that instances wait and never deadlock.
        """
        self.count(lambda key: _locked(session, key, now), attempt, now=now)

    def forgive(self, session: Session, attempt: Try, *, now: datetime) -> None:
        """The try was right: its own counter starts anew, the shared ones lose one."""
        self.take_back(lambda key: _locked(session, key, now), attempt)

    def keys(self, attempt: Try) -> tuple[str, ...]:
        """The counters of a try, in the order in which they are locked."""
        if attempt.device is not None:
            return (self._pair(attempt),)
        return self._pair(attempt), self._account(attempt), self._source(attempt)

    def count(self, held: Callable[[str], Throttle], attempt: Try, *, now: datetime) -> None:
        """`admit` over counters that are held already, or locked as they are asked for. Where it raises TooMany none of
        them has moved."""
        limits = dict(zip(self.keys(attempt), (PAIR, ACCOUNT, SOURCE), strict=False))
        admitted = []
        fresh = False
        for key, limit in limits.items():
            row = held(key)
            if limit is PAIR:
                fresh = row.count == 0 or now >= row.window_start + PAIR.window
            if not _spent(row, now, limit):
                admitted.append((row, limit))
            elif limit is not SOURCE or not fresh:  # a source is narrowed, not closed: one try for each account
                raise _refusal(row, now, limit)
        for row, limit in admitted:
            _count(row, now, limit)

    def take_back(self, held: Callable[[str], Throttle], attempt: Try) -> None:
        """`forgive` over counters that are held already, or locked as they are asked for."""
        pair, *shared = map(held, self.keys(attempt))
        pair.count, pair.strikes, pair.blocked_until = 0, 0, None
        for row in shared:
            row.count = max(0, row.count - 1)

    def _pair(self, attempt: Try) -> str:
        if attempt.device is not None:
            return digest(self._key, "device", attempt.secret(), attempt.device)
        return digest(self._key, "pair", attempt.secret(), source_of(attempt.address))

    def _account(self, attempt: Try) -> str:
        return digest(self._key, "account", attempt.secret())

    def _source(self, attempt: Try) -> str:
        return digest(self._key, "source", source_of(attempt.address))


def sweep(session: Session, *, now: datetime) -> int:
    """Remove counters whose time is long over; returns how many."""
    old = delete(Throttle).where(Throttle.window_start < now - KEPT)
    result = session.execute(old)
    return result.rowcount if isinstance(result, CursorResult) else 0


def digest(key: bytes, *parts: str) -> str:
    """A counter's name that tells nothing of what it counts; unambiguous in its parts."""
    message = json.dumps(parts).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def source_of(address: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 that one subscriber has of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def device_mark(key: bytes, *, account: str, device: str) -> str:
    """What a browser keeps after the account signed in there: `device` (random, ours) and a MAC over both.

    `key`: `Purpose.DEVICE`. It opens nothing; it only chooses the counter.
    """
    return f"{device}.{digest(key, 'mark', _folded(account), device)}"


def read_device_mark(key: bytes, mark: str, *, account: str) -> str | None:
    """The device id of a genuine mark of this account, else None."""
    device, _, mac = mark.partition(".")
    genuine = hmac.compare_digest(
        mac.encode("utf-8", "surrogatepass"), digest(key, "mark", _folded(account), device).encode()
    )
    return device if genuine else None


def _locked(session: Session, key: str, now: datetime) -> Throttle:
    """The row of `key`, made if it is not there, locked until the transaction ends."""
    values = {"key": key, "window_start": now, "count": 0, "strikes": 0, "blocked_until": None}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(Throttle).values(**values).on_conflict_do_nothing(index_elements=["key"]))
    chosen = select(Throttle).where(Throttle.key == key).with_for_update()
    return session.execute(chosen, execution_options={"populate_existing": True}).scalar_one()


def _spent(row: Throttle, now: datetime, limit: Limit) -> bool:
    if row.blocked_until is not None:
        return now < row.blocked_until
    return now < row.window_start + limit.window and row.count >= limit.count


def _count(row: Throttle, now: datetime, limit: Limit) -> None:
    """Count one try, or raise TooMany. The last admitted try is what closes: refusing writes nothing, for a refusal
    rolls back."""
    if _spent(row, now, limit):
        raise _refusal(row, now, limit)
    if row.blocked_until is not None or now >= row.window_start + limit.window:
        if now >= (row.blocked_until or row.window_start) + limit.forget:
            row.strikes = 0
        row.window_start, row.count, row.blocked_until = now, 0, None
    row.count += 1
    if limit.longest is not None and row.count >= limit.count:
        row.strikes += 1
        row.blocked_until = now + min(limit.window * row.strikes, limit.longest)


def _refusal(row: Throttle, now: datetime, limit: Limit) -> TooMany:
    opens = row.blocked_until or row.window_start + limit.window
    return TooMany(seconds=max(1, ceil((opens - now).total_seconds())))


def _folded(account: str) -> str:
    return unicodedata.normalize("NFKC", account).strip().casefold()
