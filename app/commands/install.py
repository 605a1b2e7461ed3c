"""What a database needs before the service can run on it: schema, guarded audit log, signing keys, working calendar."""

from app.audit.guard import put_back_triggers
from app.database import upgrade
from app.operation import House, acting_as
from app.people.workdays import fill_calendar
from app.security.signing_keys import KeyPurpose, Keyring

FIRST_YEAR, LAST_YEAR = 2020, 2027
"""The years whose holidays are known to law or announced as this release was made; people enter the later ones."""


def prepare(house: House) -> None:
    """Bring the database to this release and furnish it; harmless to repeat, what people changed stays."""
    upgrade(house.database.url.render_as_string(hide_password=False))
    with acting_as(house, "install") as op:
        put_back_triggers(op.db)
        for purpose in KeyPurpose:
            house.tool(Keyring).current(op.db, purpose, now=op.now)
        fill_calendar(op, range(FIRST_YEAR, LAST_YEAR + 1))
