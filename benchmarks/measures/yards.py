"""Which yardsticks stand beside which measurement, and how they are driven."""

import asyncio
import importlib.util

from benchmarks import legs
from benchmarks.generator import Tally
from benchmarks.pairs import Leg
from benchmarks.places import SQLITE
from benchmarks.processes import Running
from benchmarks.stage import Stage
from benchmarks.yardsticks import answers

N, R = "naive N", "bare R"
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

    return {R: beside(f"ref_{end}"), N: beside(f"naive_{end}")}
