"""Formulas and pictures as typst and Word take them: drawings with their size and the depth below the line of text."""

import base64
import io
import re
from dataclasses import dataclass
from functools import lru_cache

from question_bank.content.formulas import mathml
from question_bank.content.pictures import Picture
from question_bank.print.typesetting import font_file

_SIZE = 20
_VIEW = re.compile(r'viewBox="(-?[\d.]+) (-?[\d.]+) ([\d.]+) ([\d.]+)"')


@dataclass(frozen=True, slots=True)
class Drawing:
    """A formula as SVG; `width`, `height` and `drop` (what hangs below the line of text) in ems."""

    svg: str
    width: float
    height: float
    drop: float


@lru_cache(maxsize=512)
def draw_formula(latex: str, *, display: bool) -> Drawing | None:
    """The formula, its glyphs as outlines; None if it cannot be read or drawn."""
    source = mathml(latex, display=display)
    if source is None:
        return None
    from ziamath.config import config
    from ziamath.zmath import Math

    config.text.textfont = font_file("NotoSerifSC-Regular.otf")  # its own has no Chinese
    try:
        svg = Math(source, size=_SIZE).svg()
    except Exception:  # noqa: BLE001 - whatever it cannot draw is set as its source
        return None
    view = _VIEW.search(svg)
    if view is None:
        return None
    top, width, height = float(view[2]), float(view[3]), float(view[4])
    return Drawing(svg, width / _SIZE, height / _SIZE, (top + height) / _SIZE)


def framed(picture: Picture) -> str:
    """A picture as the SVG that typst takes from data: it reads no file, so nothing lies about on disk."""
    data, media_type = printable(picture)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{picture.width}" height="{picture.height}">'
        f'<image href="data:{media_type};base64,{base64.b64encode(data).decode()}" '
        f'width="{picture.width}" height="{picture.height}"/></svg>'
    )


def printable(picture: Picture) -> tuple[bytes, str]:
    """Bytes and media type that paper formats know: WebP becomes PNG."""
    if picture.media_type != "image/webp":
        return picture.data, picture.media_type
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(picture.data), formats=("WEBP",)) as image:
        image.save(out, "PNG")
    return out.getvalue(), "image/png"
