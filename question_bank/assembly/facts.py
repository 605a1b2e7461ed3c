"""What the draw is told of a pool beyond its items: how easy they turned out, who must not meet, who rests.

Everything is in whole numbers. Where an item was never calibrated its author's word stands for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from question_bank.assembly.pool import PoolItem, pool_hash
from question_bank.canonical import Json, sha256_hex, stem_fold
from question_bank.errors import InvalidPool
from question_bank.items import Difficulty, Item
from question_bank.kinds import content_fold
from question_bank.record import Record

AUTHORS_EASINESS = MappingProxyType({Difficulty.EASY: 850, Difficulty.MEDIUM: 650, Difficulty.HARD: 450})
"""The expected share of an item's points, in permille, where only its author has judged it."""

FULL_EASINESS = 1000


class DrawVersion(StrEnum):
    """The versions that draw parallel forms; they differ in what makes two items one family, and in nothing else."""

    CZ2 = "cz2"
    """One stem: of cases that share a lead-in a form takes one at most."""
    CZ3 = "cz3"
    """One content (`question_bank.kinds.content_fold`): of a case its stimulus and the stems of its parts."""


DRAW_VERSION = DrawVersion.CZ3
"""What exams are sealed with."""

_SCHEMAS = MappingProxyType({DrawVersion.CZ2: "pool-facts/1", DrawVersion.CZ3: "pool-facts/2"})
_VERSIONS = MappingProxyType({schema: version for version, schema in _SCHEMAS.items()})


@dataclass(frozen=True)
class PoolFacts:
    """Facts by the keys of pool items; a key that the pool does not hold is passed over.

    `easiness`: calibrated expected shares of the points, in permille (0 to 1000). `apart`: pairs that must not stand in
    one form (enemies, near-duplicates). `resting`: items that were used too recently to be drawn. `named`: the keys of
    the items that blueprints fix, by the names that they use. `version` is that of the draw: it stands here so that
    whatever is told of a pool (feasibility, fairness, the forms) is told by one rule.
    """

    easiness: Mapping[str, int] = field(default_factory=dict)
    apart: Sequence[tuple[str, str]] = ()
    resting: frozenset[str] = frozenset()
    named: Mapping[str, str] = field(default_factory=dict)
    version: DrawVersion = DRAW_VERSION


NO_FACTS = PoolFacts()


def easiness_of(entry: PoolItem, facts: PoolFacts) -> int:
    """The expected share of the item's points, in permille: calibrated, or as its author judges. Raises `InvalidPool`
    for a calibration outside 0 to 1000."""
    known = facts.easiness.get(entry.key)
    if known is None:
        return AUTHORS_EASINESS[entry.item.difficulty]
    if not 0 <= known <= FULL_EASINESS:
        raise InvalidPool(
            "pool.easiness",
            zh=f"备选题「{entry.key}」的预期得分率应为 0 至 1000‰。",
            en=f"The expected share of points of item {entry.key!r} must be 0 to 1000 permille.",
        )
    return known


def families(pool: Sequence[PoolItem], facts: PoolFacts) -> dict[str, str]:
    """The family of every item, named by the first of its keys: items of one content (in version cz2: with one stem),
    and items kept apart, and whoever is kept apart from those. Of a family at most one stands in a form.

    Closing pairs to families keeps apart more than was asked for where A must not meet B, nor B meet C; it is what
    lets the question whether a pool suffices be answered exactly.
    """
    parent = {key: key for key in sorted(entry.key for entry in pool)}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    def join(one: str, other: str) -> None:
        first, second = sorted((root(one), root(other)))
        parent[second] = first

    fold = _fold_of_stem if facts.version is DrawVersion.CZ2 else content_fold
    by_fold: dict[str, str] = {}
    for entry in pool:
        known = by_fold.setdefault(fold(entry.item), entry.key)
        if known != entry.key:
            join(known, entry.key)
    for one, other in facts.apart:
        if one in parent and other in parent:
            join(one, other)
    return {key: root(key) for key in parent}


def _fold_of_stem(item: Item) -> str:
    return stem_fold(item.stem)


def facts_to_json(facts: PoolFacts) -> dict[str, Json]:
    """Every field, in one order; the schema tells the version of the draw."""
    return {
        "schema": _SCHEMAS[facts.version],
        "easiness": [[key, facts.easiness[key]] for key in sorted(facts.easiness)],
        "apart": [[*pair] for pair in sorted({(min(pair), max(pair)) for pair in facts.apart})],
        "resting": [*sorted(facts.resting)],
        "named": [[name, facts.named[name]] for name in sorted(facts.named)],
    }


def facts_from_json(value: Json) -> PoolFacts:
    """The facts that `facts_to_json` wrote. Raises `InvalidPool`, naming the place."""
    members = frozenset({"schema", "easiness", "apart", "resting", "named"})
    record = Record(value, members=members, at="facts", refusal=InvalidPool)
    version = _VERSIONS.get(record.text("schema"), DRAW_VERSION)
    record.expect("schema", _SCHEMAS[version])
    pairs = record.text_lists("apart")
    names = record.text_lists("named")
    if any(len(pair) != 2 for pair in (*pairs, *names)):
        raise InvalidPool("pool.facts", zh="备选题的附加数据有误。", en="The facts of the pool are malformed.")
    return PoolFacts(
        easiness=dict(record.each("easiness", _read_easiness)),
        apart=tuple((one, other) for one, other in pairs),
        resting=frozenset(record.texts("resting")),
        named={pair[0]: pair[1] for pair in names},
        version=version,
    )


def snapshot_hash(pool: Sequence[PoolItem], facts: PoolFacts) -> str:
    """SHA-256 (hex) over pool and facts: everything that parallel forms follow from, beside blueprint and seed."""
    return sha256_hex([pool_hash(pool), facts_to_json(facts)])


def _read_easiness(value: Json, at: str) -> tuple[str, int]:
    if isinstance(value, list) and len(value) == 2:
        key, permille = value
        if isinstance(key, str) and type(permille) is int:
            return key, permille
    raise InvalidPool(
        "pool.facts", zh=f"{at}：备选题的附加数据有误。", en=f"{at}: the facts of the pool are malformed."
    )
