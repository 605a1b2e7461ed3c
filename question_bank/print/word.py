"""What every Word file of the house shares: A4, its fonts, page x of y counted for each copy."""

import io

from docx import Document
from docx.document import Document as DocumentOf
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from question_bank.packages import without_times

SIZE = Pt(10.5)


def new_document(*, title: str, authority: str) -> DocumentOf:
    """An empty document with its properties and the style of its text."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name = "Times New Roman"
    normal.font.size = SIZE
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    properties = document.core_properties
    properties.title = title
    properties.author = authority
    properties.comments = ""
    return document


def section_of(document: DocumentOf, place: int) -> Section:
    """The section of the copy at `place`: the first is there, each further one begins on a page of its own."""
    section = document.sections[0] if place == 0 else document.add_section(WD_SECTION.NEW_PAGE)
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    return section


def number_pages(section: Section, *, left: str, right: str) -> None:
    """Page x of y of this section at the foot of each of its pages, counted from 1, between two words."""
    for footer in (section.first_page_footer, section.footer):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(83), WD_TAB_ALIGNMENT.CENTER)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(166), WD_TAB_ALIGNMENT.RIGHT)
        write(paragraph, f"{left}\t第 ", size=9)
        _count(paragraph, "PAGE")
        write(paragraph, " 页　共 ", size=9)
        _count(paragraph, "SECTIONPAGES")
        write(paragraph, f" 页\t{right}", size=9)
    numbers = OxmlElement("w:pgNumType")
    numbers.set(qn("w:start"), "1")
    section._sectPr.append(numbers)  # noqa: SLF001 - python-docx has no word for where page numbers begin


def new_paragraph(
    document: DocumentOf, *, indent: int = 0, before: int = 0, centred: bool = False, keep: bool = False
) -> Paragraph:
    """A paragraph at the end, `indent` in millimetres, `before` in points; with `keep` on the page of the next."""
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.left_indent, form.space_before, form.space_after = Mm(indent), Pt(before), Pt(2)
    form.line_spacing = 1.3
    form.keep_with_next = keep
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def write(paragraph: Paragraph, text: str, *, size: int | None = None, strong: bool = False) -> None:
    """Text at the end of a paragraph."""
    run = paragraph.add_run(text)
    run.bold = strong or None
    if size is not None:
        run.font.size = Pt(size)


def finish(document: DocumentOf) -> bytes:
    """The file, the same bytes for the same document."""
    out = io.BytesIO()
    document.save(out)
    return without_times(out.getvalue())


def _count(paragraph: Paragraph, word: str) -> None:
    """A number that Word counts itself."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), word)
    paragraph._p.append(field)  # noqa: SLF001 - python-docx has no word for fields
