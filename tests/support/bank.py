"""Items, pools and blueprints for tests, with as little said as a test needs to say."""

from collections.abc import Sequence

from question_bank.assembly import PoolItem
from question_bank.blueprint import Blueprint, Cell, Section
from question_bank.items import Item, ItemType, Level
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.true_false import judgement
from question_bank.scoring import ALL_OR_NOTHING, Scoring

SINGLE, MULTIPLE, TRUE_FALSE = ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE
SEED = bytes(range(32))


def options(*texts: str) -> tuple[Option, ...]:
    return tuple(Option(text) for text in texts)


def single(
    stem: str = "党的根本宗旨是什么？", *, right: int = 0, topic: Sequence[str] = ("党章",), count: int = 4
) -> Item:
    texts = [f"{stem}选项{number}" for number in range(count)]
    return Item(SINGLE, stem, ChoiceBody(options(*texts), frozenset({right})), topic=tuple(topic))


def multiple(
    stem: str = "党员的权利有哪些？", *, right: Sequence[int] = (0, 2), topic: Sequence[str] = ("党章",), count: int = 4
) -> Item:
    texts = [f"{stem}选项{number}" for number in range(count)]
    return Item(MULTIPLE, stem, ChoiceBody(options(*texts), frozenset(right)), topic=tuple(topic))


def true_false(stem: str = "预备期为一年。", *, right: int = 0, topic: Sequence[str] = ("党章",)) -> Item:
    return Item(TRUE_FALSE, stem, judgement(is_true=right == 0), topic=tuple(topic))


def pool_of(*items: Item) -> list[PoolItem]:
    return [PoolItem(f"item-{number:04}", item) for number, item in enumerate(items)]


def mixed_pool(*, singles: int, multiples: int, judgements: int) -> list[PoolItem]:
    """Items of three types over the topics 党章/第1章 to 第4章, keys spread over the positions."""
    chapters = [("党章", f"第{number}章") for number in (1, 2, 3, 4)]
    return pool_of(
        *(single(f"单选{n}", right=n % 4, topic=chapters[n % 4]) for n in range(singles)),
        *(multiple(f"多选{n}", right=(n % 4, (n + 1) % 4), topic=chapters[n % 4]) for n in range(multiples)),
        *(true_false(f"判断{n}", right=n % 2, topic=chapters[n % 4]) for n in range(judgements)),
    )


def cell(item_type: ItemType, count: int, *, topic: Sequence[str] = (), points: int = 200) -> Cell:
    return Cell(tuple(topic), item_type, count, points)


def blueprint_of(*cells: Cell, cut: int = 1, scoring: Scoring = ALL_OR_NOTHING) -> Blueprint:
    """One section with these cells."""
    return Blueprint("初级考试", Level.PRIMARY, (Section("大题", tuple(cells), scoring),), cut)


def three_sections(*, scoring: Scoring = ALL_OR_NOTHING) -> Blueprint:
    """单选 6 (2 of them from 第1章), 多选 4, 判断 4; 28 points, cut at 16.80."""
    return Blueprint(
        "初级考试",
        Level.PRIMARY,
        (
            Section("一、单选题", (cell(SINGLE, 4), cell(SINGLE, 2, topic=("党章", "第1章")))),
            Section("二、多选题", (cell(MULTIPLE, 4),), scoring),
            Section("三、判断题", (cell(TRUE_FALSE, 4),)),
        ),
        1680,
    )
