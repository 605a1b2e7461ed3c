"""Who acts: never None. A signed-in person, a named process of the service itself, or the public."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from app.security.permissions import ROLE_CAPABILITIES, STAFF, Capability, Role


class ActorKind(StrEnum):
    """What the actor is; the audit log keeps it beside the account."""

    PERSON = "person"
    SERVICE = "service"
    PUBLIC = "public"


@dataclass(frozen=True)
class Grant:
    """One role within a part of the unit tree: `unit_path` is the materialised path of the scope's root ("/1/7/"),
    "/" for the whole tree."""

    role: Role
    unit_path: str = "/"


@dataclass(frozen=True)
class Actor:
    """The one who acts, with everything that permission needs: grants, session, and when the second factor was given.

    `capabilities` is what the roles allow at all; `scopes(capability)` says in which parts of the unit tree.
    """

    kind: ActorKind
    account_id: int | None = None
    person_id: int | None = None
    name: str = ""
    session_id: int | None = None
    csrf_token: str = ""
    factor_at: datetime | None = None
    grants: tuple[Grant, ...] = ()
    capabilities: frozenset[Capability] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "capabilities", _held(self.kind, self.roles))

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held, wherever."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def is_staff(self) -> bool:
        """Whether any role is one of staff: then a second factor is required."""
        return bool(self.roles & STAFF)

    def may(self, capability: Capability) -> bool:
        """Whether the actor's roles allow it at all. The service's own processes may do what they are made for."""
        return self.kind is ActorKind.SERVICE or capability in self.capabilities

    def scopes(self, capability: Capability) -> tuple[str, ...]:
        """Paths of the parts of the unit tree within which the capability is held; empty means nowhere."""
        if self.kind is ActorKind.SERVICE:
            return ("/",)
        return tuple(sorted({g.unit_path for g in self.grants if capability in ROLE_CAPABILITIES[g.role]}))

    def roles_for(self, capability: Capability) -> frozenset[Role]:
        """Those of the roles held that allow it: what bounds them bounds the act, whatever another role sees."""
        return frozenset(role for role in self.roles if capability in ROLE_CAPABILITIES[role])

    def covers(self, capability: Capability, unit_path: str) -> bool:
        """Whether `unit_path` lies within a part of the tree where the capability is held."""
        return any(unit_path.startswith(scope) for scope in self.scopes(capability))


@lru_cache(maxsize=1024)
def _held(kind: ActorKind, roles: frozenset[Role]) -> frozenset[Capability]:
    """What these roles allow together; made once for each set of roles."""
    held = {Capability.ANYONE}
    if kind is ActorKind.PERSON:
        held.add(Capability.SIGNED_IN)
    return frozenset(held.union(*(ROLE_CAPABILITIES[role] for role in roles)))


PUBLIC = Actor(kind=ActorKind.PUBLIC)


def service(name: str) -> Actor:
    """The actor for a process of the service itself, such as "sweeper" or "demo"."""
    return Actor(kind=ActorKind.SERVICE, name=name)
