"""Certificates on paper: PDF set by typst, everything that varies handed in as data, never as markup. Pure.

The same data give the same bytes. The fonts come with wheels and are embedded, in part; a character that the serif
lacks (㼆, 𠮷) is set in the sans of the second wheel, which has the whole of Unicode's Han.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from app.errors import Conflict
from question_bank.print.symbols import framed_photo, qr_code

STANDARD = "a-2b"
"""PDF/A-2b: kept for years, read without this service."""


_MISSING = re.compile(r'the text `"(.+?)"` could not be displayed')


class Unprintable(Conflict):
    """A name or a unit has a character that no font has: a certificate is not printed with a hole in it."""

    code = "certificate.unprintable"
    zh = "“{text}”字库中没有，无法打印。请核对姓名和单位名称后再试。"
    en = "No font has “{text}”, so this cannot be printed. Please check the names and try again."


@dataclass(frozen=True)
class Paper:
    """One certificate as it is printed. `photo` is a JPEG or None; `facts` are (term, value) in order."""

    name: str
    level: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    issued_on: str
    verify_url: str
    photo: bytes | None = None


@dataclass(frozen=True)
class ListRow:
    """One row of the distribution list."""

    name: str
    unit: str
    number: str


def print_certificates(papers: Sequence[Paper], *, authority: str, title: str, made_on: date) -> bytes:
    """The certificates as one PDF, a page each. `made_on` stands in the file's own metadata. Raises Unprintable."""
    data = {
        "authority": authority,
        "title": title,
        "date": [made_on.year, made_on.month, made_on.day],
        "certificates": [_sheet(paper) for paper in papers],
    }
    return _compile("certificate.typ", data)


def print_distribution(
    rows: Sequence[ListRow], *, authority: str, title: str, subtitle: str, document_number: str, made_on: date
) -> bytes:
    """颁证花名册 as PDF: who receives which certificate, with a column to sign in. Raises Unprintable."""
    data = {
        "authority": authority,
        "title": title,
        "subtitle": subtitle,
        "document_number": document_number,
        "date": [made_on.year, made_on.month, made_on.day],
        "rows": [
            {"place": place, "name": row.name, "unit": row.unit, "number": row.number}
            for place, row in enumerate(rows, 1)
        ],
    }
    return _compile("distribution.typ", data)


def render(template: str, data: Mapping[str, Any], *, ppi: int) -> bytes:
    """The first page as PNG: for whoever wants to look at it before it is printed."""
    made = _compiler(template).compile(format="png", ppi=ppi, sys_inputs={"data": json.dumps(data)})
    found: bytes = made[0] if isinstance(made, list) else made
    return found


def _sheet(paper: Paper) -> dict[str, Any]:
    return {
        "name": paper.name,
        "level": paper.level,
        "sentence": paper.sentence,
        "facts": [list(fact) for fact in paper.facts],
        "issued_on": paper.issued_on,
        "verify_url": paper.verify_url,
        "photo": None if paper.photo is None else framed_photo(paper.photo),
        "qr": qr_code(paper.verify_url),
    }


def _compile(template: str, data: Mapping[str, Any]) -> bytes:
    import typst

    try:
        made = _compiler(template).compile(
            format="pdf",
            pdf_standards=STANDARD,
            timestamp=0,
            sys_inputs={"data": json.dumps(data, ensure_ascii=True)},
        )
    except typst.TypstError as error:
        missing = _MISSING.search(str(error))
        if missing is None:
            raise
        raise Unprintable(text=missing[1]) from None
    pdf: bytes = made
    return pdf


def _compiler(template: str) -> Any:
    """A compiler of its own for each call: two threads must not set each other's data."""
    import typst

    folder = Path(__file__).parent
    return typst.Compiler(input=str(folder / template), root=str(folder), font_paths=_fonts())


@cache
def _fonts() -> Any:
    """The fonts of the two wheels and no others: what is printed does not depend on the machine."""
    import typst

    folders = [str(files(package)) for package in ("pylopdf_fonts_zh_cn", "noto_cjk_sans_otc")]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
