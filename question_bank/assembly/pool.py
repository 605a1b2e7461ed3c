"""备选题集: the items that forms are drawn from, gathered by stem and by the cells that they fit.

Items of one stem never meet in one form, so what is dealt is stems; a stem has one item or several. In version cz1 it
is `item_fold` that makes them one, in later versions the family (`facts.families`), which is called a stem here too.
The stems that fit the same cells are interchangeable: they form one class, and every count is made over classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from question_bank.blueprint import Blueprint, Cell, Section
from question_bank.canonical import sha256_hex
from question_bank.errors import InvalidPool
from question_bank.item_json import item_hash
from question_bank.items import Item
from question_bank.kinds import item_fold, problems_of


@dataclass(frozen=True, slots=True)
class PoolItem:
    """An item version under the key that forms name it by; keys are unique within a pool and never shown."""

    key: str
    item: Item


@dataclass(frozen=True, slots=True)
class CellPlace:
    """A cell with the section that it stands in; its index counts through the whole blueprint."""

    index: int
    section_index: int
    section: Section
    cell: Cell


@dataclass(frozen=True, slots=True)
class StemClass:
    """Stems that fit exactly the cells `fits` (ascending indices); each stem lists its items in the order of keys."""

    fits: tuple[int, ...]
    stems: tuple[tuple[PoolItem, ...], ...]


def pool_hash(pool: Sequence[PoolItem]) -> str:
    """SHA-256 (hex) over keys and item hashes, whatever the order of the pool."""
    return sha256_hex([[entry.key, item_hash(entry.item)] for entry in _by_key(pool)])


def cell_places(blueprint: Blueprint) -> tuple[CellPlace, ...]:
    """The cells of the blueprint in their order."""
    pairs = [
        (section_index, section, cell)
        for section_index, section in enumerate(blueprint.sections)
        for cell in section.cells
    ]
    return tuple(CellPlace(index, *pair) for index, pair in enumerate(pairs))


def classify(
    pool: Sequence[PoolItem], places: Sequence[CellPlace], family_of: Mapping[str, str] | None = None
) -> tuple[StemClass, ...]:
    """The classes of stems that fit any cell, in an order that depends on neither that of the pool nor on chance.

    With `family_of` (families by key) the items of a family count as one stem. Raises `InvalidPool` for a key that
    stands twice and for an item that its kind finds invalid.
    """
    stems: dict[str, list[PoolItem]] = {}
    for entry in _by_key(pool):
        name = item_fold(entry.item) if family_of is None else family_of[entry.key]
        stems.setdefault(name, []).append(entry)
    fits_of: dict[tuple[object, ...], frozenset[int]] = {}
    classes: dict[tuple[int, ...], list[tuple[PoolItem, ...]]] = {}
    for items in stems.values():
        fitting: set[int] = set()
        for entry in items:
            item = entry.item
            alike = (item.item_type, item.topic, item.difficulty)
            if alike not in fits_of:
                fits_of[alike] = frozenset(place.index for place in places if place.cell.takes(item))
            fitting |= fits_of[alike]
        fits = tuple(sorted(fitting))
        if fits:
            classes.setdefault(fits, []).append(tuple(items))
    return tuple(StemClass(fits, tuple(classes[fits])) for fits in sorted(classes))


def _by_key(pool: Sequence[PoolItem]) -> list[PoolItem]:
    ordered = sorted(pool, key=lambda entry: entry.key)
    for before, entry in pairwise(ordered):
        if before.key == entry.key:
            raise InvalidPool(
                "pool.key_twice",
                zh=f"备选题集中「{entry.key}」出现两次。",
                en=f"The pool holds {entry.key!r} twice.",
            )
    for entry in ordered:
        # Items of a pool are approved, and so valid. A form cannot be taken back: it is judged once more.
        for problem in problems_of(entry.item):
            raise InvalidPool(
                "pool.invalid_item",
                zh=f"备选题「{entry.key}」无效：{problem.zh}",
                en=f"Item {entry.key!r} of the pool is invalid: {problem.en}",
            )
    return ordered
