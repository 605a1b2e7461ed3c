"""One import of a large workbook in a process of its own, and the bare chain beside it: processor time and memory.

The processor time is that of everybody who works for it: the process, the child that reads, and PostgreSQL.
"""

import os
import resource
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from app.authoring.models import BankImport
from app.authoring.rules import ImportState
from app.authoring.service.import_jobs import actor_of, wait_to_commit, wait_to_read
from app.authoring.uploads import UnreadFile
from app.commands.collector import leave_what_stays
from app.operation import acting_as
from app.wiring import make_worker
from benchmarks.ground import open_house
from benchmarks.places import Place
from benchmarks.processes import children_of, computed_by
from tests.support.author_group import make_group

_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Spent:
    """Processor seconds of reading and of committing (the chain has one of them), and the reader's peak in bytes."""

    reading: float
    committing: float = 0.0
    peak: int = 0

    @property
    def whole(self) -> float:
        """All of it."""
        return self.reading + self.committing


@dataclass(frozen=True)
class Author:
    """Whose import it is, and into which bank."""

    account_id: int
    bank_id: int


def make_author(place: Place) -> Author:
    """An author of an empty bank: no item of an import stands there already."""
    with open_house(place) as opened:
        group = make_group(opened.house)
        return Author(group.author.account_id, group.bank_id)


def hire_importer() -> ProcessPoolExecutor:
    """A process for one import, fresh: what it holds and computes is the import's alone."""
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), max_tasks_per_child=1)


def load_service() -> None:
    """Nothing: whoever calls this in another process has loaded the service there."""


def bring_in(place: Place, author: Author, workbook: Path, items: int) -> Spent:
    """Upload, read, look through, commit and tidy up, as the worker does it. Raises RuntimeError where it was not all
    of the items that came in."""
    peak = _Peak()
    with open_house(place) as opened:
        house, worker = opened.house, make_worker(opened.house)
        with house.database.transaction(reading=True) as db:
            actor = actor_of(db, author.account_id)
        leave_what_stays()
        before = _computed(place)
        with acting_as(house, "bench", actor=actor) as op:
            file = UnreadFile(workbook.name, workbook.read_bytes())
            import_id = wait_to_read(op, bank_id=author.bank_id, file=file).id
        with peak:
            worker.drain()
        between = _computed(place)
        with acting_as(house, "bench", actor=actor) as op:
            wait_to_commit(op, import_id=import_id, seen=items, submit=True)
        worker.drain()
        after = _computed(place)
        with house.database.transaction(reading=True) as db:
            found = db.get_one(BankImport, import_id)
            if (found.state, found.figures.get("committed")) != (ImportState.COMMITTED, items):
                raise RuntimeError(f"the import is {found.state}: {found.figures}")
    return Spent(between - before, after - between, peak.bytes)


def run_bare(place: Place, workbook: Path) -> Spent:
    """The chain into an empty table."""
    from benchmarks.yardsticks.imports import empty_chain, run_chain

    empty_chain(place.yard_url)
    content, before = workbook.read_bytes(), _computed(place)
    run_chain(place.yard_url, content)
    return Spent(_computed(place) - before)


def _computed(place: Place) -> float:
    own = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    spent: float = sum(used.ru_utime + used.ru_stime for used in own)
    return spent + computed_by(place.server_pid)


class _Peak:
    """The largest that any child of this process ever was, looked at while it lives."""

    def __init__(self) -> None:
        self.bytes = 0
        self._over = threading.Event()

    def __enter__(self) -> None:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            self.bytes = max(self.bytes, *(_resident(pid) for pid in children_of(os.getpid())), 0)


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)
