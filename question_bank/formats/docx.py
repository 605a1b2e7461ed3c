"""Word documents: paragraphs with the numbering that Word shows, line breaks and tables, then the line grammar."""

import re
from collections.abc import Iterator

from lxml import etree

from question_bank.errors import UnreadableFile
from question_bank.formats import text_lines
from question_bank.formats.docx_numbering import Numbering, Styles, W, list_of, read_numbering, read_styles
from question_bank.formats.drafts import OBJECT_MARK, Findings, compose_report
from question_bank.formats.report import ImportReport, Place
from question_bank.formats.settlement import settle_all
from question_bank.formats.spellings import clean, fold_width
from question_bank.formats.tables import Held, Row, Table, looks_like_items, read_table
from question_bank.formats.text_grammar import read_lines
from question_bank.formats.text_lines import Line
from question_bank.formats.zip_guard import GuardedZip

MOST_PARAGRAPHS = 200_000

_M_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_OBJECTS = frozenset({f"{W}drawing", f"{W}pict", f"{W}object"})
_SIGNS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": "\t", f"{W}noBreakHyphen": "-"}
_TYPED_LABEL = re.compile(r"\s*(?:[(（]?(?:\d{1,4}|[A-La-l]|[一二三四五六七八九十]{1,3})[)）、.．:：]|第)")


def read_docx(package: GuardedZip) -> ImportReport:
    """The report of a Word document. Raises `UnreadableFile` when its main part cannot be read."""
    root = package.read_xml("word/document.xml")
    body = None if root is None else root.find(f"{W}body")
    if body is None:
        raise UnreadableFile(
            "file.no_text",
            zh="Word 文档里没有正文，请检查文件。",
            en="The Word document has no text; please check the file.",
        )
    document = _Document(
        read_numbering(package.read_xml("word/numbering.xml")), read_styles(package.read_xml("word/styles.xml"))
    )
    lines: list[Line] = []
    in_tables = Findings()
    for block in document.walk(body):
        if isinstance(block, Table):
            found = read_table(block)
            in_tables.drafts += found.drafts
            in_tables.refused += found.refused
            in_tables.lost += found.lost
        else:
            lines.append(block)
    findings = read_lines(lines)
    drafts = sorted([*findings.drafts, *in_tables.drafts], key=lambda draft: draft.place.paragraph or 0)
    findings.refused += in_tables.refused
    findings.lost += in_tables.lost
    return compose_report(findings, settle_all(drafts), file_format="docx")


class _Document:
    """Walks the blocks of a document in order and counts paragraphs as it goes."""

    def __init__(self, numbering: Numbering, styles: Styles) -> None:
        self._numbering = numbering
        self._styles = styles
        self._paragraph = 0

    def walk(self, container: etree._Element) -> Iterator[Line | Table]:
        """Lines, and those tables that are banks of their own; any other table gives its text as lines."""
        for child in container:
            if child.tag == f"{W}p":
                yield from self._read_paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._read_table(child)
            elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
                yield from self.walk(child)

    def _next_paragraph(self) -> int:
        self._paragraph += 1
        if self._paragraph > MOST_PARAGRAPHS:
            raise UnreadableFile(
                "file.too_many_paragraphs",
                zh=f"文档超过 {MOST_PARAGRAPHS} 段，请拆分后上传。",
                en=f"The document has more than {MOST_PARAGRAPHS} paragraphs; please split it.",
            )
        return self._paragraph

    def _read_paragraph(self, paragraph: etree._Element) -> Iterator[Line]:
        place = Place(paragraph=self._next_paragraph())
        text = _text_of(paragraph)
        properties = paragraph.find(f"{W}pPr")
        style_element = None if properties is None else properties.find(f"{W}pStyle")
        style = "" if style_element is None else str(style_element.get(f"{W}val") or "")
        in_list = list_of(properties) or self._styles.lists.get(style)
        if in_list is not None and text.strip():
            label = self._numbering.render(*in_list)
            if label and not _has_label(text):
                text = f"{label if label[-1] in '.、)）．:：' else label + '.'} {text}"
        outline = self._styles.outlines.get(style)
        for part in text.split("\n"):
            yield Line(clean(part), place, outline)

    def _read_table(self, table: etree._Element) -> Iterator[Line | Table]:
        rows: list[Row] = []
        for row in table.findall(f"{W}tr"):
            place = Place(paragraph=self._paragraph + 1)
            cells: list[str] = []
            for cell in row.findall(f"{W}tc"):
                parts = [line.text for block in self.walk(cell) for line in _lines_of(block)]
                cells.append("\n".join(part for part in parts if part))
            rows.append(Row(place, tuple(cells)))
        found = Table("", Held(rows))
        if looks_like_items(found):
            yield found
            return
        for one in rows:
            for part in "  ".join(cell for cell in one.cells if cell).split("\n"):
                yield Line(part, one.place)


def _has_label(text: str) -> bool:
    """Whether a list paragraph says itself what it is: a typed number or letter, a key, a field, a rule."""
    text = text.strip()
    folded = fold_width(text)
    return (
        _TYPED_LABEL.match(text) is not None
        or text_lines.match_key(folded) is not None
        or text_lines.match_explanation(folded) is not None
        or text_lines.match_field(text, folded) is not None
        or text_lines.match_tag(folded) is not None
        or text_lines.is_rule(folded)
    )


def _lines_of(block: Line | Table) -> Iterator[Line]:
    if isinstance(block, Line):
        yield block
        return
    for row in block.rows.read():
        yield Line("  ".join(row.cells), row.place)


def _text_of(paragraph: etree._Element) -> str:
    """The text as Word shows it: without what was deleted, with a mark where a picture stands."""
    pieces: list[str] = []
    pending = [iter(paragraph)]
    while pending:
        element = next(pending[-1], None)
        if element is None:
            pending.pop()
        elif element.tag in (f"{W}t", _M_TEXT):
            pieces.append(element.text or "")
        elif element.tag in _SIGNS:
            pieces.append(_SIGNS[str(element.tag)])
        elif element.tag in _OBJECTS:
            pieces.append(OBJECT_MARK)
        elif element.tag not in (_FALLBACK, f"{W}pPr", f"{W}rPr", f"{W}del", f"{W}p", f"{W}tbl"):
            pending.append(iter(element))
    return "".join(pieces)
