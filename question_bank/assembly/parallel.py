"""抽题, versions "cz2" and "cz3": parallel forms for a whole exam, re-creatable from seed, label and number of forms.

The versions differ in what a family is (`facts.DrawVersion`); everything here is the same for both.

1. Every cell deals its items from shuffled decks, form after form (`dealing`).
2. Forms are taken in blocks of 1,000 to 1,999, fewer in a smaller exam. Within a block forms trade items of one cell,
   first so that no two of a family meet, then so that the expected points of each lie within the tolerance (`trading`).
3. Items are shuffled within their section, options within their item, and right places are dealt (`shuffling`).

A form follows from its block: to draw one form again its block is enough. Where a block does not settle, it is drawn
with 32 and then 256 more rows that nobody gets, and if need be families undivided; what settles first counts. The last
attempt stands as it is: the fairness report then says what it lacks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count, pairwise

import numpy as np

from question_bank.assembly.counter import orders, words
from question_bank.assembly.dealing import deal
from question_bank.assembly.placing import places_of
from question_bank.assembly.shuffling import order_of, part_word, shuffle_of
from question_bank.assembly.supply import Supply
from question_bank.assembly.trading import Ledger, even_out, part
from question_bank.blueprint import EVERY_FORM, Blueprint
from question_bank.form import Entry, Form, FormSection

BLOCK = 1000
_ATTEMPTS = ((False, 0), (False, 32), (False, 256), (True, 0), (True, 32), (True, 256))
_COLUMN_BITS = 10
_COLUMN_MASK = (1 << _COLUMN_BITS) - 1
_WORD_BITS = 32


@dataclass(frozen=True)
class Drawn:
    """Forms start to start + len - 1 as arrays, a row a form, columns in the order of the paper.

    `items` are numbers of the supply, `columns` where the item stands in the blueprint, `places` the rank of the free
    place that holds the right option (-1 where that is not dealt), `option_words` what the order of options follows
    from. `target` is in permille of hundredths of a point.
    """

    supply: Supply
    blueprint: Blueprint
    start: int
    items: np.ndarray
    columns: np.ndarray
    places: np.ndarray
    option_words: np.ndarray
    target: int

    def __len__(self) -> int:
        """How many forms."""
        return len(self.items)

    def __iter__(self) -> Iterator[Form]:
        """The forms in the order of their numbers."""
        return (self.form(number) for number in range(self.start, self.start + len(self)))

    def form(self, number: int) -> Form:
        """The form of that number."""
        row = number - self.start
        supply = self.supply
        entries: list[list[Entry]] = [[] for _ in self.blueprint.sections]
        shown = zip(
            self.items[row].tolist(),
            self.columns[row].tolist(),
            self.places[row].tolist(),
            self.option_words[row].tolist(),
            strict=True,
        )
        positions = count(1)
        for at, column, dealt, word in shown:
            index = int(supply.column_section[column])
            whole = supply.shuffles[int(supply.shuffle[at])]
            for placing in places_of(supply.items[at], int(supply.column_points[column])):
                content = placing.content
                if placing.part is None:
                    order = order_of(content, whole, word=word, dealt=dealt)
                else:
                    # Places are dealt among whole items only.
                    shuffle = shuffle_of(content)._replace(dealt=False)
                    order = order_of(content, shuffle, word=part_word(word, placing.part), dealt=dealt)
                section = self.blueprint.sections[index]
                entries[index].append(
                    placing.enter(position=next(positions), item_key=supply.keys[at], section=section, order=order)
                )
        sections = zip(self.blueprint.sections, entries, strict=True)
        return Form(number, tuple(FormSection(section.title, tuple(placed)) for section, placed in sections))


def draw_parallel(supply: Supply, *, blueprint: Blueprint, seed: bytes, label: str, form_count: int) -> Drawn:
    """All forms of an exam, numbered from 1; reserve forms are counted in. Raises `InvalidSeed`."""
    blocks = [
        _draw_block(supply, blueprint, seed=seed, label=label, start=start, count=count)
        for start, count in _blocks(form_count)
    ]
    return Drawn(
        supply,
        blueprint,
        start=1,
        items=np.concatenate([block.items for block in blocks]),
        columns=np.concatenate([block.columns for block in blocks]),
        places=np.concatenate([block.places for block in blocks]),
        option_words=np.concatenate([block.option_words for block in blocks]),
        target=blocks[0].target,
    )


def redraw_form(supply: Supply, *, blueprint: Blueprint, seed: bytes, label: str, form_count: int, number: int) -> Form:
    """One form of an exam of `form_count` forms again, by drawing its block only."""
    start, count = next(block for block in _blocks(form_count) if block[0] <= number - 1 < sum(block))
    return _draw_block(supply, blueprint, seed=seed, label=label, start=start, count=count).form(number)


def _blocks(form_count: int) -> list[tuple[int, int]]:
    """First row (from 0) and number of rows of each block."""
    number = max(1, form_count // BLOCK)
    edges = [form_count * block // number for block in range(number + 1)]
    return [(begin, end - begin) for begin, end in pairwise(edges)]


def _draw_block(supply: Supply, blueprint: Blueprint, *, seed: bytes, label: str, start: int, count: int) -> Drawn:
    rows, target = _settled_rows(supply, blueprint, seed=seed, label=label, start=start, count=count)
    total = rows.shape[1]
    drawn = words(seed, f"{label}/order", start * total, count * total).reshape(count, total)
    at = np.arange(total, dtype=np.uint64)
    sections = supply.column_section.astype(np.uint64) << np.uint64(_COLUMN_BITS + _WORD_BITS)
    ranked = np.sort(sections | drawn << np.uint64(_COLUMN_BITS) | at, axis=1)
    columns = (ranked & np.uint64(_COLUMN_MASK)).astype(np.int64)
    items = np.take_along_axis(rows, columns, axis=1)
    return Drawn(
        supply,
        blueprint,
        start=start + 1,
        items=items,
        columns=columns,
        places=_deal_places(supply, items, seed=seed, label=label, start=start),
        option_words=words(seed, f"{label}/options", start * total, count * total).reshape(count, total),
        target=target,
    )


def _settled_rows(
    supply: Supply, blueprint: Blueprint, *, seed: bytes, label: str, start: int, count: int
) -> tuple[np.ndarray, int]:
    """The items of each form by column, and the target of the decks that they were dealt from."""
    ledger = Ledger(supply.kin, supply.worth, supply.stratum)
    tolerance = blueprint.tolerance_hundredths * EVERY_FORM
    cap = -(-count * blueprint.evenness.exposure_permille // EVERY_FORM)
    held = int(supply.worth[supply.fixed].sum())
    for strictly, spare in _ATTEMPTS:
        if spare and start:
            continue
        decks = supply.decks(strictly=strictly)
        size = count + spare
        rows = deal(decks, seed=seed, label=label, start=start, rows=size)
        name = f"{label}/partners/{strictly:d}/{spare}/{start}"
        unparted = part(rows, ledger, partial(_order_rows, seed, name, size))
        target = supply.target(decks)
        uneven = unparted or even_out(rows, ledger, target=target - held, tolerance=tolerance, count=count)
        rows = rows[:count]
        if not uneven and (not spare or _most_used(rows) <= cap):
            break
    fixed = np.broadcast_to(supply.fixed, (count, len(supply.fixed)))
    return np.concatenate([rows, fixed], axis=1), target


def _order_rows(seed: bytes, name: str, size: int, turn: int) -> np.ndarray:
    return orders(words(seed, name, turn * size, size))


def _most_used(rows: np.ndarray) -> int:
    return int(np.bincount(rows.ravel()).max(initial=0))


def _deal_places(supply: Supply, items: np.ndarray, *, seed: bytes, label: str, start: int) -> np.ndarray:
    """The rank of the right option's free place, where it is dealt.

    Items with the same free places share one deal: each place as often as the next, and once more than is needed, so
    that who counts letters learns nothing certain about the last item.
    """
    places = np.full(items.shape, -1, dtype=np.int64)
    kinds = supply.shuffle[items]
    for free in sorted({shuffle.free for shuffle in supply.shuffles if shuffle.dealt}):
        alike = [number for number, one in enumerate(supply.shuffles) if one.dealt and one.free == free]
        takes = np.isin(kinds, alike)
        needed = takes.sum(axis=1)
        most = len(free) * (-(-items.shape[1] // len(free)) + 1)
        name = f"{label}/places/{'-'.join(map(str, free))}"
        drawn = words(seed, name, start * most, len(items) * most).reshape(len(items), most)
        at = np.arange(most, dtype=np.uint64)
        dealt = len(free) * (-(-needed // len(free)) + 1)
        beyond = (at[None, :] >= dealt[:, None].astype(np.uint64)).astype(np.uint64) << np.uint64(63)
        ranked = np.sort(beyond | drawn << np.uint64(_COLUMN_BITS) | at, axis=1) & np.uint64(_COLUMN_MASK)
        turn = np.cumsum(takes, axis=1) - 1
        rank = np.take_along_axis(ranked.astype(np.int64), np.maximum(turn, 0), axis=1) % len(free)
        places[takes] = rank[takes]
    return places
