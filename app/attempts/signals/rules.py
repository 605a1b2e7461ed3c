"""Rules of signals: which an exam takes, how a page tells them, how much of them is kept, until when they may be
answered. Nothing here closes, scores or refuses anything, and nothing may (decision 0025)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from app.errors import Conflict, FieldProblem, Invalid, NotFound
from app.exams.integrity import Integrity


class SignalKind(StrEnum):
    """What may be noticed."""

    AWAY = "away"
    """The page was hidden, or another window was in front of it."""
    FULL_SCREEN = "full_screen"
    """The full screen was left."""
    ADDRESS = "address"
    """A request came from another network address than the one signed in from."""
    OTHER_DEVICE = "other_device"
    """Another session of the same person tried to come in without the proctor's release."""
    BROWSER = "browser"
    """A request came from another browser than the one that the exam asks for, and was refused."""

    @classmethod
    def of(cls, word: str) -> Self:
        """The kind of that name. Raises NotFound."""
        if word not in set(cls):
            raise NotFound
        return cls(word)


KIND_WORDS: dict[SignalKind, str] = {
    SignalKind.AWAY: "离开答题页面",
    SignalKind.FULL_SCREEN: "退出全屏",
    SignalKind.ADDRESS: "网络地址变化",
    SignalKind.OTHER_DEVICE: "在另一台设备上打开",
    SignalKind.BROWSER: "用其他浏览器打开",
}
"""As papers, which are Chinese, say them; pages have their own words."""

CLAIMED = frozenset({SignalKind.AWAY, SignalKind.FULL_SCREEN})
"""What only the page can know: how often and how long is its claim; when it was heard is the server's time."""
_REFUSED = frozenset({SignalKind.OTHER_DEVICE, SignalKind.BROWSER})
TAKEN: dict[Integrity, frozenset[SignalKind]] = {
    Integrity.BASIC: _REFUSED,
    Integrity.STANDARD: _REFUSED | {SignalKind.ADDRESS, SignalKind.AWAY},
    Integrity.STRICT: frozenset(SignalKind),
}
"""What an exam of each level takes; everything else is dropped unread."""

MOST = 40
"""Rows that are kept of one kind for one candidate; a count that has reached it reads "or more". A page that is hostile
or out of order fills nothing."""
LONGEST = 86_400
"""Seconds that are believed at most."""
_CLAIM = re.compile(r"([a-z_]{1,20})\.([0-9]{1,9})\.([0-9]{1,9})")


class BadSignals(Invalid):
    """The page did not speak as pages do."""

    code = "signal.malformed"
    zh = "过程记录的格式不正确。"
    en = "The signals are not of the form in which pages send them."


class SignalClosed(Conflict):
    """It is answered, or it cannot be answered now."""

    code = "signal.closed"
    zh = "这条过程记录已经说明过，或不在可以说明的期限内。"
    en = "This signal has been answered already, or it cannot be answered now."


@dataclass(frozen=True, slots=True)
class Claim:
    """What a page says of one kind since its attempt was last taken over: how often, and for how many seconds."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Noticed:
    """One row: what one source had noticed, `count` times and for `seconds` in all, when it was first heard of."""

    kind: SignalKind
    source: str
    count: int
    seconds: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SignalSum:
    """Everything of one kind: `count` times, `seconds` in all by the device's own account, first and last heard of at
    moments of the server's clock. `capped`: there may have been more."""

    kind: SignalKind
    count: int
    seconds: int
    first_at: datetime
    last_at: datetime
    capped: bool


def read_claims(text: str) -> dict[SignalKind, Claim]:
    """What a page tells with its look at the time: `away.3.41~full_screen.1.20`, each kind with how often and how many
    seconds, both since the last take-over, so that what is told twice is the same. Bounded by MOST and LONGEST.

    Raises BadSignals, naming `signals`.
    """
    claims = {}
    for part in text.split("~") if text else ():
        found = _CLAIM.fullmatch(part)
        if found is None or found[1] not in CLAIMED:
            raise BadSignals(FieldProblem("signals", BadSignals.zh, BadSignals.en))
        if count := min(int(found[2]), MOST):
            claims[SignalKind(found[1])] = Claim(count, min(int(found[3]), LONGEST))
    return claims


def add_up(rows: Iterable[Noticed]) -> list[SignalSum]:
    """The sums of one candidate's rows, kind by kind. Counts of one source are running totals: its greatest counts."""
    kinds: dict[SignalKind, list[Noticed]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row)
    sums = []
    for kind in SignalKind:
        noticed = kinds.get(kind, [])
        if not noticed:
            continue
        counts: dict[str, int] = {}
        seconds: dict[str, int] = {}
        for row in noticed:
            counts[row.source] = max(row.count, counts.get(row.source, 0))
            seconds[row.source] = max(row.seconds, seconds.get(row.source, 0))
        total, moments = sum(counts.values()), [row.at for row in noticed]
        capped = len(noticed) >= MOST or max(counts.values()) >= MOST
        sums.append(SignalSum(kind, total, sum(seconds.values()), min(moments), max(moments), capped))
    return sums


def may_answer(*, due: datetime | None, answered: bool, now: datetime) -> bool:
    """Whether the candidate may say something to a signal: once, from the end of the attempt (`due` is empty until
    then) until the term is over."""
    return due is not None and not answered and now < due
