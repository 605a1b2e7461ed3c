"""What the register says in numbers to those who lead."""

from app.operation import Figure, Operation
from app.people import queries
from app.security.permissions import Capability


def figures(op: Operation) -> list[Figure]:
    """Workers in post beside the posts that their units have, within the actor's part of the unit tree."""
    scopes = op.actor.scopes(Capability.FIGURES_READ)
    if not scopes:
        return []
    posts = sum(unit.quota_posts for unit in queries.units_within(op.db, scopes))
    workers = queries.count_in_post(op.db, scopes)
    return [Figure("在岗党务工作者（占员额）", "workers in post, of the posts there are", workers, posts, "/units")]
