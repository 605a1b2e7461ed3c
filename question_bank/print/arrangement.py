"""A paper as plain data for the templates: sections with their heads, items with what each shows, in words."""

import re
from typing import Any

from question_bank.content import Picture, escape
from question_bank.content.dialect import Blank, Block, Break, Formula, Inline, PictureUse, Strong, Table, Text, parse
from question_bank.form import Form, content_of
from question_bank.items import Item, ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import Part
from question_bank.presentation import CandidateView, ItemView, SectionView, candidate_view
from question_bank.print.figures import draw_formula, framed
from question_bank.print.paper import Copy, Paper, distinct, ordinal, points_text
from question_bank.print.symbols import qr_code

_SPACES = re.compile("(?:^ | {2,})")
_BRACKETS = re.compile(r"[（(]\s*[)）]\s*[。.]?\s*$")

_LONG = 500

CHOSEN = frozenset({ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE})


class Arrangement:
    """Collects the figures of a paper while its copies are arranged: each formula and picture is handed over once."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._numbers: dict[tuple[str, str], int] = {}
        self.figures: list[str] = []
        self._formulas: list[tuple[int, str, float]] = []
        self._shown: dict[str, list[Any]] = {}

    def data(self, *, with_key: bool = False) -> dict[str, Any]:
        """Everything that a template sets. Keys are in it only where asked for (P14)."""
        heading = self._paper.heading
        copies = [self._copy(copy, with_key=with_key) for copy in self._paper.copies]
        return {
            "authority": heading.authority,
            "title": heading.title,
            "facts": [*heading.facts],
            "notes": [*heading.notes],
            "copies": copies,
            "figures": self.figures,
        }

    def drawings(self) -> list[tuple[int, str, float]]:
        """The formulas among the figures so far: number, SVG and width in ems."""
        return self._formulas

    def picture(self, number: int) -> Picture:
        """The picture of a figure that is one."""
        return next(self._paper.pictures[name] for (_, name), at in self._numbers.items() if at == number)

    def _copy(self, copy: Copy, *, with_key: bool) -> dict[str, Any]:
        view = candidate_view(copy.form, self._paper.items)
        candidate = copy.candidate
        made: dict[str, Any] = {
            "label": copy.label,
            "mark": copy.mark,
            "code": qr_code(f"{copy.candidate.ticket_number};{copy.form.number}", dark="#000000")
            if copy.candidate.ticket_number
            else "",
            "maximum": points_text(view.maximum_hundredths),
            "candidate": {
                "name": candidate.name,
                "ticket_number": candidate.ticket_number,
                "unit": candidate.unit,
                "room": candidate.room,
                "seat": candidate.seat,
            },
            "sections": [
                self._section(number, section) for number, section in enumerate(_paper_sections(view), start=1)
            ],
        }
        if with_key:
            made["keys"] = self._keys(copy.form)
        return made

    def _section(self, number: int, section: SectionView) -> dict[str, Any]:
        points = {item.points_hundredths for item in section.items}
        rules = distinct(item.scoring.zh for item in section.items)
        total = points_text(sum(item.points_hundredths for item in section.items))
        alone = len(section.items) == 1
        each = f"每小题 {points_text(points.pop())} 分，" if len(points) == 1 and not alone else ""
        rule = rules[0] if len(rules) == 1 else ""
        return {
            "number": ordinal(number),
            "title": section.title,
            "head": f"共 {len(section.items)} 小题，{each}共 {total} 分。{rule}",
            "items": [self._item(item, own_points=not each and not alone, own_rule=not rule) for item in section.items],
        }

    def _item(self, item: ItemView, *, own_points: bool, own_rule: bool) -> dict[str, Any]:
        note = f"{points_text(item.points_hundredths)} 分" if own_points else ""
        if own_rule:
            note = "。".join(filter(None, (note, item.scoring.zh.rstrip("。"))))
        case = item.case
        return {
            "number": item.position,
            "type": item.item_type.value,
            "chosen": item.item_type in CHOSEN,
            "points": item.points_hundredths,
            "stem": self._stem(item, note),
            "options": [
                {"letter": option.letter, "word": option.text, "text": self.blocks(option.text)}
                for option in item.options
            ],
            "columns": columns_of([self.blocks(option.text) for option in item.options]),
            "long": len(item.stem) + sum(len(option.text) for option in item.options) > _LONG
            or "](picture:" in item.stem,
            "premises": [self.blocks(premise) for premise in item.premises],
            "blanks": item.blanks,
            "unit": item.unit,
            "case": None
            if case is None or item.position != case.first
            else {
                "first": case.first,
                "last": case.last,
                "stem": _begun(self.blocks(case.stem), ["s", [["t", f"（{case.first}—{case.last} 题）"]]]),
                "stimulus": self.blocks(case.stimulus),
                "long": len(case.stimulus) > _LONG,
            },
        }

    def _stem(self, item: ItemView, note: str) -> list[Any]:
        """The stem, begun by its own points and rule; a statement to be judged ends with brackets for the mark."""
        blocks = self.blocks(item.stem)
        if note:
            blocks = _begun(blocks, ["note", f"（{note}）"])
        if item.item_type is ItemType.TRUE_FALSE and not _BRACKETS.search(item.stem):
            last = blocks[-1:] if blocks and blocks[-1][0] == "p" else [["p", []]]
            blocks = [*blocks[: len(blocks) - (last == blocks[-1:])], ["p", [*last[0][1], ["brackets"]]]]
        return blocks

    def _keys(self, form: Form) -> list[dict[str, Any]]:
        return [
            {
                "number": ordinal(number),
                "title": section.title,
                "items": [
                    self._key(
                        content_of(entry, self._paper.items), entry.position, entry.points_hundredths, entry.order
                    )
                    for entry in section.entries
                ],
            }
            for number, section in enumerate(form.sections, start=1)
        ]

    def _key(self, content: Item | Part, position: int, points: int, order: tuple[int, ...]) -> dict[str, Any]:
        kind = kind_of(content.item_type)
        key = kind.key(content.body, order)
        layout = kind.layout(content.body)
        short = f"{kind.summarise(key).zh} {layout.unit}".strip() if kind.is_answered(key) else ""
        if content.item_type is ItemType.NUMERIC:  # who scores on paper must know what else is right
            short = "；".join(kind.key_lines(content.body))
        texts = [] if kind.is_objective and not layout.blanks else list(kind.texts(content.body))
        return {
            "number": position,
            "short": short,
            "chosen": content.item_type in CHOSEN,
            "points": points_text(points),
            "texts": [
                {"name": text.zh, "text": self.blocks(escape(text.text) if text.literal else text.text)}
                for text in texts
                if text.text
            ],
        }

    def blocks(self, markdown: str) -> list[Any]:
        """An item text as the templates walk it: lists of a mark and what it marks."""
        found = self._shown.get(markdown)
        if found is None:
            found = [self._block(block) for block in parse(markdown) if not isinstance(block, Blank)]
            self._shown[markdown] = found
        return found

    def _block(self, block: Block) -> list[Any]:
        if isinstance(block, Table):
            rows = [[self._line(cell) for cell in row] for row in (block.head, *block.rows)]
            return ["table", [side or "start" for side in block.align], rows]
        return ["p", [] if isinstance(block, Blank) else self._line(block.parts)]

    def _line(self, parts: tuple[Inline, ...]) -> list[list[Any]]:
        return [self._part(part) for part in parts]

    def _part(self, part: Inline) -> list[Any]:
        match part:
            case Text(text):
                return ["t", _SPACES.sub(lambda run: "\u00a0" * len(run[0]), text)]
            case Break():
                return ["br"]
            case Strong(parts):
                return ["s", self._line(parts)]
            case Formula():
                return self._formula(part)
            case PictureUse():
                return self._picture(part)

    def _formula(self, formula: Formula) -> list[Any]:
        drawing = draw_formula(formula.latex, display=formula.display)
        if drawing is None:
            return ["t", f"${formula.latex}$"]
        fresh = len(self.figures)
        number = self._figure(("formula", f"{formula.display}{formula.latex}"), drawing.svg)
        if number == fresh:
            self._formulas.append((number, drawing.svg, drawing.width))
        return ["f", number, formula.display, drawing.width, drawing.drop, formula.latex]

    def _picture(self, use: PictureUse) -> list[Any]:
        picture = self._paper.pictures.get(use.sha256)
        if picture is None:
            return ["t", f"［图：{use.alt}］"]
        number = self._figure(("picture", use.sha256), framed(picture))
        return ["i", number, picture.width, picture.height, use.alt]

    def _figure(self, name: tuple[str, str], svg: str) -> int:
        if name not in self._numbers:
            self._numbers[name] = len(self.figures)
            self.figures.append(svg)
        return self._numbers[name]


def _begun(blocks: list[Any], part: list[Any]) -> list[Any]:
    """The blocks with one more part at their beginning."""
    if blocks and blocks[0][0] == "p":
        return [["p", [part, *blocks[0][1]]], *blocks[1:]]
    return [["p", [part]], *blocks]


def _paper_sections(view: CandidateView) -> tuple[SectionView, ...]:
    return tuple(section for section in view.sections if section.items)


def columns_of(options: list[list[Any]]) -> int:
    """How many options may stand side by side on a line of 41 ems."""
    widest = max(map(_width, options), default=0)
    if len(options) >= 4 and widest <= 8:
        return 4
    if len(options) == 3 and widest <= 12:
        return 3
    return 2 if widest <= 18 else 1


def _width(blocks: list[Any]) -> float:
    """About how many ems wide; what breaks, a table or a picture takes a line of its own."""
    return sum(99 if block[0] == "table" else sum(map(_part_width, block[1])) for block in blocks)


def _part_width(part: list[Any]) -> float:
    match part[0]:
        case "t":
            return sum(1 if ord(character) > 0xFF else 0.6 for character in part[1])
        case "s":
            return sum(map(_part_width, part[1]))
        case "f":
            return 99 if part[2] else float(part[3])
        case "i":
            return 8 if part[2] < 140 else 16 if part[2] < 300 else 99
        case _:
            return 99
