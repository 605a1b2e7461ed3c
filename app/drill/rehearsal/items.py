"""Synthetic items for a blueprint: as many as its draw needs, of its types, and of nothing that anyone wrote.

Topics are numbered and titles are the drill's own, so that the place of a drill tells nobody what an exam is about.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from question_bank.blueprint import EVERY_FORM, Blueprint, Cell, Section
from question_bank.items import Body, Item, ItemType, Level
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import blanks_of
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.true_false import judgement

NAME = "演练方案"
_SIGNS = "天地日月山水风云花草树木江河湖海春夏秋冬东南西北金银铜铁竹石松柏梅兰桂莲虎鹤鹿燕鱼龙马羊"
"""Stems are made of these by chance: near duplicates of one another would be kept apart by the draw."""


@dataclass(frozen=True)
class Stock:
    """A blueprint of the same shape as that of the exam, and the items that it is drawn from."""

    blueprint: Blueprint
    items: tuple[Item, ...]


def stock_for(blueprint: Blueprint, *, reserve_set: bool, seed: int = 1) -> Stock:
    """The shape of `blueprint` with numbered topics and titles, for the primary level, which everyone may sit; a fixed
    item becomes a cell with one item. Enough items for exposure, and for a reserve set of others."""
    draw = random.Random(seed)  # noqa: S311 - texts that mean nothing
    names: dict[str, str] = {}
    sections, items = [], list[Item]()
    for number, section in enumerate(blueprint.sections, start=1):
        cells = [replace(cell, topic=_numbered(cell.topic, names)) for cell in section.cells]
        for cell in cells:
            wanted = _enough(cell, blueprint, reserve_set=reserve_set)
            items += [_item(draw, cell, len(items) + n) for n in range(wanted)]
        for fixed in section.fixed:
            cell = Cell((f"必考{len(items)}",), ItemType.SINGLE_CHOICE, 1, fixed.points_hundredths)
            cells.append(cell)
            items += [_item(draw, cell, len(items) + n) for n in range(1 + reserve_set)]
        sections.append(Section(f"演练第{number}大题", tuple(cells), section.scoring, (), section.minimum_hundredths))
    evenness = replace(blueprint.evenness, rest_days=0)
    shape = Blueprint(NAME, Level.PRIMARY, tuple(sections), blueprint.cut_score_hundredths, evenness=evenness)
    return Stock(shape, tuple(items))


def _numbered(topic: tuple[str, ...], names: dict[str, str]) -> tuple[str, ...]:
    return tuple(names.setdefault(name, f"演练知识点{len(names) + 1}") for name in topic)


def _enough(cell: Cell, blueprint: Blueprint, *, reserve_set: bool) -> int:
    """Half as many again as exposure asks for, or as the cell does; twice that where no item may stand in both sets."""
    for_exposure = -(-cell.count * EVERY_FORM // blueprint.evenness.exposure_permille)
    return max(for_exposure, cell.count) * (3 + 3 * reserve_set) // 2 + 2


def _item(draw: random.Random, cell: Cell, number: int) -> Item:
    stem, body = _MAKERS[cell.item_type](_text(draw), _text(draw))
    topic = cell.topic or ("演练知识点0",)
    item = Item(cell.item_type, f"{stem}（{number}）", body, topic=topic)
    return replace(item, difficulty=cell.difficulty) if cell.difficulty else item


def _text(draw: random.Random) -> str:
    return "".join(draw.choices(_SIGNS, k=24))


def _options(text: str, right: Iterator[int]) -> ChoiceBody:
    return ChoiceBody(tuple(Option(f"{text[at * 4 : at * 4 + 4]}{at}") for at in range(4)), frozenset(right))


def _choice(right: tuple[int, ...]) -> Callable[[str, str], tuple[str, Body]]:
    return lambda stem, text: (stem, _options(text, iter(right)))


_MAKERS: dict[ItemType, Callable[[str, str], tuple[str, Body]]] = {
    ItemType.SINGLE_CHOICE: _choice((1,)),
    ItemType.MULTIPLE_CHOICE: _choice((0, 2)),
    ItemType.TRUE_FALSE: lambda stem, _: (stem, judgement(is_true=True)),
    ItemType.FILL_BLANK: lambda stem, text: (f"{stem}____", blanks_of((text[:4],))),
    ItemType.NUMERIC: lambda stem, _: (stem, NumericBody(Decimal("3.5"), Decimal("0.1"))),
    ItemType.ORDERING: lambda stem, text: (stem, OrderingBody(tuple(f"{text[at]}{at}" for at in range(4)))),
    ItemType.MATCHING: lambda stem, text: (
        stem,
        MatchingBody(
            tuple(f"{text[at]}{at}" for at in range(3)), tuple(f"{text[at + 4]}{at}" for at in range(4)), (0, 1, 2)
        ),
    ),
    ItemType.CASE_ANALYSIS: lambda stem, text: (
        stem,
        CaseBody(
            text,
            (
                Part(ItemType.SINGLE_CHOICE, f"{text[:8]}甲", _options(text, iter((0,)))),
                Part(ItemType.TRUE_FALSE, f"{text[8:16]}乙", judgement(is_true=False)),
            ),
        ),
    ),
}
"""A stem and a body of each type that rules score; exams hold no others."""
