"""The bank: forms drawn from it, a file brought into it, its list."""

import time
from collections.abc import Callable

from app.accounts.models import Account
from app.accounts.sessions import open_session
from app.authoring.pages.lists import ROWS
from app.authoring.rules import ItemState
from app.authoring.service.commits import FILLED
from app.authoring.service.entering import enter_items
from app.operation import acting_as
from app.web.caller import csrf_token
from benchmarks import legs
from benchmarks.generator import Tally
from benchmarks.ground import open_house
from benchmarks.measures.yards import Beside, N, R, lacking, listing_yard
from benchmarks.pairs import PRODUCT, show, take_turns
from benchmarks.stage import Stage
from question_bank.assembly import PoolItem, draw
from question_bank.blueprint import Blueprint, Cell, Section
from question_bank.items import Item, ItemType, Level
from tests.support.author_group import make_group
from tests.support.bank import MULTIPLE, SEED, SINGLE, TRUE_FALSE, cell, multiple, single, true_false
from tests.support.bank_files import bank_xlsx

_TOPICS = 20
_IMPORTED = 807
"""As many items as the bank of party building has."""
_DRAWN = 6_000


def measure_forms(stage: Stage) -> list[str]:
    """Forms of 100 items in 60 cells, seeded and recomputable, against dealt decks and trades in numpy."""
    title = "forms drawn, 100 items, no database"
    if sentence := lacking("numpy"):
        return [title, f"  {sentence}"]
    from benchmarks.yardsticks.papers import Dealer

    dealer = Dealer()
    pool = [PoolItem(f"item-{number:05}", item) for number, item in enumerate(_items("抽题", _DRAWN))]
    count = stage.scale.forms
    turns = take_turns(
        {
            PRODUCT: (
                lambda turn: _timed(
                    lambda: len(draw(pool, blueprint=_blueprint(), seed=SEED, label=f"bench-{turn}", form_count=count))
                ),
                None,
            ),
            R: (lambda _turn: _timed(lambda: len(dealer.draw(max(count, 1000)))), None),
        },
        pairs=stage.scale.pairs,
    )
    return show(title, turns)


def measure_imports(stage: Stage) -> list[str]:
    """A workbook of 807 items: uploaded, read in a child process, looked through for duplicates, committed, audited."""
    bank_id, token, _ = _bank(stage)
    port, product = stage.product.port, stage.product
    files = [bank_xlsx(_items(f"第{turn}批", _IMPORTED)) for turn in range(stage.scale.pairs + 1)]

    def leg(turn: int) -> Tally:
        tally = stage.drive(legs.run_import, port, bank_id, token, csrf_token(token), files[turn], _IMPORTED)
        tally.requests = _IMPORTED
        return tally

    beside: Beside = {}
    if not lacking("asyncpg"):
        from benchmarks.yardsticks.imports import run_chain

        address = stage.other.yard_url
        beside[R] = (lambda turn: _timed(lambda: run_chain(address, files[turn])), None)
    turns = take_turns({PRODUCT: (leg, product), **beside}, pairs=stage.scale.pairs)
    return show(f"import of {_IMPORTED} items from xlsx, {stage.place.kind}", turns)


def measure_listings(stage: Stage) -> list[str]:
    """A page of a bank's list, as a page and as JSON; and its last page beside its first."""
    bank_id, token, last = _bank(stage)
    product, scale = stage.product, stage.scale
    lines = []

    def ask(path: str) -> Tally:
        return stage.drive(
            legs.keep_asking, product.port, path, b"<html",
            token=token, accept="text/html", seconds=scale.seconds, connections=16,
        )  # fmt: skip

    for what, path, accept, sign, yards in (
        ("page", f"/banks/{bank_id}?item_type=single_choice", "text/html", "<html", {R: "html", N: "orm"}),
        ("JSON", f"/api/v1/banks/{bank_id}?item_type=single_choice", "application/json", '"rows"', {R: "json"}),
    ):

        def leg(_turn: int, path: str = path, sign: str = sign, accept: str = accept) -> Tally:
            return stage.drive(
                legs.keep_asking, product.port, path, sign.encode(),
                token=token, accept=accept, seconds=scale.seconds, connections=16,
            )  # fmt: skip

        beside = {who: found for who, name in yards.items() if (found := listing_yard(stage, name))}
        turns = take_turns({PRODUCT: (leg, product), **beside}, pairs=scale.pairs)
        lines += show(f"bank list as {what}, {scale.items} items, {stage.place.kind}", turns)
    ends = {
        PRODUCT: (lambda _turn: ask(f"/banks/{bank_id}?after={last}"), product),
        "first page": (lambda _turn: ask(f"/banks/{bank_id}"), product),
    }
    turns = take_turns(ends, pairs=scale.pairs)
    return lines + show(f"last page of the bank list, {scale.items} items, {stage.place.kind}", turns)


def _timed(act: Callable[[], int]) -> Tally:
    began = time.perf_counter()
    done = act()
    return Tally(requests=done, seconds=time.perf_counter() - began)


def _items(batch: str, count: int) -> list[Item]:
    """That many items of three types over 20 topics; no two batches share a stem."""
    topics = [("党务", f"第{number}章") for number in range(_TOPICS)]
    made = []
    for number in range(count):
        stem, topic = f"{batch}第{number}题，下列说法哪一项符合规定", topics[number % _TOPICS]
        place = number // _TOPICS % 3
        if place == 0:
            made.append(single(stem, right=number % 4, topic=topic))
        elif place == 1:
            made.append(multiple(stem, right=(number % 4, (number + 1) % 4), topic=topic))
        else:
            made.append(true_false(stem, right=number % 2, topic=topic))
    return made


def _blueprint() -> Blueprint:
    def cells(item_type: ItemType, count: int) -> tuple[Cell, ...]:
        each = count // _TOPICS
        return tuple(cell(item_type, each, topic=("党务", f"第{number}章"), points=100) for number in range(_TOPICS))

    sections = (("一、单选题", SINGLE, 40), ("二、多选题", MULTIPLE, 40), ("三、判断题", TRUE_FALSE, 20))
    return Blueprint(
        "一百题",
        Level.PRIMARY,
        tuple(Section(name, cells(item_type, count)) for name, item_type, count in sections),
        6000,
    )


def _bank(stage: Stage) -> tuple[int, str, int]:
    """A bank with items, the session of one of its authors, and where the last page of its list begins; made once."""
    if stage.bank is None:
        with open_house(stage.place) as opened:
            house = opened.house
            group = make_group(house)
            with group.acting(group.author) as op:
                items = _items("在库", stage.scale.items)
                ids = enter_items(op, bank_id=group.bank_id, items=items, state=ItemState.DRAFT, import_id=None)
            house.database.look_at_tables(*FILLED)
            with acting_as(house, "bench") as op:
                token = open_session(op, op.db.get_one(Account, group.author.account_id), factor=True)
        stage.bank = (group.bank_id, token, ids[ROWS])
    return stage.bank
