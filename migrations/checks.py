"""CHECKs, changed in place: a table that is full, or that others refer to, is not rebuilt for a word."""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def allow_words(table: str, constraint: str, column: str, words: Sequence[str]) -> None:
    """Let `column` hold these words and no others; `constraint` is the CHECK that says so. Raises RuntimeError where
    the CHECK is not there as expected."""
    rule = f"{column} IN ({', '.join(repr(word) for word in words)})"
    _change_rule(table, constraint, r"[^()]*\([^()]*\)", rule)


def change_rule(table: str, constraint: str, *, before: str, after: str) -> None:
    """Put the rule `after` in place of `before`, as the CHECK `constraint` spells it. Raises RuntimeError where the
    CHECK is not there as expected."""
    _change_rule(table, constraint, re.escape(before), after)


def _change_rule(table: str, constraint: str, before: str, after: str) -> None:
    """`before` is a pattern. On SQLite the rule is changed in the text of the table, as its manual describes under
    "Making Other Kinds Of Table Schema Changes": no row is written."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f(constraint), table)
        op.create_check_constraint(op.f(constraint), table, after)
        return
    told = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    sql = connection.execute(told, {"name": table}).scalar_one()
    changed, found = re.subn(
        rf"CONSTRAINT {constraint} CHECK \({before}\)", lambda _: f"CONSTRAINT {constraint} CHECK ({after})", sql
    )
    if found != 1:
        raise RuntimeError(f"the CHECK {constraint} is not the one that the revision before made")
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": changed, "name": table},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
