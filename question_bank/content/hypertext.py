"""Item texts as HTML. Two walls: only constructs of the dialect become elements, and a sanitiser reads the result."""

from collections.abc import Callable, Iterable
from functools import cache
from html import escape as escape_html
from typing import TypeAlias

import nh3

from question_bank.content.dialect import (
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
    parse,
)
from question_bank.content.formulas import ATTRIBUTES, TAGS, mathml
from question_bank.content.plaintext import is_plain

PictureAddress: TypeAlias = Callable[[str], str | None]
"""From the hash of a picture to the address that a page loads it from; None where the viewer may not have it."""


def render(markdown: str, *, picture: PictureAddress) -> str:
    """The text as HTML, safe wherever text may stand inside a `div`; one paragraph comes without its `<p>`.

    A picture that `picture` does not know is shown by its description, a formula that cannot be read by its source.
    Spaces and runs of them are kept in the text: the style of the place shows them (`white-space: pre-wrap`).
    """
    if is_plain(markdown) and "\n" not in markdown:
        return escape_html(markdown)
    blocks = [block for block in parse(markdown) if not isinstance(block, Blank)]
    if len(blocks) == 1 and isinstance(blocks[0], Paragraph):
        made = _line(blocks[0].parts, picture)
    else:
        made = "".join(_block(block, picture) for block in blocks)
    return _cleaner().clean(made)


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags={"p", "br", "strong", "img", "code", "table", "thead", "tbody", "tr", "th", "td", "span", *TAGS},
        clean_content_tags={"script", "style"},
        attributes={
            "img": {"src", "alt"},
            "math": {"display", "xmlns"},
            "th": {"align"},
            "td": {"align"},
            "span": {"class"},
            "code": {"class"},
            **{tag: set(ATTRIBUTES) for tag in TAGS - {"math"}},
        },
        attribute_filter=_only_pictures,
        url_schemes=set(),
        link_rel=None,
    )


def _only_pictures(tag: str, name: str, value: str) -> str | None:
    """No address but one of this host."""
    return None if (tag, name) == ("img", "src") and value.startswith(("//", "\\")) else value


def _block(block: Block, picture: PictureAddress) -> str:
    match block:
        case Paragraph(parts):
            return f"<p>{_line(parts, picture)}</p>"
        case Table(align, head, rows):
            return f"<table><thead>{_row('th', head, align, picture)}</thead><tbody>" + (
                "".join(_row("td", row, align, picture) for row in rows) + "</tbody></table>"
            )
        case Blank():
            return ""


def _row(tag: str, cells: tuple[tuple[Inline, ...], ...], align: tuple[str, ...], picture: PictureAddress) -> str:
    made = "".join(
        f'<{tag} align="{side}">{_line(cell, picture)}</{tag}>' if side else f"<{tag}>{_line(cell, picture)}</{tag}>"
        for cell, side in zip(cells, align, strict=True)
    )
    return f"<tr>{made}</tr>"


def _line(parts: Iterable[Inline], picture: PictureAddress) -> str:
    return "".join(_inline(part, picture) for part in parts)


def _inline(part: Inline, picture: PictureAddress) -> str:
    match part:
        case Text(text):
            return escape_html(text)
        case Break():
            return "<br>"
        case Strong(parts):
            return f"<strong>{_line(parts, picture)}</strong>"
        case Formula(latex, display):
            marks = "$$" if display else "$"
            source = escape_html(f"{marks}{latex}{marks}")
            return mathml(latex, display=display) or f'<code class="unread">{source}</code>'
        case PictureUse(sha256, alt):
            address = picture(sha256)
            words = escape_html(alt)
            if address is None:
                return f'<span class="picture">［图：{words}］</span>'
            return f'<img src="{escape_html(address)}" alt="{words}">'
