"""What a blueprint may draw from as the bank stands, and what the draw is told of it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.authoring.filing import file_under
from app.authoring.queries import PoolVersion, items_used_since, pool_candidates, read_content, versions_by_id
from app.authoring.queries.calibrations import tallies_of_bank
from app.authoring.queries.pairs import enemy_pairs
from app.exams import queries
from app.operation import Operation
from app.people.calendar import local_date
from question_bank.assembly import PoolFacts, PoolItem
from question_bank.blueprint import Blueprint
from question_bank.duplicates import near_pairs
from question_bank.items import Level
from question_bank.kinds import content_text, is_objective


@dataclass(frozen=True)
class Ground:
    """The versions that may be drawn, as the draw wants them, and the facts that go with them; same order."""

    versions: list[PoolVersion]
    pool: list[PoolItem]
    facts: PoolFacts


def pool_items(versions: list[PoolVersion]) -> list[PoolItem]:
    """The pool as the draw wants it: each item under the topic that it is filed under; its key is the id of its
    version."""
    return [PoolItem(str(v.item_version_id), file_under(read_content(v.content), v.topic)) for v in versions]


def sealed_pool(op: Operation, exam_id: int) -> list[PoolItem]:
    """The pool of a sealed exam as it was frozen, whatever has become of the bank and its topics since."""
    topics = queries.pool_topics(op.db, exam_id)
    versions = versions_by_id(op.db, topics)
    return pool_items([replace(version, topic=topics[version.item_version_id]) for version in versions])


def drawable(
    op: Operation, bank_id: int, level: Level, *, on: date | None = None
) -> tuple[list[PoolVersion], list[PoolItem]]:
    """The approved items of a bank for that level that rules alone score (no case with a part for people to mark) and
    that rest on documents in force `on` that day (today)."""
    candidates = pool_candidates(op.db, bank_id, level, on=on or local_date(op.now))
    both = zip(candidates, pool_items(candidates), strict=True)
    kept = [(version, entry) for version, entry in both if is_objective(entry.item)]
    return [version for version, _ in kept], [entry for _, entry in kept]


def survey(op: Operation, *, bank_id: int, level: Level, blueprint: Blueprint, on: date | None = None) -> Ground:
    """Every drawable item of a bank at a level, with those that rest among them: told, so that it can be said what
    waiting would bring. Near duplicates and declared enemies are kept apart; what exams have shown of an item stands
    for its author's difficulty. Blueprints fix items by the bank's own numbers."""
    versions, pool = drawable(op, bank_id, level, on=on)
    fixed = {one.name for one in blueprint.fixed}
    rest_days = blueprint.evenness.rest_days
    used: set[int] = set()
    if rest_days:
        since = op.now - timedelta(days=rest_days)
        used = items_used_since(op.db, [v.item_id for v in versions], since=since)
    near = {(pool[one].key, pool[other].key) for one, other in near_pairs([content_text(entry.item) for entry in pool])}
    keys = {version.item_id: str(version.item_version_id) for version in versions}
    declared = {(keys[one], keys[other]) for one, other in enemy_pairs(op.db, keys)}
    tallies = tallies_of_bank(op.db, bank_id)
    known = {v.item_version_id: str(v.item_version_id) for v in versions if v.item_version_id in tallies}
    facts = PoolFacts(
        easiness={key: tallies[at].easiness for at, key in known.items() if tallies[at].suffices},
        apart=sorted(near | declared),
        resting=frozenset(str(v.item_version_id) for v in versions if v.item_id in used),
        named={str(v.item_id): str(v.item_version_id) for v in versions if str(v.item_id) in fixed},
    )
    return Ground(versions, pool, facts)


def gather(op: Operation, *, bank_id: int, level: Level, blueprint: Blueprint, on: date | None = None) -> Ground:
    """What an exam is sealed with: of the survey only what fits a cell and does not rest, and the fixed items."""
    seen = survey(op, bank_id=bank_id, level=level, blueprint=blueprint, on=on)
    cells = [cell for section in blueprint.sections for cell in section.cells]
    named = set(seen.facts.named.values())
    kept = [
        (version, entry)
        for version, entry in zip(seen.versions, seen.pool, strict=True)
        if entry.key in named or (entry.key not in seen.facts.resting and any(cell.takes(entry.item) for cell in cells))
    ]
    keys = {entry.key for _, entry in kept}
    apart = [pair for pair in seen.facts.apart if keys.issuperset(pair)]
    easiness = {key: share for key, share in seen.facts.easiness.items() if key in keys}
    facts = PoolFacts(easiness=easiness, apart=apart, named=seen.facts.named)
    return Ground([version for version, _ in kept], [entry for _, entry in kept], facts)
