"""Many rows of one table at once: COPY on PostgreSQL, one prepared statement on SQLite, behind one door."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Column, Table, func, select, text
from sqlalchemy.orm import Session

_NEXT_IDS = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")


def write_rows(db: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows by the driver itself. The values are those that the columns hold as the database has them: texts,
    whole numbers, truth values, None, and what `stored` makes of anything else."""
    given = [tuple(row) for row in rows]
    if not given:
        return
    connection = db.connection()
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        driver = cast("Any", connection.connection.driver_connection)
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in given:
                copy.write_row(row)
        return
    held = ", ".join("?" for _ in columns)
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({held})", given)


def next_ids(db: Session, table: Table, count: int) -> list[int]:
    """Ids for so many rows that are written next, in this transaction."""
    if db.get_bind().dialect.name == "postgresql":
        return list(db.scalars(_NEXT_IDS, {"table": table.name, "count": count}))
    # A writer has SQLite for itself, and it gives the next id after the largest, too.
    last = db.scalar(select(func.max(table.c.id))) or 0
    return list(range(last + 1, last + 1 + count))


def stored(db: Session, column: Column[Any], value: Any) -> Any:
    """A value as the database has it in this column."""
    dialect = db.get_bind().dialect
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    return process(value) if process else value
