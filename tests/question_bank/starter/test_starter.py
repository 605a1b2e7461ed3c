"""The bank that ships: every item of it, held to the register of facts."""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache

import pytest

from question_bank.duplicates import near_pairs
from question_bank.formats import ImportReport, read_bank
from question_bank.items import Difficulty, Item, ItemType, Level
from question_bank.kinds import problems_of
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.choice import ChoiceBody, key_of, options_of
from question_bank.kinds.fill_blank import FillBlankBody
from question_bank.kinds.practical import PracticalBody
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.starter import FILES, Fact, read_facts, read_file
from tests.question_bank.starter.figures import figures_in
from tools.starter_bank import FOLDER, build_docx, build_xlsx

LEAST = {
    ItemType.SINGLE_CHOICE: 120,
    ItemType.MULTIPLE_CHOICE: 45,
    ItemType.TRUE_FALSE: 45,
    ItemType.FILL_BLANK: 12,
    ItemType.NUMERIC: 18,
    ItemType.ORDERING: 10,
    ItemType.MATCHING: 5,
    ItemType.SHORT_ANSWER: 12,
    ItemType.CASE_ANALYSIS: 8,
    ItemType.PRACTICAL: 5,
}
LEVELS = dict(zip(FILES, Level, strict=False))
_NAMED_BY_PLACE = re.compile(r"(?<![A-Za-z])[A-L](?=项|选项|、[A-L])|[前后][一二两三四五六](?:项|种|者)")


@cache
def report(name: str) -> ImportReport:
    return read_bank(name, read_file(name))


def items() -> list[Item]:
    return [read.item for name in FILES for read in report(name).items]


def choices() -> list[Item]:
    """Every choice item, and every choice in a case as an item of its own."""
    found = items()
    for item in items():
        if isinstance(item.body, CaseBody):
            found += [
                replace(item, item_type=part.item_type, stem=part.stem, body=part.body) for part in item.body.parts
            ]
    return [item for item in found if isinstance(item.body, ChoiceBody)]


FACTS: dict[str, Fact] = {fact.id: fact for fact in read_facts()}


def test_a_fact_ships_from_the_document_itself_or_from_two_texts_that_differ():
    fact = read_facts()[0]
    for confirmed, ships in (("原文：某页", True), ("甲；乙", True), ("甲", False), ("甲；甲", False), ("甲；", False)):
        assert replace(fact, confirmed=confirmed).ships is ships


def test_the_register_names_each_fact_once_and_where_it_was_read():
    rows = read_facts()
    assert len(FACTS) == len(rows) >= 110
    for fact in rows:
        assert fact.document.startswith("《")
        assert all((fact.article, fact.fact, fact.since, fact.confirmed)), fact.id
        # The rule of what ships; a host that stands in two texts of one fact is one text.
        assert fact.ships, fact.id
        hosts = re.findall(r"[a-z0-9.-]+\.(?:com|cn|net|org|cc|hk|red)(?:\.cn)?", "；".join(fact.texts))
        assert fact.confirmed.startswith("原文：") or len(set(hosts)) == len(hosts), fact.id
        # A fact that cannot name its article is not shipped: an item on it could cite only a chapter.
        assert re.fullmatch(r"第[一二三四五六七八九十]+条", fact.article), fact.id
        assert not re.search("依条文先后|条次未见", fact.confirmed), fact.id
        assert bool(fact.quantity) == bool(fact.value) == bool(fact.unit), fact.id
        assert not fact.value or re.fullmatch(r"\d+(\.\d+)?(-\d+(\.\d+)?)?", fact.value), fact.id
        # In our own words: no fact is as long as an article.
        assert len(fact.fact) <= 80, fact.id
    assert len({fact.fact for fact in rows}) == len(rows)
    assert len({(fact.quantity, fact.document) for fact in rows if fact.value}) == sum(bool(one.value) for one in rows)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_without_a_doubt(name):
    read = report(name)
    assert (read.refused, read.doubtful, read.lost, read.duplicates) == ((), (), (), ())
    assert {one.item.level for one in read.items} == {LEVELS[name]}
    assert [problem for one in read.items for problem in problems_of(one.item)] == []


def test_every_type_and_every_level_is_there_in_number():
    by_type = Counter(item.item_type for item in items())
    by_level = Counter(item.level for item in items())
    assert len(items()) >= 300
    assert {kind: by_type[kind] >= least for kind, least in LEAST.items()} == dict.fromkeys(ItemType, True), by_type
    assert all(by_level[level] >= 60 for level in Level), by_level
    for level in (Level.INTERMEDIATE, Level.ADVANCED):
        assert {item.item_type for item in items() if item.level is level} == set(ItemType)
    difficulties = Counter((item.level, item.difficulty) for item in items())
    assert difficulties[Level.PRIMARY, Difficulty.EASY] > difficulties[Level.PRIMARY, Difficulty.HARD]
    assert difficulties[Level.ADVANCED, Difficulty.HARD] > difficulties[Level.ADVANCED, Difficulty.EASY]


