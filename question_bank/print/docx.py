"""Paper as a Word file, for offices that set their papers themselves: the same paper gives the same bytes."""

import io
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from question_bank.print.arrangement import Arrangement
from question_bank.print.figures import printable
from question_bank.print.paper import Paper
from question_bank.print.typesetting import draw
from question_bank.print.word import SIZE, finish, new_document, new_paragraph, number_pages, section_of, write

_PPI = 300
_WIDEST = 140


def write_papers(paper: Paper, *, with_key: bool) -> bytes:
    """试卷 as .docx, each copy a section with its own page numbers; with the key after each item where asked for."""
    arrangement = Arrangement(paper)
    data = arrangement.data(with_key=with_key)
    return _Writer(arrangement, data).write()


class _Writer:
    def __init__(self, arrangement: Arrangement, data: dict[str, Any]) -> None:
        self._arrangement = arrangement
        self._data = data
        self._document = new_document(title=data["title"], authority=data["authority"])
        self._formulas: dict[int, bytes] = _as_pictures(arrangement)

    def write(self) -> bytes:
        """The file."""
        for place, copy in enumerate(self._data["copies"]):
            self._set_up(section_of(self._document, place), copy)
            self._front(copy)
            keys = {key["number"]: key for part in copy.get("keys", ()) for key in part["items"]}
            for part in copy["sections"]:
                head = self._paragraph(before=10, keep=True)
                write(head, f"{part['number']}、{part['title']}", strong=True)
                write(head, f"（{part['head']}）")
                for item in part["items"]:
                    self._item(item, keys.get(item["number"]))
        return finish(self._document)

    def _set_up(self, section: Section, copy: dict[str, Any]) -> None:
        section.different_first_page_header_footer = True
        for header in (section.first_page_header, section.header):
            header.is_linked_to_previous = False
        who = copy["candidate"]
        lines = [
            "　".join(
                f"{word}：{value or '＿' * wide}"
                for word, value, wide in (
                    ("单位", who["unit"], 8),
                    ("姓名", who["name"], 4),
                    ("准考证号", who["ticket_number"], 7),
                    ("考场", who["room"], 2),
                    ("座位", who["seat"], 2),
                )
            ),
            "………………密………………封………………线………………内………………不………………要………………答………………题………………",
        ]
        for place, line in enumerate(lines):
            paragraph = (
                section.first_page_header.paragraphs[0] if place == 0 else section.first_page_header.add_paragraph()
            )
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            write(paragraph, line, size=9)
        number_pages(section, left=copy["label"], right=copy["mark"])

    def _front(self, copy: dict[str, Any]) -> None:
        for text, size in ((self._data["authority"], 11), (self._data["title"], 18), (f"试卷（{copy['label']}）", 13)):
            if text:
                write(self._paragraph(centred=True), text, size=size, strong=size == 18)
        write(self._paragraph(centred=True), "　　".join(self._data["facts"]))
        sections = copy["sections"]
        table = self._document.add_table(2, len(sections) + 2, style="Table Grid")
        table.alignment = 1
        for place, word in enumerate(("题号", *(section["number"] for section in sections), "总分")):
            cell = table.cell(0, place).paragraphs[0]
            cell.alignment = WD_ALIGN_PARAGRAPH.CENTER
            write(cell, word)
        write(table.cell(1, 0).paragraphs[0], "得分")
        if self._data["notes"]:
            write(self._paragraph(before=6), "注意事项：")
            for number, note in enumerate(self._data["notes"], start=1):
                write(self._paragraph(), f"{number}. {note}")

    def _item(self, item: dict[str, Any], key: dict[str, Any] | None) -> None:
        if item["case"] is not None:
            self._blocks(item["case"]["stem"], before=8)
            self._blocks(item["case"]["stimulus"], indent=6)
        self._blocks(item["stem"], lead=f"{item['number']}. ", before=5, keep=bool(item["options"]))
        for number, premise in enumerate(item["premises"], start=1):
            self._blocks(premise, lead=f"（{number}）", indent=7)
        if item["type"] != "true_false":
            self._options(item["options"], item["columns"])
        if key is not None:
            words = [key["short"]] if key["short"] and not key["texts"] else []
            write(self._paragraph(indent=7), f"【答案】{'；'.join(words)}", strong=True)
            for text in key["texts"]:
                self._blocks(text["text"], lead=f"{text['name']}：", indent=7)

    def _options(self, options: list[dict[str, Any]], each: int) -> None:
        for begin in range(0, len(options), each):
            paragraph = self._paragraph(indent=7)
            for place in range(1, each):
                paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(7 + place * 159 / each))
            for place, option in enumerate(options[begin : begin + each]):
                write(paragraph, ("\t" if place else "") + f"{option['letter']}. ")
                self._into(paragraph, option["text"])

    def _blocks(
        self, blocks: list[Any], *, lead: str = "", indent: int = 0, before: int = 0, keep: bool = False
    ) -> None:
        for place, block in enumerate(blocks or [["p", []]]):
            if block[0] == "table":
                self._table(block)
                continue
            paragraph = self._paragraph(indent=indent, before=before if place == 0 else 0, keep=keep)
            if place == 0 and lead:
                write(paragraph, lead)
            self._parts(paragraph, block[1])

    def _into(self, paragraph: Paragraph, blocks: list[Any]) -> None:
        """All into one paragraph, as an option stands; the cells of a table one after the other."""
        for place, block in enumerate(blocks):
            if place:
                paragraph.add_run().add_break()
            for parts in [block[1]] if block[0] == "p" else [cell for row in block[2] for cell in row]:
                self._parts(paragraph, parts)

    def _table(self, block: list[Any]) -> None:
        rows = block[2]
        table = self._document.add_table(len(rows), len(block[1]), style="Table Grid")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                self._parts(table.cell(at, column).paragraphs[0], cell, strong=at == 0)

    def _parts(self, paragraph: Paragraph, parts: list[list[Any]], *, strong: bool = False) -> None:
        for part in parts:
            match part[0]:
                case "t" | "note":
                    write(paragraph, part[1], strong=strong)
                case "s":
                    self._parts(paragraph, part[1], strong=True)
                case "br":
                    paragraph.add_run().add_break()
                case "brackets":
                    write(paragraph, "（　　）")
                case "f":
                    run = paragraph.add_run()
                    run.add_picture(io.BytesIO(self._formulas[part[1]]), width=round(part[3] * SIZE))
                    _describe(run, part[5])
                    _lower(run, part[4])
                case "i":
                    picture = self._arrangement.picture(part[1])
                    run = paragraph.add_run()
                    width = min(part[2] * 25.4 / 120, _WIDEST, 80 * part[2] / part[3])
                    run.add_picture(io.BytesIO(printable(picture)[0]), width=Mm(width))
                    _describe(run, part[4])

    def _paragraph(self, *, indent: int = 0, before: int = 0, centred: bool = False, keep: bool = False) -> Paragraph:
        return new_paragraph(self._document, indent=indent, before=before, centred=centred, keep=keep)


def _as_pictures(arrangement: Arrangement) -> dict[int, bytes]:
    """The formulas of the paper as PNG, by the number of their figure."""
    drawings = arrangement.drawings()
    if not drawings:
        return {}
    pages = draw("figure.typ", {"drawings": [{"svg": svg, "ems": ems} for _, svg, ems in drawings]}, ppi=_PPI)
    return {number: page for (number, _, _), page in zip(drawings, pages, strict=True)}


def _describe(run: Any, words: str) -> None:
    """What the last picture of the run shows, for who cannot see it."""
    for properties in run._r.iter(qn("wp:docPr")):  # noqa: SLF001 - nor for descriptions
        properties.set("descr", words)


def _lower(run: Any, ems: float) -> None:
    """Put a formula on the line: what hangs below it, in half points."""
    position = OxmlElement("w:position")
    position.set(qn("w:val"), str(-round(ems * 10.5 * 2)))
    run._r.get_or_add_rPr().append(position)  # noqa: SLF001 - nor for raised and lowered runs
