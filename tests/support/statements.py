"""Statements are compiled once a test process, not once a database: every test has an engine of its own, a service that
runs for months has one."""

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_STATEMENTS = 4000


def share_compiled_statements() -> None:
    """Give all engines of one driver the same compiled statements.

    What is compiled depends on the driver's class and the server's version, which one run does not change; SQLAlchemy
    keys it by the driver's object.
    """
    compiled: dict[type[DefaultDialect], LRUCache] = {}

    def engine_created(cls: type[DefaultDialect], engine: Engine) -> None:
        engine._compiled_cache = compiled.setdefault(cls, LRUCache(_STATEMENTS))

    def equal(self: DefaultDialect, other: object) -> bool:
        return type(self) is type(other)

    DefaultDialect.engine_created = classmethod(engine_created)  # type: ignore[method-assign, assignment]
    DefaultDialect.__eq__ = equal  # type: ignore[method-assign]
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
