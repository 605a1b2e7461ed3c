"""A pool made ready for drawing: every item a number, what the draw asks of it an array of integers.

Each item is given to one cell, its `owner`; each family too, and `strict` is the owner of those items only that are in
their family's own cell (-1 for the others). Dealt by owner, every item is used as often as the others of its cell, and
trades keep families apart; where trades do not settle, dealt strictly, no two of a family can meet at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from question_bank.assembly.dealing import Deck
from question_bank.assembly.facts import NO_FACTS, PoolFacts, easiness_of, families
from question_bank.assembly.feasibility import classify_drawable, fixed_entries, share_out, stocks_of
from question_bank.assembly.pool import CellPlace, PoolItem, cell_places
from question_bank.assembly.shuffling import Shuffle, shuffle_of
from question_bank.blueprint import Blueprint, validate
from question_bank.items import Item

NOWHERE = -1


@dataclass(frozen=True)
class Supply:
    """Items by number, ascending by key; fixed items have no owner. `worth` is in permille of hundredths of a point.

    `stratum` numbers the subtopics of a cell, `shuffle` the ways in which options may be shuffled
    (`shuffles`), `column_points` the hundredths of each column, those of the cells first and then `fixed`. Of
    `calibrated` items the worth rests on responses, of the others on the author's difficulty.
    """

    keys: Sequence[str]
    owner: np.ndarray
    strict: np.ndarray
    kin: np.ndarray
    worth: np.ndarray
    stratum: np.ndarray
    shuffle: np.ndarray
    shuffles: Sequence[Shuffle]
    cell_counts: Sequence[int]
    column_section: np.ndarray
    column_points: np.ndarray
    fixed: np.ndarray
    items: Sequence[Item] = ()
    calibrated: int = 0

    def decks(self, *, strictly: bool) -> list[Deck]:
        """The deck of every cell, items singly by owner or families by the strict owner."""
        belongs = self.strict if strictly else self.owner
        return [self._deck(cell, np.flatnonzero(belongs == cell), strictly) for cell in range(len(self.cell_counts))]

    def target(self, decks: Sequence[Deck]) -> int:
        """What the pool leads to expect of a form, in permille of hundredths."""
        drawn = sum(deck.columns * int(self.worth[deck.members].sum()) // len(deck.members) for deck in decks)
        return drawn + int(self.worth[self.fixed].sum())

    def _deck(self, cell: int, members: np.ndarray, strictly: bool) -> Deck:
        count, kind = self.cell_counts[cell], "strict" if strictly else "loose"
        if strictly:
            members = members[np.argsort(self.kin[members], kind="stable")]
            first = np.flatnonzero(np.diff(self.kin[members], prepend=NOWHERE))
            size = np.diff(np.append(first, len(members)))
        else:
            first, size = np.arange(len(members)), np.ones(len(members), dtype=np.int64)
        _, strata = np.unique(self.stratum[members[first]], return_inverse=True)
        return Deck(f"{kind}/{cell}", count, members, first, size, strata)


def supply_of(pool: Sequence[PoolItem], blueprint: Blueprint, facts: PoolFacts = NO_FACTS) -> Supply:
    """Make a pool ready for a blueprint; no chance has a part in it, nor has the order of the pool.

    Raises `InvalidBlueprint`, `InvalidPool`, and `PoolTooSmall` with every cell that falls short.
    """
    validate(blueprint)
    places = cell_places(blueprint)
    family_of = families(pool, facts)
    classes = classify_drawable(blueprint, pool, facts, family_of)
    shares = share_out(places, classes, stocks_of(blueprint))
    fixed = fixed_entries(blueprint, pool, facts, family_of)
    owner: dict[str, int] = {}
    strict: dict[str, int] = {}
    entries: list[PoolItem] = list(fixed.values())
    for number, stem_class in enumerate(classes):
        stems = iter(stem_class.stems)
        for cell in stem_class.fits:
            for _ in range(shares[cell].get(number, 0)):
                for entry in next(stems):
                    at_home = places[cell].cell.takes(entry.item)
                    home = cell if at_home else _deepest(entry.item, places)
                    if home != NOWHERE:
                        owner[entry.key], strict[entry.key] = home, cell if at_home else NOWHERE
                        entries.append(entry)
    entries.sort(key=lambda entry: entry.key)
    numbers = {name: number for number, name in enumerate(sorted(set(family_of.values())))}
    shuffles: dict[Shuffle, int] = {}
    shuffle = [shuffles.setdefault(shuffle_of(entry.item), len(shuffles)) for entry in entries]
    at = {entry.key: number for number, entry in enumerate(entries)}
    points = {fixed[one.name].key: one.points_hundredths for one in blueprint.fixed}
    worth = [
        easiness_of(entry, facts)
        * (points[entry.key] if entry.key in points else places[owner[entry.key]].cell.points_hundredths)
        for entry in entries
    ]
    columns = [place for place in places for _ in range(place.cell.count)]
    fixed_sections = [index for index, section in enumerate(blueprint.sections) for _ in section.fixed]
    return Supply(
        keys=[entry.key for entry in entries],
        owner=np.array([owner.get(entry.key, NOWHERE) for entry in entries], dtype=np.int64),
        strict=np.array([strict.get(entry.key, NOWHERE) for entry in entries], dtype=np.int64),
        kin=np.array([numbers[family_of[entry.key]] for entry in entries], dtype=np.int64),
        worth=np.array(worth, dtype=np.int64),
        stratum=_strata(entries, owner),
        shuffle=np.array(shuffle, dtype=np.int64),
        shuffles=list(shuffles),
        cell_counts=[place.cell.count for place in places],
        column_section=np.array([place.section_index for place in columns] + fixed_sections, dtype=np.int64),
        column_points=np.array(
            [place.cell.points_hundredths for place in columns] + [one.points_hundredths for one in blueprint.fixed],
            dtype=np.int64,
        ),
        fixed=np.array([at[fixed[one.name].key] for one in blueprint.fixed], dtype=np.int64),
        items=[entry.item for entry in entries],
        calibrated=sum(entry.key in facts.easiness for entry in entries),
    )


def _deepest(item: Item, places: Sequence[CellPlace]) -> int:
    taking = [place for place in places if place.cell.takes(item)]
    if not taking:
        return NOWHERE
    return min(taking, key=lambda place: (-len(place.cell.topic), place.cell.difficulty is None, place.index)).index


def _strata(entries: Sequence[PoolItem], owner: dict[str, int]) -> np.ndarray:
    """The subtopic of each item, numbered in the order of names: the first level of topics on which the items of its
    cell differ."""
    topics: dict[int, list[tuple[str, ...]]] = {}
    for entry in entries:
        topics.setdefault(owner.get(entry.key, NOWHERE), []).append(entry.item.topic)
    depths = {cell: _shared_depth(found) + 1 for cell, found in topics.items()}
    names = [entry.item.topic[: depths[owner.get(entry.key, NOWHERE)]] for entry in entries]
    ranks = {name: rank for rank, name in enumerate(sorted(set(names)))}
    return np.array([ranks[name] for name in names], dtype=np.int64)


def _shared_depth(topics: Sequence[tuple[str, ...]]) -> int:
    first, last = min(topics), max(topics)
    return next((depth for depth, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
