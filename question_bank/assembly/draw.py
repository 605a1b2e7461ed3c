"""抽题: forms drawn from pool, blueprint and seed; recomputable, and balanced in exposure.

1. Every stem of the pool is given to one cell (`feasibility.share_out`), so that no two cells can draw the same.
2. Each cell deals its stems from shuffled decks, form after form: each stem once before any twice.
3. Each form has a stream of its own, for the order of items within a section and of options within an item.

Everything follows from the seed, the label of the exam and the number of the form. More forms never change
earlier ones: reserve forms are simply the next numbers, whenever they are drawn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from question_bank.assembly.feasibility import share_out
from question_bank.assembly.pool import CellPlace, PoolItem, cell_places, classify
from question_bank.assembly.stream import SeedStream, commit
from question_bank.blueprint import Blueprint, validate
from question_bank.form import Entry, Form, FormSection
from question_bank.items import Item, ItemType
from question_bank.kinds import objective_kind_of

Stem = tuple[PoolItem, ...]


@dataclass(frozen=True, slots=True)
class DrawDifference:
    """Where stored forms differ from those recomputed: the first form, or None if the commitment itself differs."""

    form_number: int | None
    zh: str
    en: str


def draw(
    pool: Sequence[PoolItem],
    *,
    blueprint: Blueprint,
    seed: bytes,
    label: str,
    form_count: int,
    reserve_count: int = 0,
) -> tuple[Form, ...]:
    """Forms 1 to form_count + reserve_count, the reserve forms last; the order of the pool does not matter.

    `label` names the exam and enters every stream. No form holds two items with one stem. Raises `InvalidBlueprint`,
    `InvalidPool`, `PoolTooSmall` or `InvalidSeed`; then nothing was drawn.
    """
    validate(blueprint)
    decks = _decks(pool, blueprint=blueprint, seed=seed, label=label)
    return tuple(
        _draw_form(number, blueprint=blueprint, decks=decks, stream=SeedStream(seed, f"{label}/form/{number}"))
        for number in range(1, form_count + reserve_count + 1)
    )


def verify_draw(
    forms: Sequence[Form],
    *,
    pool: Sequence[PoolItem],
    blueprint: Blueprint,
    seed: bytes,
    commitment: str,
    label: str,
) -> DrawDifference | None:
    """Draw again and compare with `forms`, all forms of the exam in the order of their numbers; None if all agree."""
    if commit(seed) != commitment:
        return DrawDifference(
            None, "种子与公布的承诺值不符。", "The seed does not match the commitment that was published."
        )
    expected = draw(pool, blueprint=blueprint, seed=seed, label=label, form_count=len(forms))
    for stored, recomputed in zip(forms, expected, strict=True):
        if stored != recomputed:
            number = recomputed.number
            return DrawDifference(
                number, f"第 {number} 份试卷与重新抽取的结果不符。", f"Form {number} differs from the one recomputed."
            )
    return None


class _Deck:
    """The stems of one cell, dealt pass by pass."""

    def __init__(self, place: CellPlace, stems: list[Stem], *, seed: bytes, label: str) -> None:
        self.place = place
        self._stems = [tuple(entry for entry in stem if place.cell.takes(entry.item)) for stem in stems]
        self._seed = seed
        self._label = f"{label}/deck/{place.index}"
        self._pass = 0
        self._left: list[int] = []

    def deal(self) -> list[PoolItem]:
        """The items of this cell for the next form, no stem twice."""
        hand: list[PoolItem] = []
        held: set[int] = set()
        passed_over: list[int] = []
        while len(hand) < self.place.cell.count:
            if not self._left:
                self._shuffle()
            index = self._left.pop()
            if index in held:
                # The form began in the pass before and has this stem: the next form gets it first.
                passed_over.append(index)
                continue
            held.add(index)
            stem = self._stems[index]
            hand.append(stem[self._pass % len(stem)])
        self._left.extend(reversed(passed_over))
        return hand

    def _shuffle(self) -> None:
        self._pass += 1
        self._left = list(range(len(self._stems)))
        SeedStream(self._seed, f"{self._label}/{self._pass}").shuffle(self._left)


def _decks(pool: Sequence[PoolItem], *, blueprint: Blueprint, seed: bytes, label: str) -> list[_Deck]:
    places = cell_places(blueprint)
    classes = classify(pool, places)
    shares = share_out(places, classes)
    stems_of: list[list[Stem]] = [[] for _ in places]
    for number, stem_class in enumerate(classes):
        stems = [*stem_class.stems]
        SeedStream(seed, f"{label}/class/{number}").shuffle(stems)
        for cell in stem_class.fits:
            share = shares[cell].get(number, 0)
            stems_of[cell] += stems[:share]
            del stems[:share]
    return [_Deck(place, stems_of[place.index], seed=seed, label=label) for place in places]


def _draw_form(number: int, *, blueprint: Blueprint, decks: Iterable[_Deck], stream: SeedStream) -> Form:
    dealt: list[list[tuple[PoolItem, int]]] = [[] for _ in blueprint.sections]
    for deck in decks:
        points = deck.place.cell.points_hundredths
        dealt[deck.place.section_index] += [(entry, points) for entry in deck.deal()]
    for entries in dealt:
        stream.shuffle(entries)
    option_orders = iter(_order_options([entry.item for entries in dealt for entry, _ in entries], stream))
    sections = []
    position = 0
    for section, entries in zip(blueprint.sections, dealt, strict=True):
        placed = []
        for entry, points in entries:
            position += 1
            item_type = entry.item.item_type
            order = next(option_orders)
            placed.append(Entry(position, entry.key, item_type, points, section.scoring_of(item_type), order))
        sections.append(FormSection(section.title, tuple(placed)))
    return Form(number, tuple(sections))


def _order_options(items: Sequence[Item], stream: SeedStream) -> list[tuple[int, ...]]:
    """An order of options for each item; pinned options, and options of a kind that is never shuffled, stay.

    Where one option is right its place is dealt, so that no letter is right much more often than another. The deal has
    more of every place than are needed: who counts letters learns nothing certain about the last item.
    """
    free_places = [_free_places(item) for item in items]
    dealt: dict[tuple[int, ...], list[int]] = {}
    for free in {free: None for free, item in zip(free_places, items, strict=True) if _deals_key(item, free)}:
        takers = sum(
            1 for other, item in zip(free_places, items, strict=True) if other == free and _deals_key(item, free)
        )
        dealt[free] = [*free] * (-(-takers // len(free)) + 1)
        stream.shuffle(dealt[free])
    orders = []
    for item, free in zip(items, free_places, strict=True):
        order = list(range(len(item.options)))
        shuffled = [*free]
        stream.shuffle(shuffled)
        for place, option in zip(free, shuffled, strict=True):
            order[place] = option
        if _deals_key(item, free):
            (right,) = item.key
            here, there = order.index(right), dealt[free].pop()
            order[here], order[there] = order[there], order[here]
        orders.append(tuple(order))
    return orders


def _free_places(item: Item) -> tuple[int, ...]:
    if not objective_kind_of(item.item_type).shuffles_options:
        return ()
    return tuple(place for place, option in enumerate(item.options) if not option.pinned)


def _deals_key(item: Item, free: tuple[int, ...]) -> bool:
    return item.item_type is ItemType.SINGLE_CHOICE and item.key <= set(free)
