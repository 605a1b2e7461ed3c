"""Which yardsticks stand beside which measurement, and how they are driven."""

import asyncio
import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from benchmarks import legs
from benchmarks.generator import Tally
from benchmarks.pairs import Leg
from benchmarks.places import SQLITE
from benchmarks.processes import Running
from benchmarks.stage import Stage
from benchmarks.yardsticks import answers, storms
from tests.support.postgres import find_binaries

N, R, P = "naive N", "bare R", "pgbench P"
_UPSERT = """
\\set a random(1, 6000)
\\set q random(1, 50)
\\set s random(1, 2000000000)
insert into answers(attempt_id,qno,answer,seq) values(:a,:q,'B',:s)
  on conflict(attempt_id,qno) do update set answer=excluded.answer,seq=excluded.seq,saved_at=now();
"""
Beside = dict[str, tuple[Leg, Running | None]]


def lacking(*modules: str) -> str:
    """The sentence for what this machine lacks of these modules; empty where it has them all."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    return f"not measured: {', '.join(missing)} not installed (`make bench` installs it)" if missing else ""


def save_yards(stage: Stage, *, pages: bool) -> Beside:
    """N and R of a save, on the database of the stage."""
    lite = stage.place.kind == SQLITE
    if lacking("aiosqlite" if lite else "asyncpg"):
        return {}
    if not lite:
        stage.once("answers", lambda: asyncio.run(answers.prepare_postgres(stage.place.yard_url)))
    end = "lite" if lite else "pg"
    cookie = answers.cookie()

    def beside(name: str) -> tuple[Leg, Running]:
        server = stage.yard("answers", name, stage.place.yard_url)

        def leg(_turn: int) -> Tally:
            return stage.drive(
                legs.yard_saves, server.port, cookie, stage.scale.seconds, stage.scale.connections, pages=pages
            )

        return leg, server

    yards: Beside = {R: beside(f"ref_{end}"), N: beside(f"naive_{end}")}
    if not lite and not pages and (pgbench := find_pgbench()):
        yards[P] = (lambda _turn: run_pgbench(stage, pgbench), None)
    return yards


def storm_yards(stage: Stage, *, submit: bool) -> Beside:
    """N and R of a start or a hand-in; both know PostgreSQL only, and stand beside either database."""
    if lacking("asyncpg", "numpy"):
        return {}
    address = stage.other.yard_url
    prepare_storm(stage)

    def beside(name: str) -> tuple[Leg, Running]:
        server = stage.yard("storms", name, address)
        # The naive version takes long: it is asked for fewer.
        each = stage.scale.chunk // 4 if name == "naive" else stage.scale.chunk

        def leg(turn: int) -> Tally:
            first = turn * each + (1 if name == "fast" else 1_000_000) + stage.offset
            users = range(first, first + each)
            if submit:
                stage.drive(legs.yard_storm, server.port, users, stage.scale.connections, submit=False)
            return stage.drive(legs.yard_storm, server.port, users, stage.scale.connections, submit=submit)

        return leg, server

    stage.offset += (stage.scale.pairs + 1) * stage.scale.chunk
    return {R: beside("fast"), N: beside("naive")}


def prepare_storm(stage: Stage) -> None:
    """The tables of `storms` and `listings`, made anew for this run."""
    stage.once("storms", lambda: asyncio.run(storms.prepare(stage.other.yard_url)))


def listing_yard(stage: Stage, name: str) -> tuple[Leg, Running] | None:
    """One of the yardsticks of a list, on PostgreSQL; None where this machine lacks what it needs."""
    if lacking("asyncpg", "numpy"):
        return None
    prepare_storm(stage)
    server = stage.yard("listings", name, stage.other.yard_url)
    seconds = stage.scale.seconds
    return lambda _turn: stage.drive(legs.keep_asking, server.port, "/", b"", seconds=seconds, connections=16), server


def find_pgbench() -> Path | None:
    """PostgreSQL's own load tool, where this machine has it; it need not be the server's release."""
    beside = find_binaries() / "pgbench"
    found = str(beside) if beside.exists() else shutil.which("pgbench")
    return Path(found) if found else None


def run_pgbench(stage: Stage, pgbench: Path) -> Tally:
    """One upsert a commit from 32 clients: what the database does when nothing stands before it."""
    script = stage.place.folder / "upsert.sql"
    script.write_text(_UPSERT)
    whole = max(1, round(stage.scale.seconds))
    done = subprocess.run(
        [pgbench, "-n", "-M", "prepared", "-c", "32", "-T", str(whole), "-f", script, stage.place.yard_url],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if rate is None:
        return Tally(errors=1, first_error=done.stderr[-300:] or "pgbench said nothing", seconds=1.0)
    return Tally(requests=round(float(rate[1]) * whole), seconds=float(whole))
