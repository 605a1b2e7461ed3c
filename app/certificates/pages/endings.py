"""即将到期: for liaisons and leaders, the holders of their units whose certificates end soon."""

from app.certificates import queries
from app.certificates.pages.routes import desk
from app.certificates.rules import last_valid_day
from app.certificates.schemas import EndingShown, EndingsShown
from app.operation import Operation
from app.people import queries as people
from app.people.calendar import local_date
from app.security.permissions import Capability

PAGE = 200


@desk.view("/ending-certificates", Capability.PERSON_READ, template="certificates/endings.html")
def list_endings(op: Operation, *, after: int = 0) -> EndingsShown:
    """The certificates of persons of my units that end within the longest term of warning, in the order of issue."""
    days = max(op.settings.certificate_warning_days)
    among = people.ids_within(op.actor.scopes(Capability.PERSON_READ))
    rows = queries.list_ending(op.db, among, now=op.now, days=days, after=after, limit=PAGE + 1)
    persons = people.persons_by_id(op.db, {row.person_id for row in rows})
    units = people.units_by_id(op.db, {person.unit_id for person in persons.values()})
    today = local_date(op.now)
    return EndingsShown(
        endings=[
            EndingShown(
                person_id=row.person_id,
                name=persons[row.person_id].name,
                unit_name=units[persons[row.person_id].unit_id].name,
                number=row.number,
                level=row.level,
                valid_until=last_valid_day(row.valid_until),
                days_left=(last_valid_day(row.valid_until) - today).days,
            )
            for row in rows[:PAGE]
        ],
        days=days,
        next_after=rows[PAGE - 1].id if len(rows) > PAGE else 0,
    )
