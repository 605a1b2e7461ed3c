"""Statements that are compiled once: for what is asked on every request, building a statement and finding its compiled
form costs many times what the database needs to answer it.

They are written with SQLAlchemy like all others and named `bindparam`s stand where values go; lists of values (`IN`)
have no place in them, for their length changes the text. Only reading ones belong
here: what the session holds unwritten is not flushed for them, and what a session adds to every query is not added.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Dialect, Enum, SelectBase
from sqlalchemy.orm import Session

Change = Callable[[Any], Any]


@dataclass(frozen=True)
class _Compiled:
    """The statement as one driver takes it."""

    text: str
    names: tuple[str, ...] | None
    """The values in their order, where the driver takes them by place; None where it takes them by name."""
    fixed: Mapping[str, Any]
    """Values that the statement was built with, as the driver takes them."""
    given: Mapping[str, Change]
    """How the driver takes those given at each call, where it takes them otherwise."""
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
        bound = {**compiled.fixed, **values}
        for name, change in compiled.given.items():
            bound[name] = change(bound[name])
        driven = bound if compiled.names is None else tuple([bound[name] for name in compiled.names])
        rows: Any = connection.exec_driver_sql(compiled.text, driven).fetchall()
        return [_read(row, compiled.shown) for row in rows] if compiled.shown else rows


def _read(row: tuple[Any, ...], shown: tuple[tuple[int, Change], ...]) -> tuple[Any, ...]:
    values = list(row)
    for place, change in shown:
        values[place] = change(values[place])
    return tuple(values)


def _compile(built: SelectBase, dialect: Dialect) -> _Compiled:
    compiled: Any = built.compile(dialect=dialect)
    if compiled.post_compile_params:
        raise ValueError("a list of values changes the text of a statement")
    fixed, given = {}, {}
    for name, bind in compiled.binds.items():
        change = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if not bind.required:
            fixed[name] = change(bind.value) if change is not None else bind.value
        elif change is not None:
            given[name] = change
    shown = []
    for place, column in enumerate(built.selected_columns):
        change = (
            None if isinstance(column.type, Enum) else column.type.dialect_impl(dialect).result_processor(dialect, None)
        )
        if change is not None:
            shown.append((place, change))
    names = tuple(compiled.positiontup) if compiled.positiontup is not None else None
    return _Compiled(str(compiled), names, fixed, given, tuple(shown))
