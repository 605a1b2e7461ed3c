"""HTML that others wrote (pasted from Word and Excel, Moodle, QTI) as an item text, and what of it was lost."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from lxml import etree
from markdown_it import MarkdownIt

from question_bank.content.dialect import (
    MOST_COLUMNS,
    Blank,
    Block,
    Break,
    Formula,
    Inline,
    Paragraph,
    PictureUse,
    Strong,
    Table,
    Text,
)
from question_bank.content.writing import describe, joined, write
from question_bank.wording import Wording

PictureOf: TypeAlias = Callable[[str], str | None]
"""From the `src` of an image to the hash of the picture that was kept for it; None where there is none."""

_DROPPED = {"script", "style", "head", "title", "template", "noscript", "xml", "colgroup", "col", "annotation"}
_EMBEDDED = {"iframe", "object", "embed", "audio", "video", "canvas", "svg", "form", "input", "button", "select"}
_APART = {"p", "blockquote", "pre", "figure", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6"}
_OWN_LINE = {"div", "li", "tr", "dt", "dd", "section", "article", "header", "footer", "figcaption", "center", "hr"}
_STRESSED = {"b", "strong", "u", "em", "i", "ins", "mark", "h1", "h2", "h3", "h4", "h5", "h6"}
_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SPACES = re.compile("[ \t\n\r\f\v\u00a0]+")
_TEX = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]|\$\$(.+?)\$\$")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BASE = re.compile(r"[0-9A-Za-z]+$")
_TEX_MARKS = re.compile(r"[\\{}$]")
_HEAVY = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.IGNORECASE)
_LIGHT = re.compile(r"font-weight\s*:\s*(normal|[1-5]00)", re.IGNORECASE)

_LOST_PICTURE = Wording("图片未能带入，请另行上传。", "A picture could not be taken over; please upload it.")
_LOST_EMBEDDED = Wording("音视频或嵌入内容未带入。", "Sound, video or embedded content was left out.")
_LOST_LINK = Wording("链接只保留了文字。", "Of a link only its words were kept.")
_LOST_MERGED = Wording("表格中的合并单元格已拆开。", "Merged cells of a table were taken apart.")
_LOST_TABLE = Wording("过宽或嵌套的表格已改为文字。", "A very wide or nested table became plain lines.")
_LOST_FORMULA = Wording("公式只保留了文字，请核对。", "Of a formula only its characters were kept; please check.")
_LOST_STRESS = Wording("部分加粗未能保留。", "Some emphasis was not kept.")


@dataclass(frozen=True)
class Converted:
    """An item text, and one sentence for each kind of thing that it could not keep."""

    text: str
    lost: tuple[Wording, ...]


def from_html(html: str, *, picture: PictureOf) -> Converted:
    r"""The item text that reads as the HTML does. Formulas in `\( \)`, `\[ \]` and `$$ $$` become formulas.

    Never refuses: markup that is broken is read as browsers read it, what cannot be kept is told in `lost`.
    """
    source = _CONTROL.sub("", html).encode("utf-8")
    tree = etree.fromstring(source, _parser()) if source.strip() else None
    if tree is None:
        return Converted("", ())
    reader = _Reader(picture)
    reader.read(tree)
    reader.close()
    text, whole = write(reader.blocks)
    lost = reader.lost if whole else {**reader.lost, _LOST_STRESS: None}
    return Converted(text, tuple(lost))


def from_markdown(markdown: str, *, picture: PictureOf) -> Converted:
    """The item text that reads as this Markdown of the usual kind (CommonMark with tables) does."""
    return from_html(_common().render(markdown), picture=picture)


@cache
def _parser() -> etree.HTMLParser:
    return etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)


@cache
def _common() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


class _Reader:
    """Walks the tree and gathers blocks; `lost` keeps the order in which things were lost."""

    def __init__(self, picture: PictureOf) -> None:
        self.blocks: list[Block] = []
        self.lost: dict[Wording, None] = {}
        self._picture = picture
        self._line: list[Inline] = []
        self._paragraph: list[Inline] = []
        self._stressed = False
        self._numbers: list[int | None] = []

    def read(self, element: etree._Element) -> None:
        """The element with all inside it, and not the words behind it."""
        tag = str(element.tag).rpartition("}")[2].lower()
        if tag in _DROPPED:
            return
        if tag in _EMBEDDED:
            self.lost[_LOST_EMBEDDED] = None
            return
        if tag == "br":
            self._break()
        elif tag == "img":
            self._image(element)
        elif tag == "math":
            self._math(element)
        elif tag == "table":
            self._table(element)
        elif tag in {"sub", "sup"}:
            self._shifted(element, tag)
        else:
            self._container(element, tag)

    def close(self) -> None:
        """End the paragraph."""
        self._break()
        while self._paragraph and isinstance(self._paragraph[-1], Break):
            self._paragraph.pop()
        if parts := joined(self._paragraph):
            if self.blocks:
                self.blocks.append(Blank(""))
            self.blocks.append(Paragraph(parts))
        self._paragraph = []

    def _container(self, element: etree._Element, tag: str) -> None:
        style = element.get("style") or ""
        before = self._stressed
        if (tag in _STRESSED and not _LIGHT.search(style)) or _HEAVY.search(style):
            self._stressed = True
        if tag == "a" and element.get("href"):
            self.lost[_LOST_LINK] = None
        if tag in {"ul", "ol"}:
            self._numbers.append(0 if tag == "ol" else None)
        apart = tag in _APART and not (tag in {"ul", "ol", "p"} and self._inside_item(element))
        if apart:
            self.close()
        elif tag in _OWN_LINE or tag in {"ul", "ol"}:
            self._break_if_begun()
        if tag == "li":
            self._bullet()
        self._children(element)
        if apart:
            self.close()
        elif tag in _OWN_LINE or tag in {"ul", "ol"}:
            self._break_if_begun()
        if tag in {"ul", "ol"}:
            self._numbers.pop()
        self._stressed = before

    @staticmethod
    def _inside_item(element: etree._Element) -> bool:
        parent = element.getparent()
        return parent is not None and parent.tag == "li"

    def _children(self, element: etree._Element) -> None:
        self._words(element.text)
        for child in element:
            self.read(child)
            self._words(child.tail)

    def _bullet(self) -> None:
        if not self._numbers or self._numbers[-1] is None:
            self._line.append(Text("• "))
        else:
            self._numbers[-1] += 1
            self._line.append(Text(f"{self._numbers[-1]}. "))

    def _words(self, text: str | None) -> None:
        if not text:
            return
        words = _SPACES.sub(" ", text)
        if not self._line or (isinstance(self._line[-1], Text) and self._line[-1].text.endswith(" ")):
            words = words.lstrip(" ")
        at = 0
        for found in _TEX.finditer(words):
            self._put(Text(words[at : found.start()]))
            latex = found[1] or found[2] or found[3]
            self._put(Formula(latex.strip(), display=found[1] is None))
            at = found.end()
        self._put(Text(words[at:]))

    def _put(self, part: Inline) -> None:
        if isinstance(part, Text) and not part.text:
            return
        if not self._stressed or (isinstance(part, Text) and not part.text.strip()):
            self._line.append(part)
        elif self._line and isinstance(self._line[-1], Strong):
            self._line[-1] = Strong(joined((*self._line[-1].parts, part)))
        else:
            self._line.append(Strong((part,)))

    def _break(self) -> None:
        line = _ended(self._line)
        self._line = []
        if line or self._paragraph:
            if self._paragraph:
                self._paragraph.append(Break())
            self._paragraph += line

    def _break_if_begun(self) -> None:
        if _ended(self._line):
            self._break()

    def _image(self, element: etree._Element) -> None:
        kept = self._picture(element.get("src") or "")
        alt = describe(element.get("alt") or "")
        if kept is None:
            self.lost[_LOST_PICTURE] = None
            self._put(Text(f"［图：{alt}］" if alt else "［图］"))
        else:
            self._put(PictureUse(kept, alt))

    def _math(self, element: etree._Element) -> None:
        for note in element.iter():
            if note.tag.endswith("annotation") and "tex" in (note.get("encoding") or ""):
                self._put(Formula((note.text or "").strip(), display=element.get("display") == "block"))
                return
        self.lost[_LOST_FORMULA] = None
        self._words("".join(str(text) for text in element.itertext()))

    def _shifted(self, element: etree._Element, tag: str) -> None:
        words = "".join(str(text) for text in element.itertext()).strip()
        table = _RAISED if tag == "sup" else _LOWERED
        if all(ord(character) in table for character in words):
            self._put(Text(words.translate(table)))
            return
        mark = "^" if tag == "sup" else "_"
        base = self._taken_base()
        if not (words.isascii() and words.isalnum()):
            words = f"\\text{{{_TEX_MARKS.sub('', words)}}}"
        self._put(Formula(f"{base}{mark}{{{words}}}", display=False))

    def _taken_base(self) -> str:
        """The Latin letters or digits just before, which move into the formula that raises or lowers what follows."""
        last = self._line[-1] if self._line else None
        base = _BASE.search(last.text) if isinstance(last, Text) else None
        if base is None or not isinstance(last, Text):
            return ""
        self._line[-1] = Text(last.text[: base.start()])
        return base[0] if len(base[0]) == 1 or base[0].isdigit() else rf"\mathrm{{{base[0]}}}"

    def _table(self, element: etree._Element) -> None:
        rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
        cells = [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]
        width = max((sum(_span(cell) for cell in row) for row in cells), default=0)
        nested = element.find(".//table") is not None
        if len(rows) < 2 or not 1 < width <= MOST_COLUMNS or nested:
            if width > MOST_COLUMNS or nested:
                self.lost[_LOST_TABLE] = None
            self._lines_of(cells)
            return
        self.close()
        made = []
        for row in cells:
            line: list[tuple[Inline, ...]] = []
            for cell in row:
                line.append(self._cell(cell))
                line += [()] * (_span(cell) - 1)
                if _span(cell) > 1 or cell.get("rowspan", "1") not in {"1", "0"}:
                    self.lost[_LOST_MERGED] = None
            made.append((*line, *[()] * (width - len(line))))
        if self.blocks:
            self.blocks.append(Blank(""))
        self.blocks.append(Table(("",) * width, made[0], tuple(made[1:])))

    def _lines_of(self, cells: list[list[etree._Element]]) -> None:
        for row in cells:
            for cell in row:
                self._break_if_begun()
                self._children(cell)
        self._break_if_begun()

    def _cell(self, cell: etree._Element) -> tuple[Inline, ...]:
        inner = _Reader(self._picture)
        inner._children(cell)
        inner.close()
        self.lost.update(inner.lost)
        parts: list[Inline] = []
        for block in inner.blocks:
            if isinstance(block, Paragraph):
                parts += [Text(" ")] if parts else []
                parts += [Text(" ") if isinstance(part, Break) else part for part in block.parts]
        return _ended(parts)


def _span(cell: etree._Element) -> int:
    span = cell.get("colspan", "1")
    return (
        min(int(span), MOST_COLUMNS + 1) if span.isascii() and span.isdigit() and 0 < len(span) < 4 and int(span) else 1
    )


def _ended(line: list[Inline]) -> tuple[Inline, ...]:
    """The line without spaces at its ends, inside emphasis too."""
    parts = list(joined(line))
    for part in parts:
        if isinstance(part, Strong):
            return _ended_stressed(parts)
    return _stripped(parts)


def _ended_stressed(parts: list[Inline]) -> tuple[Inline, ...]:
    made: list[Inline] = []
    for part in parts:
        if not isinstance(part, Strong):
            made.append(part)
            continue
        inner = _stripped(list(part.parts))
        first, last = part.parts[0], part.parts[-1]
        if isinstance(first, Text) and first.text.startswith(" "):
            made.append(Text(" "))
        if inner:
            made.append(Strong(inner))
        if isinstance(last, Text) and last.text.endswith(" "):
            made.append(Text(" "))
    return _stripped(list(joined(made)))


def _stripped(parts: list[Inline]) -> tuple[Inline, ...]:
    if parts and isinstance(parts[0], Text):
        parts[0] = Text(parts[0].text.lstrip(" "))
    if parts and isinstance(parts[-1], Text):
        parts[-1] = Text(parts[-1].text.rstrip(" "))
    return tuple(part for part in parts if part != Text(""))
