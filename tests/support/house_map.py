"""What the house consists of, read from the house itself: routes, lifecycles, errors, audited acts, tables."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import ModuleType
from typing import Any

import app
from app import errors
from app.attempts.hot_routes import HOT
from app.audit.actions import AuditAction
from app.main import desks
from app.security.permissions import ROLE_CAPABILITIES, Capability
from app.tables import METADATA
from app.web.faces import Declared

PUBLIC_BY_HAND = {
    ("GET", "/sign-in"): "the sign-in page",
    ("POST", "/sign-in"): "a password is hashed between two transactions",
    ("GET", "/activate"): "the page for a printed activation slip",
    ("POST", "/activate"): "a password is hashed between two transactions",
    ("POST", "/language"): "a cookie, nothing else",
    ("GET", "/healthz"): "liveness",
    ("GET", "/readyz"): "readiness, sentences without figures",
    ("GET", "/metrics"): "answers named sources only",
    ("GET", "/version"): "the release",
    ("GET", "/api/v1/openapi.json"): "the document of the API",
}
"""The short public list: routes that are neither declared at a desk nor among the hot ones, each with its reason."""


@dataclass(frozen=True)
class Lifecycle:
    """One table of transitions, where it stands and what it is called."""

    name: str
    table: Mapping[tuple[Any, Enum], Enum]

    @property
    def states(self) -> list[Any]:
        """Every state, None (not there yet) first where the table begins with it."""
        found = type(next(iter(self.table.values())))
        none = [None] if any(state is None for state, _ in self.table) else []
        return [*none, *found]

    @property
    def actions(self) -> list[Enum]:
        """Every action."""
        return list(type(next(iter(self.table))[1]))


def modules(root: ModuleType = app) -> Iterator[ModuleType]:
    """Every module of the service."""
    for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
        if found.name != "app.cli":
            yield importlib.import_module(found.name)


def declared() -> list[Declared]:
    """Every operation that was declared at a desk."""
    return [one for desk in desks() for one in desk.declared]


def lifecycles() -> list[Lifecycle]:
    """Every table of transitions in a module of rules."""
    found = []
    for module in modules():
        if "rules" not in module.__name__.split("."):
            continue
        for name, value in vars(module).items():
            if name.endswith("TRANSITIONS") and isinstance(value, Mapping):
                found.append(Lifecycle(f"{module.__name__}.{name}", value))
    return found


def refusals() -> list[type[errors.AppError]]:
    """Every refusal of the service, by code."""
    list(modules())

    def below(kind: type[errors.AppError]) -> Iterator[type[errors.AppError]]:
        for child in kind.__subclasses__():
            if child.__module__.startswith("app."):
                yield child
                yield from below(child)

    return sorted(set(below(errors.AppError)), key=lambda kind: (kind.code, kind.__name__))


def routes_map() -> str:
    """Every route: method, path, capability, and whether it is signed with a fresh factor."""
    lines = []
    for one in declared():
        method = "GET " if one.reading else "POST"
        fresh = " fresh" if one.fresh else ""
        lines.append(f"{method} {one.path}  {one.access.value}{fresh}  [{one.feature}.{one.name}]")
    lines += [f"{hot.method:4} {hot.path}  {hot.access.value}  [attempts.{hot.name}, hot]" for hot in HOT]
    lines += [f"{method:4} {path}  public  [{why}]" for (method, path), why in PUBLIC_BY_HAND.items()]
    return "\n".join(sorted(lines, key=lambda line: line.split()[1::-1])) + "\n"


def permissions_map() -> str:
    """Every capability with the roles that hold it."""
    lines = []
    for capability in sorted(Capability):
        roles = sorted(role.value for role, held in ROLE_CAPABILITIES.items() if capability in held)
        lines.append(f"{capability.value}: {', '.join(roles) or 'everyone'}")
    return "\n".join(lines) + "\n"


def lifecycles_map() -> str:
    """Every move of every lifecycle."""
    parts = []
    for lifecycle in lifecycles():
        parts.append(lifecycle.name)
        for (state, action), target in lifecycle.table.items():
            parts.append(f"  {state.value if state else '-':16} {action.value:22} -> {target.value}")
        parts.append("")
    return "\n".join(parts)


def errors_map() -> str:
    """Every refusal: code, status, sentences."""
    return "\n".join(f"{e.code}  {e.status}\n  {e.zh}\n  {e.en}" for e in refusals()) + "\n"


def audit_map() -> str:
    """Every audited act with what its record must say."""
    return "\n".join(f"{a.value}: {', '.join(a.required)}".rstrip(": ") for a in sorted(AuditAction)) + "\n"


def schema_map() -> str:
    """Every table with its columns and constraints."""
    parts = []
    for table in sorted(METADATA.tables.values(), key=lambda t: t.name):
        parts.append(table.name)
        for column in table.columns:
            null = "" if column.nullable else " not null"
            key = " primary key" if column.primary_key else ""
            refers = "".join(f" -> {key.target_fullname}" for key in column.foreign_keys)
            parts.append(f"  {column.name} {column.type!s}{null}{key}{refers}")
        names = [str(c.name) for c in table.constraints if c.name and not str(c.name).startswith("pk_")]
        names += [f"{'unique ' if index.unique else ''}{index.name}" for index in table.indexes]
        parts += [f"  # {name}" for name in sorted(names)]
    return "\n".join(parts) + "\n"


MAPS = {
    "routes": routes_map,
    "permissions": permissions_map,
    "lifecycles": lifecycles_map,
    "errors": errors_map,
    "audit_actions": audit_map,
    "schema": schema_map,
}
