"""Rules of comparing responses after a sitting: when it may be asked for, what counts as the same wrong response, and
what it says of time."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from app.errors import Conflict
from question_bank.form import Entry, Form
from question_bank.items import ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.choice import ChoiceKind

RAREST = 1_000_000_000_000
"""What is rarer is said to be as rare as this: no reckoning of chance is good for more."""
SOON = timedelta(seconds=30)
"""Two responses to one item whose last saves lie no further apart were given at about the same time."""
_PLACED = frozenset({ItemType.ORDERING, ItemType.MATCHING})


class StillSitting(Conflict):
    """Responses are compared when nobody writes any more."""

    code = "similarity.still_sitting"
    zh = "还有考生在考试，或还有答卷没有评分，全部收卷评分后才能比对。"
    en = "Somebody is still sitting, or not scored yet; responses are compared once all are in and scored."


def wrong_responses(
    form: Form, points: Sequence[int | None], responses: Mapping[int, str], *, nothing: Collection[str]
) -> dict[str, tuple[int, str]]:
    """What a candidate gave that did not earn full points, by item: its position on their form, and the response in
    words that say the same on every form. `responses` are canonical JSON by position; one that is in `nothing` is
    no response, and an item without points yet is left out."""
    wrong = {}
    for entry, earned in zip(form.entries, points, strict=True):
        said = responses.get(entry.position)
        if said is None or said in nothing or earned is None or earned >= entry.points_hundredths:
            continue
        wrong[_name_of(entry)] = entry.position, same_on_every_form(entry, said)
    return wrong


def seconds_taken(form: Form, arrived: Mapping[int, datetime], *, started_at: datetime) -> dict[str, float]:
    """How long a candidate took for each item, by item: from the first response to another one that came before, or
    from the start, to the first response to this one. `arrived` are moments by position."""
    items = {entry.position: _name_of(entry) for entry in form.entries}
    taken, before = {}, started_at
    for position, at in sorted(arrived.items(), key=lambda pair: (pair[1], pair[0])):
        if position in items:
            taken[items[position]] = (at - before).total_seconds()
            before = at
    return taken


def _name_of(entry: Entry) -> str:
    """An item, or a part of a case, by a name that is the same on every form."""
    return entry.item_key if entry.part is None else f"{entry.item_key}/{entry.part}"


def same_on_every_form(entry: Entry, said: str) -> str:
    """A canonical response by the places that options, elements and choices have in their item, whatever the order in
    which the form showed them; texts without regard to case and blanks."""
    given = json.loads(said)
    if isinstance(kind_of(entry.item_type), ChoiceKind):
        return json.dumps(sorted(entry.order[shown] for shown in given))
    if entry.item_type in _PLACED:
        return json.dumps([None if shown is None else entry.order[shown] for shown in given])
    texts = given if isinstance(given, list) else [given]
    return json.dumps(["".join(text.split()).casefold() for text in texts], ensure_ascii=False)


def one_in(chance: float) -> int:
    """A chance (0 to 1) as people say it, once in so many: two leading digits, at most RAREST."""
    often = min(RAREST, int(1 / max(chance, 1 / RAREST)))
    unit = int(10 ** max(0, len(str(often)) - 2))
    return often // unit * unit


def count_soon(one: Mapping[str, datetime], other: Mapping[str, datetime], items: Collection[str]) -> int:
    """On how many of these items both gave their response at about the same time."""
    return sum(abs(one[item] - other[item]) <= SOON for item in items)