def test_the_document_and_the_workbook_are_made_of_their_sources():
    assert read_file("intermediate.docx") == build_docx()
    assert read_file("advanced.xlsx") == build_xlsx()
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 600_000


def test_every_item_cites_the_register_and_explains_itself():
    for item in items():
        cited = [FACTS[tag.removeprefix("fact:")] for tag in item.tags if tag.startswith("fact:")]
        asked = {tag.removeprefix("figure:") for tag in item.tags if tag.startswith("figure:")}
        assert cited, item.stem
        assert asked <= {fact.id for fact in cited if fact.value}, item.stem
        assert {(one.document, one.clause) for one in item.basis} == {(one.document, one.article) for one in cited}
        assert len(item.topic) >= 2, item.stem
        assert len(item.explanation) >= 12 or item.item_type in (ItemType.PRACTICAL, ItemType.CASE_ANALYSIS), item.stem
        parts = item.body.parts if isinstance(item.body, CaseBody) else ()
        for text in (item.explanation, *(part.explanation for part in parts)):
            for place in _NAMED_BY_PLACE.findall(text):
                pytest.fail(f"options are shuffled, yet an explanation names {place}: {item.stem}")


def test_no_key_contradicts_the_register():
    held = 0
    for item in items():
        for tag in item.tags:
            if not tag.startswith("figure:"):
                continue
            fact = FACTS[tag.removeprefix("figure:")]
            right, wrong = stated(item, fact)
            figure = (fact.value, fact.unit)
            assert figure in right or item.item_type is ItemType.TRUE_FALSE, (item.stem, right, figure)
            assert figure not in wrong, (item.stem, wrong, figure)
            assert right or wrong, item.stem
            held += 1
    assert held >= 50


def stated(item: Item, fact: Fact) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Figures that the item says are right, and figures that it says are wrong."""
    if item.item_type is ItemType.TRUE_FALSE:
        figures = figures_in(item.stem)
        same = {figure for figure in figures if figure[1] == fact.unit or figure == (fact.value, fact.unit)}
        assert same, item.stem
        if 0 in key_of(item):
            assert same == {(fact.value, fact.unit)}, item.stem
            return same, set()
        return set(), same
    if isinstance(item.body, FillBlankBody):
        texts = [variant.text for blank in item.body.blanks for variant in blank.accepted]
        return {figure for text in texts for figure in figures_in(f"{text}{fact.unit}")}, set()
    found: dict[bool, set[tuple[str, str]]] = defaultdict(set)
    for place, option in enumerate(options_of(item)):
        found[place in key_of(item)] |= figures_in(option.text)
    return found[True], found[False]


def test_no_two_items_are_the_same_or_nearly():
    stems = [item.stem for item in items()]
    assert len(set(stems)) == len(stems)
    assert [(stems[one], stems[other]) for one, other in near_pairs(stems)] == []


def test_keys_stand_everywhere_and_lengths_do_not_tell():
    places: Counter[int] = Counter()
    longest = shortest = singles = 0
    judged: Counter[bool] = Counter()
    for item in choices():
        if item.item_type is ItemType.TRUE_FALSE:
            judged[0 in key_of(item)] += 1
        if item.item_type is ItemType.MULTIPLE_CHOICE:
            assert 2 <= len(key_of(item)) < len(options_of(item)), item.stem
        if item.item_type is not ItemType.SINGLE_CHOICE:
            continue
        (key,) = key_of(item)
        lengths = [len(option.text) for option in options_of(item)]
        assert len(lengths) == 4, item.stem
        assert not any("以上" in option.text and "都" in option.text for option in options_of(item)), item.stem
        places[key] += 1
        singles += 1
        wrong = [length for place, length in enumerate(lengths) if place != key]
        longest += lengths[key] > max(wrong)
        shortest += lengths[key] < min(wrong)
        # A key half as long again as any other option is found without reading.
        assert lengths[key] <= max(9, 1.45 * max(wrong)), item.stem
    assert max(places.values()) - min(places.values()) <= singles // 12, places
    assert longest <= 0.4 * singles, (longest, singles)
    assert shortest <= 0.4 * singles, (shortest, singles)
    assert 0.3 <= judged[True] / sum(judged.values()) <= 0.7, judged


def test_rubrics_and_checklists_say_what_earns_points():
    for item in items():
        if isinstance(item.body, ShortAnswerBody):
            assert item.body.models, item.stem
            assert len(item.body.rubric) >= 2, item.stem
        if isinstance(item.body, CaseBody):
            assert len(item.body.parts) >= 3, item.stem
            assert len(item.body.stimulus) >= 100, item.stem
            for part in item.body.parts:
                assert len(part.explanation) >= 12, part.stem
                if isinstance(part.body, ShortAnswerBody):
                    assert sum(point.share for point in part.body.rubric) == part.share, part.stem
        if isinstance(item.body, PracticalBody):
            assert len(item.body.checklist) >= 4, item.stem
            assert sum(entry.share for entry in item.body.checklist) == 100, item.stem
