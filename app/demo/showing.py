"""Who to sign in as: one person of each role of staff, and candidates who each stand at another place of the way."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.accounts.queries import accounts_of_person, accounts_with_role, find_account, grants_of
from app.clearance.queries import checks_awaiting_person
from app.exams import queries as exams
from app.exams.queries.seats import list_rooms, seats_in_room
from app.exams.rules import ExamState
from app.operation import Operation
from app.security.permissions import ROLE_WORDS, STAFF, Role


@dataclass(frozen=True)
class Guest:
    """A log-in that a visitor may use, and what can be seen with it, in both languages. Staff need a code too."""

    zh: str
    en: str
    account_id: int
    login: str
    staff: bool


def guests(op: Operation) -> list[Guest]:
    """The log-ins to print at a start of the demo; empty where the database holds no demo."""
    found = []
    for role in Role:
        if role in STAFF and (accounts := accounts_with_role(op.db, role)):
            account = find_account(op.db, op.actor, min(accounts))
            found.append(Guest(*ROLE_WORDS[role], account.id, account.login, staff=True))
    return [*found, *_candidates(op)]


def _candidates(op: Operation) -> Iterator[Guest]:
    """One in each room of the next sitting, one with an outcome to answer, one who holds a certificate."""
    rooms = [room for room in list_rooms(op.db, op.actor) if room.ends_at > op.now]
    for room in rooms:
        place = ("远程考场", "remote") if room.remote else ("现场考场", "on site")
        for seat in seats_in_room(op.db, room.room_id)[:1]:
            yield from _guest(
                op, seat.person_id, f"考生（今日考试，{place[0]}）", f"Candidate (sits today, {place[1]})"
            )
    sealed = exams.exams_in(op.db, ExamState.SEALED)
    persons = [r.person_id for exam in sealed for r in exams.confirmed_registrations(op.db, exam.id)]
    for person_id in dict.fromkeys(persons):
        if checks_awaiting_person(op.db, person_id):
            yield from _guest(op, person_id, "考生（可陈述申辩）", "Candidate (may answer an outcome)")
            break
    if persons:
        yield from _guest(op, persons[0], "考生（首次考试）", "Candidate (of the first exam)")


def _guest(op: Operation, person_id: int, zh: str, en: str) -> Iterator[Guest]:
    for account in accounts_of_person(op.db, person_id):
        if any(grant.role is Role.CANDIDATE for grant in grants_of(op.db, account.id)):
            yield Guest(zh, en, account.id, account.login, staff=False)
