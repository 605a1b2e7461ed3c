"""Statements that are compiled once: for what is asked on every request, building a statement and finding its compiled
form costs many times what the database needs to answer it.

They are written with SQLAlchemy like all others and named `bindparam`s stand where values go; lists of values (`IN`)
have no place in them, for their length changes the text. Values that a statement was built with stand in its text:
both databases plan by them, and SQLite plans anew for each question whose values its plan rests on. Only reading ones
belong here: what the session holds unwritten is not flushed for them, and what a session adds to every query is not
added.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Connection, Dialect, Enum, SelectBase
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Change = Callable[[Any], Any]


@dataclass(frozen=True)
class _Compiled:
    """The statement as one driver takes it."""

    text: str
    names: tuple[str, ...] | None
    """The values in their order, where the driver takes them by place; None where it takes them by name."""
    given: Mapping[str, Change]
    """How the driver takes the values given, where it takes them otherwise."""
    shown: tuple[tuple[int, Change], ...]
    """How columns are read that the driver gives otherwise than they are meant."""


@dataclass
class Statement:
    """A SELECT, or a union of some, to be asked again and again."""

    built: SelectBase
    _compiled: dict[str, _Compiled] = field(default_factory=dict)

    def rows(self, db: Session, **values: Any) -> Sequence[tuple[Any, ...]]:
        """The rows for these values, in the session's transaction: moments and days as themselves, words of closed sets
        as plain text."""
        connection = db.connection()
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = self._compiled[connection.dialect.name] = _compile(self.built, connection.dialect)
        for name, change in compiled.given.items():
            values[name] = change(values[name])
        driven = values if compiled.names is None else tuple([values[name] for name in compiled.names])
        rows = _ask(connection, compiled.text, driven)
        return [_read(row, compiled.shown) for row in rows] if compiled.shown else rows


def _ask(connection: Connection, text: str, driven: Any) -> Sequence[Any]:
    """What the driver answers, asked without SQLAlchemy's way there, which costs as much as the answer, unless somebody
    listens along that way; its errors are told in SQLAlchemy's words, like all others."""
    if connection.dispatch.before_cursor_execute:
        return connection.exec_driver_sql(text, driven).fetchall()
    driver: Any = connection.connection.driver_connection
    dialect: Any = connection.dialect
    try:
        rows: Sequence[Any] = driver.execute(text, driven).fetchall()
    except dialect.dbapi.Error as error:
        lost = dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text, None, error, dialect.dbapi.Error, hide_parameters=True, connection_invalidated=lost, dialect=dialect
        ) from error
    return rows


def _read(row: tuple[Any, ...], shown: tuple[tuple[int, Change], ...]) -> tuple[Any, ...]:
    values = list(row)
    for place, change in shown:
        values[place] = change(values[place])
    return tuple(values)


def _compile(built: SelectBase, dialect: Dialect) -> _Compiled:
    compiled: Any = _compiler(dialect)(dialect, built)
    if compiled.post_compile_params:
        raise ValueError("a list of values changes the text of a statement")
    given = {}
    for name, bind in compiled.binds.items():
        change = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if change is not None:
            given[name] = change
    shown = []
    for place, column in enumerate(built.selected_columns):
        change = (
            None if isinstance(column.type, Enum) else column.type.dialect_impl(dialect).result_processor(dialect, None)
        )
        if change is not None:
            shown.append((place, change))
    names = tuple(compiled.positiontup) if compiled.positiontup is not None else None
    return _Compiled(str(compiled), names, given, tuple(shown))


def _compiler(dialect: Dialect) -> Any:
    """The dialect's own compiler, which writes the values that a statement was built with into its text."""
    ordinary: Any = dialect.statement_compiler

    class Settled(ordinary):  # type: ignore[misc]  # each dialect has its own
        def visit_bindparam(self, bindparam: BindParameter[Any], literal_binds: bool = False, **how: Any) -> str:
            text: str = super().visit_bindparam(bindparam, literal_binds=literal_binds or not bindparam.required, **how)
            return text

    return Settled
