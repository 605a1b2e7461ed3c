"""照片: what a person's photograph must be, and the photograph as it is kept. Pure: pixels in, bytes out.

What can honestly be checked is checked: its shape, and that it has pixels enough. Whether it shows the person, nobody's
code can say: unit and proctor look at it.
"""

import io

from PIL import Image, ImageOps

from app.errors import FieldProblem, Invalid
from question_bank.content import Picture

SIZE = (295, 413)
"""一寸, width and height in pixels: 25 × 35 mm at 300 dots an inch."""
_SHAPE_PERCENT = 6
"""How far width to height may be from that of `SIZE`: a hand's scissors, not another format."""


class PhotographRefused(Invalid):
    """The file is no photograph for a ticket; `fields` says why."""

    code = "person.photograph_refused"
    zh = "照片不符合要求，请按提示更换。"
    en = "The photograph cannot be used; please see why and send another."


def accept_photograph(bare: Picture) -> bytes:
    """A picture that was read and written anew already, as a JPEG of exactly 295 × 413 pixels.

    Raises PhotographRefused for another shape than 5 : 7 upright, and for fewer pixels.
    """
    with Image.open(io.BytesIO(bare.data)) as opened:
        picture = opened.convert("RGB")
    width, height = SIZE
    wanted, found = picture.height * width, picture.width * height
    if abs(found - wanted) * 100 > wanted * _SHAPE_PERCENT:
        raise _refused(
            f"照片宽高应为 5 : 7 的竖版一寸照，现为 {picture.width} × {picture.height} 像素。",
            f"A photograph is upright, 5 : 7; this one has {picture.width} × {picture.height} pixels.",
        )
    if picture.width < width or picture.height < height:
        raise _refused(
            f"照片应不小于 {width} × {height} 像素，现为 {picture.width} × {picture.height} 像素。",
            f"A photograph has at least {width} × {height} pixels; this one has {picture.width} × {picture.height}.",
        )
    out = io.BytesIO()
    ImageOps.fit(picture, SIZE, Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()


def _refused(zh: str, en: str) -> PhotographRefused:
    return PhotographRefused(FieldProblem("file", zh, en))
