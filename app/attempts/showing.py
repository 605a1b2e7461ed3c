"""An attempt as its candidate sees it, from what was read of it by either way of reading."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from app.attempts.messages import AttemptShown, HandInShown, SavedResponse
from app.attempts.responses import answered
from app.attempts.rules import AttemptState, Closed, Closing, Phase, Stored, Window, phase, reckon


class Run(Protocol):
    """What is shown of an attempt; a row of its table, or what a lane read of it."""

    @property
    def id(self) -> int:
        """Its id."""
        ...

    @property
    def state(self) -> AttemptState:
        """Where it stands."""
        ...

    @property
    def started_at(self) -> datetime:
        """The start."""
        ...

    @property
    def deadline_at(self) -> datetime:
        """The deadline."""
        ...

    @property
    def epoch(self) -> int:
        """The writing session's epoch."""
        ...

    @property
    def closed_at(self) -> datetime | None:
        """As of when it was closed."""
        ...

    @property
    def closing(self) -> Closing | None:
        """How it was closed."""
        ...

    @property
    def receipt_code(self) -> str | None:
        """The short code of the end."""
        ...

    @property
    def paused_at(self) -> datetime | None:
        """Since when its clock stands still."""
        ...


def show_attempt(
    run: Run,
    window: Window,
    *,
    duration: timedelta,
    granted: timedelta,
    paused: timedelta,
    writing: bool,
    now: datetime,
    view: msgspec.Raw | None,
    saved: Mapping[int, Stored],
) -> AttemptShown:
    """The attempt with its form's `view`, where it is to be shown, and what is `saved`, by position. During a pause
    its deadline is what it would be if the clock went on now."""
    at = reckon(now, paused_at=run.paused_at)
    stage = phase(window, started=run.started_at, duration=duration, granted=granted, paused=paused, now=at)
    return AttemptShown(
        attempt_id=run.id,
        state=run.state.value,
        phase=(stage.phase if run.state is AttemptState.OPEN else Phase.OVER).value,
        epoch=run.epoch,
        writing=writing,
        now=now,
        started_at=run.started_at,
        deadline_at=run.deadline_at + (now - at),
        paused=run.paused_at is not None,
        hand_in_from=window.hand_in_from,
        closed_at=run.closed_at,
        closing=run.closing.value if run.closing else None,
        receipt_code=run.receipt_code,
        view=view,
        responses=[
            SavedResponse(position, stored.revision, msgspec.Raw(stored.response.encode()), stored.at)
            for position, stored in saved.items()
        ],
    )


def show_hand_in(
    attempt_id: int,
    responses: Mapping[int, str],
    *,
    closed_at: datetime | None,
    closing: Closing | None,
    receipt_code: str | None,
) -> HandInShown:
    """The end of an attempt. Raises Closed where it has not ended by a hand-in or at its deadline."""
    if closed_at is None or closing is None:
        raise Closed
    return HandInShown(
        attempt_id=attempt_id,
        state=AttemptState.CLOSED.value,
        closed_at=closed_at,
        closing=closing.value,
        receipt_code=receipt_code or "",
        answered=answered(list(responses.values())),
    )
