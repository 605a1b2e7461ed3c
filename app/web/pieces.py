"""Items as they are asked, joined of pieces that were rendered before.

How an item looks is said in one place, the macro `exam_item`. From candidate to candidate of an exam its number
differs, the order of its options, and what was responded; its texts do not. So the macro is run once for each *frame*,
all of an item but its texts, with a slot where each of them stands; each text is rendered once; a paper is joined of
both. A piece depends on nothing but what stands in its key: who may see an item is judged before it comes here.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, TypeVar

from markupsafe import Markup, escape

T = TypeVar("T", bound=Sized)
Macro = Callable[..., Markup]
Render = Callable[[str, str, str], str]
"""A text, where its pictures are found, and the page's language, to what the page shows of it."""

_SIGN = secrets.token_hex(16)  # drawn anew in every process: no text can hold it
_PICTURE = "(picture:"
_AS_IT_IS, _CONTENT = "=", "~"
_CHOICES = frozenset({"single_choice", "multiple_choice", "true_false"})


class Slot:
    """Stands in a frame where a text will stand: to be shown, and good for nothing else."""

    __slots__ = ("_place",)

    def __init__(self, place: int) -> None:
        self._place = place

    def __html__(self) -> str:
        return f"{_SIGN}{_AS_IT_IS}{self._place}{_SIGN}"

    def as_content(self) -> Markup:
        """The same where the text is shown in its dialect, and not as it is."""
        return Markup(f"{_SIGN}{_CONTENT}{self._place}{_SIGN}")  # noqa: S704 - a sign and a number

    def _refuse(self, *_: Any) -> Any:
        raise TypeError("a frame is the same whatever its texts are")

    __str__ = __bool__ = __len__ = __eq__ = __hash__ = _refuse


@dataclass
class Kept:
    """Pieces by all that they depend on: `most` characters of them, then they are made anew."""

    most: int
    _held: dict[Any, Any] = field(default_factory=dict)
    _size: int = 0

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """The piece; made where it is not at hand."""
        found: T | None = self._held.get(key)
        if found is None:
            found = make()
            self._size += len(found)
            if self._size > self.most:
                self._held, self._size = {}, len(found)
            self._held[key] = found
        return found


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands before each slot, the slots (place of a text, whether it is content), and what stands at the end."""

    slots: list[tuple[str, int, bool]]
    end: str

    def __len__(self) -> int:
        return sum(len(before) for before, _, _ in self.slots) + len(self.end)


class ItemPieces:
    """The filters `asked_items` and `map_cells`; one for all pages of a process."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._frames = Kept(8_000_000)
        self._texts = Kept(16_000_000)
        self._cells = Kept(1_000_000)

    def join_items(self, lang: str, items: Sequence[Any], macro: Macro, pictures: str, current: int) -> Markup:
        """Each item as `macro(item, pictures, shown=…)` gives it; the one with the number `current` is shown."""
        joined: list[str] = []
        for item in items:
            shown = item.number == current
            if item.responded and item.kind not in _CHOICES:  # seldom given twice in the same words
                joined += macro(item, pictures, shown=shown), "\n"
                continue
            frame = self._frames.get((lang, shown, *_shape(item)), partial(_cut, macro, item, shown=shown))
            texts = list(_texts(item))
            for before, place, is_content in frame.slots:
                joined += before, self._text(texts[place], pictures, lang) if is_content else escape(texts[place])
            joined += frame.end, "\n"
        return Markup("".join(joined))  # noqa: S704 - pieces of what the macro has rendered

    def join_cells(self, lang: str, items: Sequence[Any], macro: Macro, current: int) -> Markup:
        """The cell of each item as `macro(item, current=…)` gives it."""
        joined = []
        for item in items:
            is_current = item.number == current
            key = lang, item.number, item.responded, is_current
            joined.append(self._cells.get(key, partial(macro, item, current=is_current)))
        return Markup("".join(joined))  # noqa: S704 - as above

    def _text(self, text: str, pictures: str, lang: str) -> str:
        if _PICTURE not in text:
            pictures = ""  # the same wherever it stands
        return self._texts.get((text, pictures, lang), partial(self._render, text, pictures, lang))


def _shape(item: Any) -> tuple[Any, ...]:
    """All that the macro is told of an item but its texts."""
    case = item.case
    return (
        item.number,
        item.kind,
        item.type_name.zh,
        item.type_name.en,
        item.scoring.zh,
        item.scoring.en,
        item.points_hundredths,
        tuple([(option.key, option.value, option.chosen) for option in item.options]),
        tuple([premise.chosen for premise in item.premises]),
        tuple(item.blanks),
        item.text,
        item.unit,
        case and (case.first, case.last),
        item.responded,
    )


def _texts(item: Any) -> Iterator[str]:
    """The texts of an item, in the order of their places."""
    yield item.stem
    for option in item.options:
        yield option.text
    for premise in item.premises:
        yield premise.text
    if item.case is not None:
        yield item.case.stem
        yield item.case.stimulus


def _cut(macro: Macro, item: Any, *, shown: bool) -> _Frame:
    """The frame of an item: what the macro makes of it with slots for its texts."""
    places = count()

    def slotted(one: Any, *names: str) -> Any:
        return one.model_copy(update={name: Slot(next(places)) for name in names})

    stem = Slot(next(places))
    options = [slotted(option, "text") for option in item.options]
    premises = [slotted(premise, "text") for premise in item.premises]
    case = slotted(item.case, "stem", "stimulus") if item.case is not None else None
    texts = {"stem": stem, "options": options, "premises": premises, "case": case}
    *parts, end = str(macro(item.model_copy(update=texts), "", shown=shown)).split(_SIGN)
    slots = [(before, int(told[1:]), told[0] == _CONTENT) for before, told in zip(parts[::2], parts[1::2], strict=True)]
    return _Frame(slots, end)
