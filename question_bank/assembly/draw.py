"""抽题: forms drawn from pool, blueprint and seed; recomputable, and balanced in exposure.

1. Every stem of the pool is given to one cell (`feasibility.share_out`), so that no two cells can draw the same.
2. Each cell deals its stems from shuffled decks, form after form: each stem once before any twice.
3. Each form has a stream of its own, for the order of items within a section and of options within an item.

Everything follows from the seed, the label of the exam and the number of the form. More forms never change
earlier ones: reserve forms are simply the next numbers, whenever they are drawn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from question_bank.assembly.feasibility import share_out
from question_bank.assembly.placing import places_of
from question_bank.assembly.pool import CellPlace, PoolItem, cell_places, classify
from question_bank.assembly.stream import SeedStream, commit
from question_bank.blueprint import Blueprint, validate
from question_bank.form import Form, FormSection
from question_bank.items import Item
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import Part

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
    placed = [
        [(entry.key, placing) for entry, points in entries for placing in places_of(entry.item, points)]
        for entries in dealt
    ]
    orders = iter(_order_contents([placing.content for placings in placed for _, placing in placings], stream))
    positions = count(1)
    sections = [
        FormSection(
            section.title,
            tuple(
                placing.enter(position=next(positions), item_key=key, section=section, order=next(orders))
                for key, placing in placings
            ),
        )
        for section, placings in zip(blueprint.sections, placed, strict=True)
    ]
    return Form(number, tuple(sections))


def _order_contents(contents: Sequence[Item | Part], stream: SeedStream) -> list[tuple[int, ...]]:
    """An order of options, elements or choices for each; those that are pinned, or of a kind never shuffled, stay.

    Where one option is right its place is dealt, so that no letter is right much more often than another. The deal has
    more of every place than are needed: who counts letters learns nothing certain about the last item.
    """
    frees = [kind_of(content.item_type).free_places(content.body) for content in contents]
    rights = [
        kind_of(content.item_type).dealt_place(content.body) if free else None
        for content, free in zip(contents, frees, strict=True)
    ]
    dealt: dict[tuple[int, ...], list[int]] = {}
    for free in {free: None for free, right in zip(frees, rights, strict=True) if right is not None}:
        takers = sum(1 for other, right in zip(frees, rights, strict=True) if other == free and right is not None)
        dealt[free] = [*free] * (-(-takers // len(free)) + 1)
        stream.shuffle(dealt[free])
    orders = []
    for content, free, right in zip(contents, frees, rights, strict=True):
        order = list(range(len(kind_of(content.item_type).layout(content.body).shown)))
        shuffled = [*free]
        stream.shuffle(shuffled)
        for place, option in zip(free, shuffled, strict=True):
            order[place] = option
        if right is not None:
            here, there = order.index(right), dealt[free].pop()
            order[here], order[there] = order[there], order[here]
        orders.append(tuple(order))
    return orders
