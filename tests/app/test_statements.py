"""Statements that are compiled once: what stands in their text, and what becomes of an error."""

import pytest
from sqlalchemy import bindparam, event, func, literal_column, select, text
from sqlalchemy.exc import DBAPIError

from app.errors import Unavailable
from app.people.models import Unit
from app.people.rules import UnitKind
from app.statements import Statement

ODD = "50% 'of' \\ all"
NAMED = Statement(select(Unit.name, literal_column("1")).where(Unit.id == bindparam("id"), Unit.name != ODD))


def test_what_a_statement_was_built_with_stands_in_its_text(house):  # P51
    with house.database.transaction() as db:
        kept, odd = (
            Unit(name=name, kind=UnitKind.TOWNSHIP, path=f"/{name}/", headcount=1, quota_posts=1)
            for name in ("街道", ODD)
        )
        db.add_all([kept, odd])
        db.flush()
        rows = NAMED.rows(db, id=kept.id)
        assert (rows, NAMED.rows(db, id=odd.id)) == ([("街道", 1)], [])
        compiled = NAMED._compiled[house.database.dialect]
        assert "''of''" in compiled.text
        heard = []
        event.listen(house.database.engine, "before_cursor_execute", lambda *a: heard.append(a[2]))
        assert [tuple(row) for row in NAMED.rows(db, id=kept.id)] == rows
        assert heard == [compiled.text]
        with pytest.raises(ValueError, match="a list of values"):
            Statement(select(Unit.id).where(Unit.id.in_(bindparam("ids", expanding=True)))).rows(db, ids=[1])


def ask_when_cut_off(house):
    with house.database.transaction(reading=True) as db, house.database.transaction() as other:
        backend = db.scalar(text("SELECT pg_backend_pid()"))
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})
        NAMED.rows(db, id=1)


def test_an_error_is_told_like_all_others(house):
    wrong = Statement(select(literal_column("no_such_column")))
    with pytest.raises(DBAPIError, match="no_such_column"), house.database.transaction(reading=True) as db:
        wrong.rows(db)
    if house.database.dialect == "postgresql":
        with pytest.raises(Unavailable):
            ask_when_cut_off(house)
    with house.database.transaction(reading=True) as db:
        assert NAMED.rows(db, id=0) == []


def test_what_is_prepared_outlives_transactions_that_only_read(house):
    plans = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT unit.name%'"
    prepared = text("SELECT 1" if house.database.dialect == "sqlite" else plans)  # SQLite's driver keeps its own

    def ask():
        with house.database.transaction(reading=True) as db:
            db.add(Unit(name="留不住", kind=UnitKind.TOWNSHIP, path="/y/", headcount=1, quota_posts=1))
            db.flush()
            return len(NAMED.rows(db, id=0)), db.scalar(prepared), db.scalar(select(func.count(Unit.id)))

    assert [ask() for _ in range(7)][-1] == (0, 1, 1)  # prepared when asked five times; what was written is gone
    with pytest.raises(DBAPIError), house.database.transaction(reading=True) as db:
        db.execute(text("SELECT no_such_column"))
    assert ask()[1] == (house.database.dialect == "sqlite")
