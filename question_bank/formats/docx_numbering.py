"""Automatic numbering of Word, rendered back to text: numbers and letters that no paragraph contains."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "〇一二三四五六七八九"
_DEEPEST_STYLE = 20


@dataclass(frozen=True)
class _Level:
    """How one level of a list is written, such as decimal and "%1."."""

    number_format: str
    text: str
    start: int


@dataclass
class Numbering:
    """The lists of a document and where each stands. `render` is called once per paragraph, in order."""

    levels: Mapping[str, Mapping[int, _Level]]
    abstract_of: Mapping[str, str]
    overrides: Mapping[tuple[str, int], int]
    counters: dict[tuple[str, int], int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def render(self, num_id: str, level: int) -> str:
        """The label of the next paragraph of this list at this level, such as "3." or "B."; bullets are empty."""
        abstract = self.abstract_of.get(num_id)
        levels = self.levels.get(abstract or "", {})
        if abstract is None or level not in levels:
            return ""
        if num_id not in self.seen:
            self.seen.add(num_id)
            for (owner, at), start in self.overrides.items():
                if owner == num_id:
                    self.counters[abstract, at] = start - 1
        self.counters[abstract, level] = self.counters.get((abstract, level), levels[level].start - 1) + 1
        for deeper in [at for owner, at in self.counters if owner == abstract and at > level]:
            del self.counters[abstract, deeper]
        return re.sub(r"%([1-9])", lambda found: self._count(abstract, int(found[1]) - 1), levels[level].text)

    def _count(self, abstract: str, level: int) -> str:
        described = self.levels[abstract].get(level)
        if described is None:
            return ""
        return write_count(self.counters.get((abstract, level), described.start), described.number_format)


def read_numbering(root: etree._Element | None) -> Numbering:
    """The lists that numbering.xml describes; none when the document has no such part."""
    if root is None:
        return Numbering({}, {}, {})
    levels = {
        _value(abstract, "abstractNumId"): {
            _number(level.get(f"{W}ilvl")): _read_level(level) for level in abstract.iter(f"{W}lvl")
        }
        for abstract in root.iter(f"{W}abstractNum")
    }
    abstract_of: dict[str, str] = {}
    overrides: dict[tuple[str, int], int] = {}
    for num in root.iter(f"{W}num"):
        num_id = _value(num, "numId")
        abstract_of[num_id] = _child_value(num, "abstractNumId")
        for override in num.iter(f"{W}lvlOverride"):
            start = _child_value(override, "startOverride")
            if start:
                overrides[num_id, _number(override.get(f"{W}ilvl"))] = _number(start)
    return Numbering(levels, abstract_of, overrides)


def _read_level(level: etree._Element) -> _Level:
    number_format = _child_value(level, "numFmt") or "decimal"
    text = "" if number_format in ("bullet", "none") else _child_value(level, "lvlText")
    return _Level(number_format, text, _number(_child_value(level, "start") or "1"))


def _value(element: etree._Element, name: str) -> str:
    return str(element.get(f"{W}{name}") or "")


def _child_value(element: etree._Element, name: str) -> str:
    child = element.find(f"{W}{name}")
    return "" if child is None else _value(child, "val")


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else 0


def list_of(properties: etree._Element | None) -> tuple[str, int] | None:
    """(list, level) that paragraph properties name; the list "0" means none, on purpose."""
    numbered = None if properties is None else properties.find(f"{W}numPr")
    if numbered is None:
        return None
    return _child_value(numbered, "numId"), _number(_child_value(numbered, "ilvl"))


@dataclass(frozen=True)
class Styles:
    """What paragraph styles say of lists and of headings, inherited through what each is based on."""

    lists: Mapping[str, tuple[str, int]]
    outlines: Mapping[str, int]


def read_styles(root: etree._Element | None) -> Styles:
    """The paragraph styles of styles.xml."""
    based_on: dict[str, str] = {}
    own_lists: dict[str, tuple[str, int]] = {}
    own_outlines: dict[str, int] = {}
    for style in () if root is None else root.iter(f"{W}style"):
        name = _value(style, "styleId")
        based_on[name] = _child_value(style, "basedOn")
        properties = style.find(f"{W}pPr")
        if (found := list_of(properties)) is not None:
            own_lists[name] = found
        outline = "" if properties is None else _child_value(properties, "outlineLvl")
        if outline and _number(outline) < 9:
            own_outlines[name] = _number(outline) + 1
    lists: dict[str, tuple[str, int]] = {}
    outlines: dict[str, int] = {}
    for name in based_on:
        ancestor = name
        for _ in range(_DEEPEST_STYLE):
            if ancestor in own_lists:
                lists.setdefault(name, own_lists[ancestor])
            if ancestor in own_outlines:
                outlines.setdefault(name, own_outlines[ancestor])
            ancestor = based_on.get(ancestor, "")
    return Styles(lists, outlines)


def write_count(count: int, number_format: str) -> str:
    """A count as Word writes it in this format; digits where the format is one we do not know."""
    if number_format in ("upperLetter", "lowerLetter") and 1 <= count <= 780:
        letter = chr(ord("A") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter if number_format == "upperLetter" else letter.lower()
    if number_format.startswith(("chinese", "japaneseCounting", "ideograph")) and 1 <= count <= 99:
        return _write_chinese(count)
    if number_format in ("upperRoman", "lowerRoman") and 1 <= count <= 3999:
        roman = _write_roman(count)
        return roman if number_format == "upperRoman" else roman.lower()
    return str(count)


def _write_chinese(count: int) -> str:
    tens, ones = divmod(count, 10)
    if not tens:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens > 1 else "") + "十" + (_DIGITS[ones] if ones else "")


def _write_roman(count: int) -> str:
    signs = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"))
    signs += ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # type: ignore[assignment]  # tuples of two lengths
    written = ""
    for value, sign in signs:
        times, count = divmod(count, value)
        written += sign * times
    return written
