"""An independent judge of forms: whether they are what blueprint and pool allow, however they were drawn.

It shares no code with the draw. Forms are read as they are stored; the counts of a section are matched with its cells
anew, pairs are looked up as they were given, and sums are added in the order of the paper.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from question_bank.assembly.facts import AUTHORS_EASINESS, NO_FACTS, PoolFacts
from question_bank.assembly.pool import PoolItem
from question_bank.blueprint import Blueprint, Cell, Section
from question_bank.form import Entry, Form
from question_bank.items import Item, ItemType
from question_bank.kinds import content_fold, kind_of
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.choice import key_of, options_of


@dataclass(frozen=True)
class Finding:
    """What is wrong: with one form, or with all of them together (`form_number` None)."""

    form_number: int | None
    code: str
    zh: str
    en: str


def check_forms(
    forms: Sequence[Form], *, blueprint: Blueprint, pool: Sequence[PoolItem], facts: PoolFacts = NO_FACTS
) -> tuple[Finding, ...]:
    """Everything that is wrong with these forms of one exam; empty if nothing is."""
    judge = _Judge(blueprint, {entry.key: entry.item for entry in pool}, facts)
    found = [finding for form in forms for finding in judge.judge(form)]
    return (*found, *judge.compare(forms))


def _whole(entries: Sequence[Entry]) -> list[Entry]:
    """The entries with the parts of each case put together: one entry, worth what they are worth together."""
    found: list[Entry] = []
    for entry in entries:
        if entry.part and found and found[-1].item_key == entry.item_key:
            found[-1] = replace(found[-1], points_hundredths=found[-1].points_hundredths + entry.points_hundredths)
        else:
            found.append(entry)
    return found


class _Judge:
    def __init__(self, blueprint: Blueprint, items: Mapping[str, Item], facts: PoolFacts) -> None:
        self._blueprint = blueprint
        self._items = items
        self._facts = facts
        self._apart: dict[str, set[str]] = {}
        for one, other in facts.apart:
            self._apart.setdefault(one, set()).add(other)
            self._apart.setdefault(other, set()).add(one)
        self._folds: dict[str, str] = {}

    def judge(self, form: Form) -> Iterator[Finding]:
        """What is wrong with one form."""
        number = form.number
        if [section.title for section in form.sections] != [section.title for section in self._blueprint.sections]:
            yield Finding(number, "sections", "大题与方案不符。", "The sections are not those of the blueprint.")
            return
        shown = [entry for section in form.sections for entry in section.entries]
        entries = _whole(shown)
        unknown = [entry.item_key for entry in entries if entry.item_key not in self._items]
        if unknown:
            yield Finding(
                number, "unknown", f"试题「{unknown[0]}」不在备选题集中。", f"{unknown[0]} is not in the pool."
            )
            return
        for drawn, planned in zip(form.sections, self._blueprint.sections, strict=True):
            if not self._meets(_whole(drawn.entries), planned):
                yield Finding(
                    number,
                    "cells",
                    f"大题「{planned.title}」不符合抽题要求。",
                    f"Section {planned.title} does not meet its cells.",
                )
        keys = [entry.item_key for entry in entries]
        if len({*keys}) < len(keys):
            yield Finding(number, "twice", "同一试题出现两次。", "An item stands in the form twice.")
        yield from self._meetings(number, [*dict.fromkeys(keys)])
        for entry in shown:
            if not self._is_ordered(entry):
                yield Finding(
                    number,
                    "options",
                    f"第 {entry.position} 题的选项顺序有误。",
                    f"The options of item {entry.position} stand in an order that they cannot have.",
                )
        if any(count > most for count, most in self._right_places(entries)):
            yield Finding(number, "right_places", "答案位置不均衡。", "One place is right too often.")

    def compare(self, forms: Sequence[Form]) -> Iterator[Finding]:
        """What is wrong with the forms together: points to be expected, exposure."""
        evenness, expected = self._blueprint.evenness, [self._expected(form) for form in forms]
        if expected and max(expected) - min(expected) > 2 * 1000 * self._blueprint.tolerance_hundredths:
            yield Finding(
                None,
                "expected",
                "各份试卷的预期分相差超过允差。",
                "The expected points of the forms are further apart than the tolerance allows.",
            )
        uses: Counter[str] = Counter()
        for form in forms:
            uses.update({entry.item_key for section in form.sections for entry in section.entries})
        fixed = {self._facts.named.get(one.name, one.name) for one in self._blueprint.fixed}
        for key, count in uses.items():
            if key not in fixed and (count - 1) * 1000 >= evenness.exposure_permille * len(forms):
                yield Finding(
                    None, "exposure", f"试题「{key}」用于 {count} 份试卷。", f"{key} stands in {count} of the forms."
                )
            if key not in fixed and key in self._facts.resting:
                yield Finding(None, "resting", f"试题「{key}」尚在停用期。", f"{key} was used too recently.")

    def _meets(self, entries: Sequence[Entry], section: Section) -> bool:
        """Whether the fixed items stand there with their points and the others can be matched with the cells."""
        fixed = Counter((self._facts.named.get(one.name, one.name), one.points_hundredths) for one in section.fixed)
        drawn = []
        for entry in entries:
            if fixed[entry.item_key, entry.points_hundredths]:
                fixed[entry.item_key, entry.points_hundredths] -= 1
            else:
                drawn.append(entry)
        slots = [cell for cell in section.cells for _ in range(cell.count)]
        if any(fixed.values()) or len(slots) != len(drawn):
            return False
        holder: dict[int, int] = {}
        return all(self._place(at, drawn, slots, holder, set()) for at in range(len(drawn)))

    def _place(
        self, at: int, drawn: Sequence[Entry], slots: Sequence[Cell], holder: dict[int, int], tried: set[int]
    ) -> bool:
        """Give entry `at` a slot, moving others on where that helps."""
        entry = drawn[at]
        item = self._items[entry.item_key]
        for slot, cell in enumerate(slots):
            fits = (
                cell.item_type is item.item_type
                and (entry.part is not None or entry.item_type is item.item_type)
                and cell.points_hundredths == entry.points_hundredths
                and tuple(item.topic)[: len(cell.topic)] == cell.topic
                and (cell.difficulty is None or cell.difficulty is item.difficulty)
            )
            if fits and slot not in tried:
                tried.add(slot)
                if slot not in holder or self._place(holder[slot], drawn, slots, holder, tried):
                    holder[slot] = at
                    return True
        return False

    def _meetings(self, number: int, keys: Sequence[str]) -> Iterator[Finding]:
        folds: dict[str, str] = {}
        for key in keys:
            if key not in self._folds:
                self._folds[key] = content_fold(self._items[key])
            twin = folds.setdefault(self._folds[key], key)
            rivals = self._apart.get(key, set()) & {*keys}
            if twin != key or rivals:
                other = twin if twin != key else min(rivals)
                yield Finding(
                    number, "enemies", f"试题「{key}」与「{other}」不得同卷。", f"{key} and {other} must not meet."
                )

    def _is_ordered(self, entry: Entry) -> bool:
        item = self._items[entry.item_key]
        body, item_type = item.body, item.item_type
        if isinstance(item.body, CaseBody) and entry.part is not None and entry.part < len(item.body.parts):
            part = item.body.parts[entry.part]
            body, item_type = part.body, part.item_type
        if item_type is not entry.item_type or sorted(entry.order) != [
            *range(len(kind_of(item_type).layout(body).shown))
        ]:
            return False
        moves = kind_of(item_type).free_places(body)
        return all(at == place for at, place in enumerate(entry.order) if place not in moves)

    def _right_places(self, entries: Sequence[Entry]) -> Iterator[tuple[int, int]]:
        """For each displayed place how often it is right among items of as many options, none of them pinned, and the
        most that may be."""
        right: dict[int, list[int]] = {}
        for entry in entries:
            item = self._items[entry.item_key]
            options = options_of(item)
            if item.item_type is ItemType.SINGLE_CHOICE and not any(option.pinned for option in options):
                places = right.setdefault(len(options), [])
                places += [at for at, place in enumerate(entry.order) if place in key_of(item)]
        for count_of_options, places in right.items():
            if count_of_options > 1:
                for count in Counter(places).values():
                    yield count, -(-len(places) // count_of_options) + 1

    def _expected(self, form: Form) -> int:
        total = 0
        for section in form.sections:
            for entry in section.entries:
                item = self._items.get(entry.item_key)
                if item is not None:
                    share = self._facts.easiness.get(entry.item_key, AUTHORS_EASINESS[item.difficulty])
                    total += share * entry.points_hundredths
        return total
