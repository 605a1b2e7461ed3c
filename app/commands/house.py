"""What commands have in common: settings from the environment, a house, and its end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from app.clock import Clock
from app.commands.secrets import with_secrets
from app.errors import Conflict
from app.main import make_house
from app.operation import House
from app.settings import Settings
from app.wiring import close_house, measure_clock


class SchemaBehind(Conflict):
    """The database lacks migrations that this release has."""

    code = "schema.behind"
    zh = "数据库结构不是最新，请先运行 chizheng db migrate。"
    en = "The schema is behind this release; run `chizheng db migrate` first."


def settings() -> Settings:
    """The settings of this environment, with the demo's secrets where it names none; raises SettingsError."""
    return Settings.from_environ(with_secrets(os.environ))


@contextmanager
def opened(chosen: Settings | None = None, *, clock: Clock | None = None, migrated: bool = True) -> Iterator[House]:
    """A house over the configured database; its connections are closed afterwards.

    Raises SchemaBehind where the schema is not up to date, unless `migrated` is False.
    """
    house = make_house(chosen or settings(), clock=clock)
    try:
        if migrated and not house.database.at_head():
            raise SchemaBehind
        if migrated:
            measure_clock(house)  # also before a worker's first tick, which closes what is over
        yield house
    finally:
        close_house(house)
