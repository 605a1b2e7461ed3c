"""What a start, a save and a hand-in cost must not depend on how much is stored: each statement walks along keys."""

import importlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg

from app.attempts import wires
from app.attempts.wires import Statement
from app.operation import House

MODULES = (
    "app.attempts.acts",
    "app.attempts.check_ins",
    "app.attempts.lanes",
    "app.attempts.starts",
    "app.attempts.endings",
    "app.attempts.service.sweeper",
    "app.grading.marking",
)
ALL = {
    one.name.decode(): one
    for name in MODULES
    for one in vars(importlib.import_module(name)).values()
    if isinstance(one, Statement)
}


def test_all_statements_of_the_hot_path_are_looked_at() -> None:
    assert {"hold", "newest", "start_callers", "start_seats", "start_begin", "endings", "ending_fold"} <= ALL.keys()
    assert len(ALL) >= 20


def walk(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from walk(part)


def walked(connection: "psycopg.Connection[Any]", statement: Statement) -> list[str]:
    """The tables that PostgreSQL would walk through for it."""
    connection.execute(b"PREPARE asked (text) AS " + statement.postgresql)
    ((told,),) = connection.execute("EXPLAIN (FORMAT JSON) EXECUTE asked ('[]')").fetchall()
    connection.execute("DEALLOCATE asked")
    plans = told if isinstance(told, list) else json.loads(told)
    nodes = [node for plan in plans for node in walk(plan["Plan"])]
    scans = [node for node in nodes if node["Node Type"] in {"Seq Scan", "Index Scan", "Index Only Scan"}]
    return [f"{node['Node Type']} {node['Alias']}" for node in scans if "Index Cond" not in node]


def test_no_statement_reads_a_table_from_end_to_end(house: House) -> None:
    """Not even while there is next to nothing in it, as on the morning of an exam."""
    whole = dict[str, list[str]]()
    if house.database.dialect == "sqlite":
        with closing(sqlite3.connect(house.database.url.database or "")) as connection:
            for name, statement in ALL.items():
                plan = connection.execute("EXPLAIN QUERY PLAN " + statement.sqlite, ("[]",)).fetchall()
                read = [row[3] for row in plan if row[3].startswith("SCAN ") and "VIRTUAL TABLE" not in row[3]]
                known = ("SCAN held", "SCAN looked", "SCAN found", "SCAN k", "SCAN CONSTANT ROW")
                if read := [line for line in read if not line.startswith(known)]:
                    whole[name] = read
    else:
        url = house.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with closing(psycopg.connect(url, autocommit=True, options=wires._BY_KEYS)) as connection:
            for name, statement in ALL.items():
                if read := walked(connection, statement):
                    whole[name] = read
            with connection.transaction(force_rollback=True):
                connection.execute("ANALYZE answer_journal, response")  # now they count as empty for good
                for name in ("ending_fold", "ending_responses", "newest_of"):
                    if read := set(walked(connection, ALL[name])) - {"Index Scan j"}:
                        whole[f"{name}, at the bell"] = sorted(read)
    assert whole == {}


def test_a_plan_is_made_anew_before_it_is_old(house: House) -> None:
    wire = wires.open_wire(house.database.url)
    try:
        for age in (0.0, wires.FIRST_PLAN_SECONDS + 1.0, 0.0):
            if isinstance(wire, wires.PostgresWire):
                wire._planned_at -= age
            wire.begin()
            assert wire.ask(wires.Question(ALL["newest"], [(1, 2, 3)])) == [[None]]
            wire.commit()
        if isinstance(wire, wires.PostgresWire):
            assert wire._lasting == 2 * wires.FIRST_PLAN_SECONDS
    finally:
        wire.close()
