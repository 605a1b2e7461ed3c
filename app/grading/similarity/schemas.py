"""What comparisons of responses show."""

from datetime import datetime

from app.shapes import Done, Shown
from question_bank.statistics.similarity import Nearness


class SimilarSeat(Shown):
    """One of a pair."""

    name: str
    ticket_number: str
    room_name: str
    seat: int | None


class SimilarPairShown(Shown):
    """A pair worth a look. Of `both_wrong` items that both got wrong they gave the same wrong response to `same`, where
    `expected` was to be expected; so many happen once in `one_in` such pairs, had both worked alone, or more seldom
    where that is `rules.RAREST`; `soon` of them they gave within half a minute of each other."""

    one: SimilarSeat
    other: SimilarSeat
    nearness: Nearness
    both_wrong: int
    same: int
    expected: str
    one_in: int
    soon: int


class TimedPairShown(Shown):
    """A pair worth a look for its times: over `shared` items both were slow and quick together, as `correlation` (up to
    1) says; so much happens once in `one_in` such pairs, had both worked alone."""

    one: SimilarSeat
    other: SimilarSeat
    nearness: Nearness
    shared: int
    correlation: str
    one_in: int


class SimilarityShown(Shown):
    """The last comparison of an exam, if there was one; `busy` while another is being made. `timed` is None where times
    were not compared yet."""

    exam_id: int
    exam_name: str
    busy: bool
    may_ask: bool
    made_at: datetime | None
    candidates: int
    compared: int
    pairs: list[SimilarPairShown]
    timed: list[TimedPairShown] | None


class ComparisonAsked(Done):
    """`id` is the job."""

    exam_id: int
