"""What every test can ask for: databases on both dialects, a durable PostgreSQL, a browser, the real data."""

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from app.operation import House
from tests.support.chromium import launch_chromium, require_chromium
from tests.support.client import Client
from tests.support.databases import DIALECTS, MIGRATED, Databases
from tests.support.grounds import Ground
from tests.support.house import open_house
from tests.support.personas import Persona, open_browsers
from tests.support.postgres import PostgresServer, TestRun
from tests.support.skipping import pytest_make_collect_report, pytest_runtest_makereport, pytest_terminal_summary
from tests.support.sockets import close_to_outsiders
from tests.support.statements import share_compiled_statements

_PATIENT = {"browser", "commands", "demo", "faults", "simulation", "walkthroughs"}
"""Folders whose tests start processes or play whole days."""
RUN = pytest.StashKey[Path]()
OPEN_RUN = pytest.StashKey[TestRun]()
__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport", "pytest_terminal_summary"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-maps` writes the committed maps of the house anew, to be read in the diff."""
    parser.addoption("--update-maps", action="store_true", help="write tests/maps/*.txt anew")


def pytest_configure(config: pytest.Config) -> None:
    """Close the sockets, and open the folder that the processes of this run share (only the first process opens it)."""
    gc.disable()  # until everything is collected: what is read by then stays
    close_to_outsiders()
    share_compiled_statements()
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    if given:
        config.stash[RUN] = Path(given["run"])
        return
    run = TestRun()
    config.stash[RUN], config.stash[OPEN_RUN] = run.folder, run


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the folder is."""
    node.workerinput["run"] = str(node.config.stash[RUN])


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run, after ctrl-C too."""
    run = config.stash.get(OPEN_RUN, None)
    if run:
        with closing(Databases(run.folder)) as databases:
            databases.clear()
        run.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each worker an equal part of the modules that start processes and browsers, and let it begin with them: they
    wait more than they compute, and at the end of a run short tests fill the cores. Last, when those are gone that this
    run leaves out: what is dealt here has to be what is run."""
    slow = {item.path for item in items if item.get_closest_marker("browser") or item.get_closest_marker("fault")}
    slow |= {item.path for item in items if _PATIENT & set(item.path.parts)}
    modules = dict.fromkeys(item.path for item in items)
    waiting = [path for path in modules if path in slow]
    rest = [item for item in items if item.path not in slow]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    share, dealt = -(-len(items) // workers), list[pytest.Item]()
    for worker in range(workers):
        own = set(waiting[worker::workers])
        part = [item for item in items if item.path in own]
        room = max(share - len(part), 0)
        dealt += [*part, *rest[:room]]
        del rest[:room]
    items[:] = dealt + rest


def pytest_collection_finish() -> None:
    """Leave what lives as long as the run to itself: looking through it again and again was a tenth of the work, and
    what tests leave in circles, a few MB a hundred of them, is looked for when there is more of it."""
    gc.freeze()
    gc.set_threshold(500_000, 5, 10)
    gc.enable()


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest) -> Path:
    """The folder that all processes of this run share, for what is made once a run."""
    return request.config.stash[RUN]


@pytest.fixture(scope="session")
def databases(run_folder: Path) -> Iterator[Databases]:
    """Where fresh databases come from; for module fixtures and for templates of one's own."""
    with closing(Databases(run_folder)) as source:
        yield source


@pytest.fixture
def ground() -> Ground[Any] | None:
    """What the databases and houses of a test hold from the start; its folder or module may say more than nothing."""
    return None


@pytest.fixture(params=DIALECTS)
def database_url(request: pytest.FixtureRequest, databases: Databases, ground: Ground[Any] | None) -> Iterator[str]:
    """A migrated database of one's own; the test runs once per dialect (P51)."""
    with databases.fresh(request.param, ground.template if ground else MIGRATED) as url:
        yield url


@pytest.fixture(params=DIALECTS)
def empty_database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A database without any table; the test runs once per dialect."""
    with databases.fresh(request.param, None) as url:
        yield url


@pytest.fixture
def sqlite_url(databases: Databases) -> Iterator[str]:
    """A migrated SQLite database, for what only SQLite has."""
    with databases.fresh("sqlite") as url:
        yield url


@pytest.fixture
def postgresql_url(databases: Databases) -> Iterator[str]:
    """A migrated PostgreSQL database, for what only PostgreSQL has."""
    with databases.fresh("postgresql") as url:
        yield url


@pytest.fixture
def durable_postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL of one's own that keeps what it acknowledged; the test may `kill()` and `start()` it."""
    with tempfile.TemporaryDirectory(prefix="chizheng-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        server = PostgresServer(Path(folder) / "pg", durable=True)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files that are not part of the repository."""
    folder = os.environ.get("CHIZHENG_REAL_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip(
            "CHIZHENG_REAL_DATA 未指向真实数据文件夹 / CHIZHENG_REAL_DATA does not name the folder of real data"
        )
    return Path(folder)


# Per module, not per session: while Playwright's synchronous side is open, asyncio.run() does not work in this thread.
@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium; make a context of your own in it, and close it."""
    with launch_chromium(require_chromium(), tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house over a fresh database, with a clock that stands still; once per dialect."""
    with open_house(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def sqlite_house(databases: Databases, ground: Ground[Any] | None, tmp_path: Path) -> Iterator[House]:
    """The same on SQLite alone, for what does not touch the database's ways."""
    with (
        databases.fresh("sqlite", ground.template if ground else MIGRATED) as url,
        open_house(url, tmp_path) as opened,
    ):
        yield opened


@pytest.fixture
def browsers(house: House) -> Iterator[Callable[[Persona | None], Client]]:
    """Opens browsers of the application over `house`."""
    with open_browsers(house) as opened:
        yield opened
