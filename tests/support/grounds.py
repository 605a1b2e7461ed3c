"""What many tests start from, made once by each process of the tests and copied for each test: its rows as a database
is copied, its few files, and what the test knows of them by pickling.

    EXAM = Ground("exam", make_sealed_exam)

    @pytest.fixture
    def ground(request):
        return EXAM if "exam" in request.fixturenames else None

    @pytest.fixture
    def exam(house):
        return EXAM.stand_on(house)

The fixtures of databases and houses ask the fixture `ground` what their database holds.
"""

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, TypeVar

from app.clock import ManualClock
from app.operation import House
from tests.support.databases import MIGRATED, Template
from tests.support.house import open_house

T = TypeVar("T")


@dataclass(frozen=True)
class _Kept:
    told: bytes
    files: dict[Path, bytes]


class Ground(Generic[T]):
    """The rows and files that `make` leaves in a fresh house, and what it tells of them.

    Once a process, not once a run: names and numbers are counted in each process, and those of one database must come
    from one count. `make` tells values; where these name the house, each test's own is put in. It may move the clock:
    tests begin at the moment at which it ended.
    """

    def __init__(self, name: str, make: Callable[[House], T]) -> None:
        self.template = Template(f"{name}-{os.getpid()}", self._build, base=MIGRATED)
        self._make = make
        self._kept: dict[str, _Kept] = {}

    def stand_on(self, house: House) -> T:
        """What `make` told, in a house over a copy of the template; lays its files there, and sets its clock."""
        assert isinstance(house.clock, ManualClock)
        kept = self._kept[house.database.dialect]
        for path, content in kept.files.items():
            target = _folder_of(house) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        told, now = _Reader(BytesIO(kept.told), house).load()
        house.clock.set(now)
        made: T = told
        return made

    def _build(self, url: str) -> None:
        with TemporaryDirectory() as folder, open_house(url, Path(folder)) as house:
            told = BytesIO()
            _Writer(told, house).dump((self._make(house), house.clock.now()))
            files = {path.relative_to(folder): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}
            self._kept[house.database.dialect] = _Kept(told.getvalue(), files)


def _folder_of(house: House) -> Path:
    """The one folder in which `open_house` has placed all that is not rows."""
    return house.settings.data_folder.parent


class _Writer(pickle.Pickler):
    def __init__(self, file: BytesIO, house: House) -> None:
        super().__init__(file)
        self._house = house

    def persistent_id(self, obj: Any) -> str | None:
        return "house" if obj is self._house else None


class _Reader(pickle.Unpickler):
    def __init__(self, file: BytesIO, house: House) -> None:
        super().__init__(file)
        self._house = house

    def persistent_load(self, _: Any) -> House:
        return self._house
