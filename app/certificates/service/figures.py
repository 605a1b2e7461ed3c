"""What certificates say in numbers to those who lead."""

from app.certificates import queries
from app.operation import Figure, Operation
from app.people.queries import count_in_post
from app.security.permissions import Capability
from question_bank.items import Level

_WORDS = {
    Level.PRIMARY: ("持有效初级证书", "hold a valid primary certificate"),
    Level.INTERMEDIATE: ("持有效中级证书", "hold a valid intermediate certificate"),
    Level.ADVANCED: ("持有效高级证书", "hold a valid advanced certificate"),
}


def figures(op: Operation) -> list[Figure]:
    """Of the workers in post within the actor's part of the unit tree, how many are certified, level by level."""
    scopes = op.actor.scopes(Capability.FIGURES_READ)
    if not scopes:
        return []
    workers = count_in_post(op.db, scopes)
    holders = queries.count_holders(op.db, scopes, now=op.now)
    return [Figure(zh, en, holders.get(level, 0), workers) for level, (zh, en) in _WORDS.items()]
