"""Rules of practice: the lifecycles, when a mock exam is over, and what becomes of a book of wrong answers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.errors import Conflict

MOST_KEPT = 50
"""How many practice attempts of one person are kept; a start forgets those before them."""
MOST_REDONE = 20
"""How many items of a book are done again at once, those that stand in it longest first."""
RIGHT_TIMES = 2
"""How often in a row an item must be right to leave the book."""
REDO_MINUTES_EACH = 3
LEAST_REDO_MINUTES = 10


class MockState(StrEnum):
    """Where a mock exam stands."""

    OPEN = "open"
    CLOSED = "closed"


class MockAction(StrEnum):
    """What may be done to a mock exam."""

    OPEN = "open"
    CLOSE = "close"


MOCK_TRANSITIONS: dict[tuple[MockState | None, MockAction], MockState] = {
    (None, MockAction.OPEN): MockState.OPEN,
    (MockState.OPEN, MockAction.CLOSE): MockState.CLOSED,
}


class PracticeState(StrEnum):
    """Where a practice attempt stands."""

    OPEN = "open"
    CLOSED = "closed"


class PracticeAction(StrEnum):
    """What may be done to a practice attempt."""

    START = "start"
    SAVE = "save"
    HAND_IN = "hand_in"
    CLOSE_AT_DEADLINE = "close_at_deadline"


PRACTICE_TRANSITIONS: dict[tuple[PracticeState | None, PracticeAction], PracticeState] = {
    (None, PracticeAction.START): PracticeState.OPEN,
    (PracticeState.OPEN, PracticeAction.SAVE): PracticeState.OPEN,
    (PracticeState.OPEN, PracticeAction.HAND_IN): PracticeState.CLOSED,
    (PracticeState.OPEN, PracticeAction.CLOSE_AT_DEADLINE): PracticeState.CLOSED,
}


class MockClosed(Conflict):
    """The mock exam is not open any more."""

    code = "practice.mock_closed"
    zh = "这场模拟考试已停止开放。"
    en = "This mock exam is not open any more."


class AnotherRuns(Conflict):
    """One practice attempt at a time."""

    code = "practice.another_runs"
    zh = "还有一次练习没有交卷，请先完成。"
    en = "Another practice of yours has not been handed in yet; please finish it first."


class BookEmpty(Conflict):
    """Nothing to do again."""

    code = "practice.book_empty"
    zh = "错题本里没有可以重做的题。"
    en = "There is nothing in your book of wrong answers to do again."


class PracticeOver(Conflict):
    """What comes after a practice attempt has ended."""

    code = "practice.over"
    zh = "这次练习已结束，不能再作答。"
    en = "This practice has ended; nothing more can be changed."


def move_mock(state: MockState | None, action: MockAction) -> MockState:
    """The state after `action`; raises MockClosed where the table has no such move."""
    try:
        return MOCK_TRANSITIONS[state, action]
    except KeyError:
        raise MockClosed from None


def move_practice(state: PracticeState | None, action: PracticeAction) -> PracticeState:
    """The state after `action`; raises PracticeOver where the table has no such move."""
    try:
        return PRACTICE_TRANSITIONS[state, action]
    except KeyError:
        raise PracticeOver from None


def redo_minutes(items: int) -> int:
    """How long one has for so many items of a book: time enough to read."""
    return max(LEAST_REDO_MINUTES, items * REDO_MINUTES_EACH)


@dataclass(frozen=True)
class Done:
    """What a practice attempt made of one item, all its parts together: hundredths `earned` of `full`, and whether
    anything was responded at all."""

    earned: int
    full: int
    responded: bool

    @property
    def right(self) -> bool:
        """Whether it earned all its points."""
        return self.earned >= self.full


@dataclass(frozen=True)
class Standing:
    """How an item stands in a book: how often it was wrong, and how often in a row it has been right since."""

    wrong: int
    right_running: int = 0


def settle(standing: Standing | None, done: Done) -> Standing | None:
    """How the item stands afterwards; None where it is not, or not any more, in the book. What was not responded says
    nothing: it neither enters nor moves."""
    if not done.responded:
        return standing
    if not done.right:
        return Standing((standing.wrong if standing else 0) + 1)
    if standing is None or standing.right_running + 1 >= RIGHT_TIMES:
        return None
    return Standing(standing.wrong, standing.right_running + 1)


@dataclass(frozen=True)
class Tally:
    """Items of one topic that were responded, and how many of them were right."""

    responded: int
    right: int


def tally(done: Mapping[str, Done], topics: Mapping[str, str]) -> dict[str, Tally]:
    """What was done, by topic; what was not responded is left out. Both by the key of the item."""
    found: dict[str, Tally] = {}
    for key, one in done.items():
        if one.responded:
            before = found.get(topics[key], Tally(0, 0))
            found[topics[key]] = Tally(before.responded + 1, before.right + one.right)
    return found
