"""Sign-ins with ticket and code in one batch: each guess counts, a code opens one session, whoever else types it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import LoginSession
from app.attempts.acts import CheckIn
from app.attempts.check_ins import CheckedIn
from app.attempts.journal import Journal
from app.attempts.models import CheckInCode
from app.attempts.rules import CheckInRefused
from app.audit.models import AuditRecord
from app.errors import TooMany
from app.grading.marking import Marker
from app.operation import Caller, House
from app.security.throttle import Throttle
from tests.app.attempts.conftest import new_code
from tests.support.sealed_exam import SealedExam


def together(journals: Sequence[Journal], acts: Sequence[CheckIn]) -> list[Any]:
    """What becomes of acts that reach each of these journals at once."""

    async def run() -> list[Any]:
        both = [journal._take(act) for journal in journals for act in acts]
        return await asyncio.gather(*both, return_exceptions=True)

    return asyncio.run(run())


def test_a_code_opens_one_session_and_every_guess_of_a_batch_is_counted(house: House, exam: SealedExam) -> None:
    # P38, P39
    codes = [new_code(house, exam, number) for number in range(3)]
    tickets = [candidate.ticket_number for candidate in exam.candidates]

    def typed(ticket: str, code: str, *, address: str = "10.0.0.1") -> CheckIn:
        return CheckIn(ticket, code, Caller("", address, "test", house.clock.now()))

    other = Journal(house.database.url, house.settings, mark=Marker(house))
    try:
        acts = [typed(tickets[0], codes[0]), typed(tickets[1], codes[0]), typed("nobody\x00", codes[1])]
        acts.append(typed(tickets[0], codes[0].lower()))
        outcomes = together([house.tool(Journal), other], acts)
    finally:
        other.close()
    opened = [outcome for outcome in outcomes if isinstance(outcome, CheckedIn)]
    assert [one.registration_id for one in opened] == [exam.candidates[0].registration_id]
    assert sum(isinstance(outcome, CheckInRefused) for outcome in outcomes) == 7
    guesses = [typed(tickets[2], "2222-2222", address="10.0.0.2") for _ in range(7)]
    told = together([house.tool(Journal)], [*guesses, typed(tickets[2], codes[2], address="10.0.0.2")])
    assert [type(outcome) for outcome in told] == [CheckInRefused] * 5 + [TooMany] * 3
    elsewhere = together([house.tool(Journal)], [typed(tickets[2], codes[2], address="10.0.0.3")])
    assert isinstance(elsewhere[0], CheckedIn)
    with house.database.transaction(reading=True) as db:
        sessions = select(func.count()).select_from(LoginSession)
        assert db.scalar(sessions.where(LoginSession.address != "")) == 2
        used = db.execute(select(CheckInCode.session_id).where(CheckInCode.used_at.is_not(None))).all()
        assert len({row[0] for row in used}) == 2
        assert None not in {row[0] for row in used}
        noted = dict(
            db.execute(
                select(AuditRecord.action, func.count())
                .where(AuditRecord.action.in_(["session:refuse", "registration:check_in", "session:open"]))
                .group_by(AuditRecord.action)
            ).all()
        )
        assert noted == {"session:refuse": 12, "registration:check_in": 2, "session:open": 2}
        assert db.scalar(select(func.max(Throttle.strikes))) == 1
