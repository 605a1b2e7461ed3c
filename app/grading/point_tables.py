"""What responses earn, remembered: at the bell the same responses to the same items are scored a thousand times over.

A sealed form is read and checked once, as a `Sheet`; what a response to one of its items earns is worked out once, by
`score_entry`, and then looked up. Chosen options are told apart by the places that they have in their item, whatever
the order in which a form shows them, so that every candidate's form meets the same table. Points are the exact,
rounded hundredths that `score_form` gives; what it refuses is refused here in the same words.
"""

from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgspec

from app.grading.sealed_forms import SealedEntry, decode_sealed, read_sealed
from question_bank.form import Entry, Form, FormSection, content_of, score_entry
from question_bank.items import Item
from question_bank.kinds import kind_of
from question_bank.kinds.choice import ChoiceKind
from question_bank.scoring import FormScore

_MOST_SHEETS = 20_000
_MOST_RESPONSES = 512
"""Responses that are remembered of one item: choices are fewer, and texts that nobody repeats need no memory."""
_read_choice = msgspec.json.Decoder(list[int]).decode


class Table:
    """One item as the forms of an exam ask it: what responses to it earn, and whether the item is known to be it."""

    __slots__ = ("by_places", "earned", "entry", "is_met", "of_none")

    def __init__(self, entry: Entry) -> None:
        kind = kind_of(entry.item_type)
        self.entry = entry
        self.by_places = isinstance(kind, ChoiceKind)
        self.of_none = 0 if kind.is_written else None
        self.earned: dict[Any, int | None] = {}
        self.is_met = False

    def points(self, position: int, order: tuple[int, ...], said: str, items: Mapping[str, Item]) -> int | None:
        """What the canonical response `said` earns where the form shows the item in `order`."""
        key: Any = (order, said)
        if self.by_places:
            chosen = _chosen(said)
            key = sum([1 << order[shown] for shown in chosen]) if chosen and chosen[-1] < len(order) else said
        try:
            return self.earned[key]
        except KeyError:
            points = score_entry(self.at(position, order), items, {position: msgspec.json.decode(said)})
            if len(self.earned) < _MOST_RESPONSES:
                self.earned[key] = points
            return points

    def at(self, position: int, order: tuple[int, ...]) -> Entry:
        """The entry of a form that shows the item there, in that order."""
        one = self.entry
        return Entry(
            position, one.item_key, one.item_type, one.points_hundredths, one.scoring, order, one.slots, one.part
        )


class Sheet:
    """A sealed form as hand-ins are scored by it: a table and an order for each position, and where sections end."""

    __slots__ = ("ends", "maximum", "orders", "tables")

    def __init__(self, tables: tuple[Table, ...], orders: tuple[tuple[int, ...], ...], ends: tuple[int, ...]) -> None:
        self.tables = tables
        self.orders = orders
        self.ends = ends
        self.maximum = sum(table.entry.points_hundredths for table in tables)

    def score(self, items: Mapping[str, Item], responses: Mapping[int, str]) -> FormScore:
        """The points of every position for these canonical responses, as `score_form` gives them. Raises `InvalidForm`
        and `InvalidResponse` as it does."""
        points = list[int | None]()
        for position, (table, order) in enumerate(zip(self.tables, self.orders, strict=True), start=1):
            if not table.is_met:
                content_of(table.at(position, order), items)
                table.is_met = True
            said = responses.get(position)
            points.append(table.of_none if said is None else table.points(position, order, said, items))
        for position in responses.keys() - set(range(1, len(points) + 1)):
            self._refuse(position)
        return FormScore(tuple(points), self.maximum)

    def _refuse(self, position: int) -> None:
        places = enumerate(zip(self.tables, self.orders, strict=True), start=1)
        entries = tuple(table.at(at, order) for at, (table, order) in places)
        Form(1, (FormSection("", entries),)).entry_at(position)  # there is none: it refuses

    def section_points(self, outcome: FormScore) -> list[int]:
        """What each section earned, in the order of the form."""
        starts = (0, *self.ends[:-1])
        return [
            sum([points or 0 for points in outcome.points[begin:end]])
            for begin, end in zip(starts, self.ends, strict=True)
        ]


class PointTables:
    """The tables and sheets of one exam. What is sealed never changes (P17), so that what is remembered stays true."""

    def __init__(self) -> None:
        self._tables: dict[tuple[Any, ...], Table] = {}
        self._orders: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._sheets: OrderedDict[int, Sheet] = OrderedDict()

    def sheet(self, form_id: int) -> Sheet | None:
        """The sheet of that form, where it has been learnt."""
        return self._sheets.get(form_id)

    def learn(self, form_id: int, content: str) -> Sheet:
        """Read and check a sealed form (its JSON); raises `InvalidForm`, `Unrepresentable`."""
        sheet = self._sheet_of_known(content) or self._sheet(content)
        self._sheets[form_id] = sheet
        if len(self._sheets) > _MOST_SHEETS:
            self._sheets.popitem(last=False)
        return sheet

    def _sheet_of_known(self, content: str) -> Sheet | None:
        """The sheet of a form whose entries have all stood in checked forms before, at a fraction of the time: what is
        left to check is that they follow each other, none twice. None where the long way must say."""
        read = decode_sealed(content)
        if read is None or read.number < 1:
            return None
        tables, orders, ends, keys = list[Table](), list[tuple[int, ...]](), list[int](), set[str]()
        for section in read.sections:
            for entry in section.entries:
                table = self._tables.get(_key(entry))
                order = self._orders.get(entry.option_order or entry.order)
                if table is None or order is None or entry.part is not None or entry.position != len(tables) + 1:
                    return None
                tables.append(table)
                orders.append(order)
                keys.add(entry.item_key)
            ends.append(len(tables))
        return Sheet(tuple(tables), tuple(orders), tuple(ends)) if len(keys) == len(tables) else None

    def _sheet(self, content: str) -> Sheet:
        form, read = read_sealed(content), decode_sealed(content)
        tables = [Table(entry) for entry in form.entries]
        if read is not None:
            told = [entry for section in read.sections for entry in section.entries]
            tables = [self._tables.setdefault(_key(entry), table) for entry, table in zip(told, tables, strict=True)]
        orders = tuple(self._orders.setdefault(entry.order, entry.order) for entry in form.entries)
        ends, end = list[int](), 0
        for section in form.sections:
            end += len(section.entries)
            ends.append(end)
        return Sheet(tuple(tables), orders, tuple(ends))


def _key(entry: SealedEntry) -> tuple[Any, ...]:
    """What makes two entries ask the same, but for the order in which they show it."""
    size = len(entry.option_order or entry.order)
    scoring = bytes(entry.scoring)
    return entry.item_key, entry.item_type, entry.points_hundredths, scoring, size, entry.slots, entry.part


@lru_cache(maxsize=4096)
def _chosen(said: str) -> tuple[int, ...] | None:
    """The displayed options that a canonical response chose; None where it is no such response, or chose none."""
    try:
        chosen = _read_choice(said)
    except msgspec.DecodeError:
        return None
    ascending = all(one < other for one, other in pairwise(chosen))
    return tuple(chosen) if chosen and chosen[0] >= 0 and ascending else None
