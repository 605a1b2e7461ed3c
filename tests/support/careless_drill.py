"""An instance of a drill that is the broken build: it acknowledges saves before their commit."""

import sys
from typing import Any

from app.attempts.journal import Journal
from app.commands import service
from app.drill.rehearsal import instance
from app.grading.marking import Marker
from app.main import make_house
from app.operation import House
from app.settings import Settings
from tests.support.broken_builds import CarelessJournal


def careless_house(settings: Settings) -> House:
    house = make_house(settings)
    tools: dict[type, Any] = house.tools
    tools[Journal] = CarelessJournal(house.database.url, settings, mark=Marker(house))
    return house


if __name__ == "__main__":
    service.make_house = careless_house
    sys.exit(instance.main())
