"""What is noticed of a sitting in the demo, and what one candidate says to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.attempts.signals.gathering import Signals
from app.attempts.signals.rules import Claim, SignalKind
from app.attempts.signals.service import answer
from app.demo.stage import DEMO, Player, Stage
from app.exams.queries.seats import Seat
from app.operation import acting_as

_AWAY = ((4, 12, Claim(1, 6)), (4, 31, Claim(3, 41)), (17, 20, Claim(1, 9)), (38, 44, Claim(2, 95)))
"""Which candidate, how many minutes after the start, and what their page says by then."""
_DEVICE = 17


def notice(stage: Stage, sat: Sequence[tuple[Player, Seat]], *, starts_at: datetime) -> None:
    """A few who sat left the page, one opened the exam on a telephone too; the first of them says why."""
    signals = stage.house.tool(Signals)
    for place, minutes, said in _AWAY:
        seat = sat[place % len(sat)][1]
        signals.claim(seat.registration_id, 1, {SignalKind.AWAY: said}, starts_at + timedelta(minutes=minutes))
    signals.see_device(sat[_DEVICE % len(sat)][1].registration_id, 1, starts_at + timedelta(minutes=3))
    signals.flush(stage.house.database)
    player, seat = sat[_AWAY[0][0] % len(sat)]
    with acting_as(stage.house, DEMO) as op:
        own = replace(op, actor=stage.actor(op, player))
        words = "系统弹出更新窗口，我把它关掉后继续答题，监考员当时在旁边。"
        answer(own, registration_id=seat.registration_id, kind=SignalKind.AWAY, words=words)
