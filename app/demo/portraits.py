"""A photograph for everyone in the demo: a plain drawn bust, 295 × 413, of nobody. The same draw, the same picture."""

import io
import random

from PIL import Image, ImageDraw

SIZE = (295, 413)
"""一寸, width and height in pixels: 25 × 35 mm at 300 dots an inch."""

_GROUNDS = ("#dfe9f2", "#e8ecef", "#f1f1ee", "#cfdfee")
_SKINS = ("#e9c9ae", "#dfb899", "#d3a684", "#f0d5bd")
_HAIRS = ("#1f1c1b", "#2d2724", "#3a332f", "#57514d", "#8a8784")
_COATS = ("#2b3440", "#3b4657", "#4a3f3c", "#20262c", "#5b616a", "#6d2f33")


def draw_portrait(draw: random.Random, *, long_hair: bool) -> bytes:
    """A JPEG of some 5 kB: ground, coat, collar, face and hair, in tones and proportions that `draw` chooses."""
    width, height = SIZE
    ground, skin, hair, coat = (draw.choice(tones) for tones in (_GROUNDS, _SKINS, _HAIRS, _COATS))
    picture = Image.new("RGB", SIZE, ground)
    brush = ImageDraw.Draw(picture)
    middle = width // 2 + draw.randint(-3, 3)
    face_width, face_height = draw.randint(54, 63), draw.randint(70, 80)
    face_y = draw.randint(158, 170)
    shoulders = draw.randint(112, 132)
    if long_hair:
        low = face_y + face_height + draw.randint(10, 45)
        brush.rounded_rectangle(
            (middle - face_width - 16, face_y - 40, middle + face_width + 16, low), radius=50, fill=hair
        )
    brush.ellipse((middle - shoulders, 286, middle + shoulders, height + 220), fill=coat)
    brush.polygon(((middle - 38, 292), (middle + 38, 292), (middle, 372)), fill="#f4f4f2")
    brush.rounded_rectangle((middle - 26, face_y + 30, middle + 26, 312), radius=22, fill=_darker(skin))
    brush.ellipse((middle - face_width - 8, face_y - 98, middle + face_width + 8, face_y + 40), fill=hair)
    brush.ellipse(
        (middle - face_width, face_y - face_height, middle + face_width, face_y + face_height),
        fill=skin,
    )
    fringe = face_y - face_height + draw.randint(22, 38)
    brush.chord(
        (middle - face_width - 6, face_y - 100, middle + face_width + 6, fringe + 52), start=180, end=360, fill=hair
    )
    for side in (-1, 1):
        brush.polygon(((middle + side * 12, 306), (middle + side * 46, 290), (middle + side * 34, 352)), fill=coat)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()


def _darker(tone: str) -> tuple[int, ...]:
    return tuple(int(tone[place : place + 2], 16) * 9 // 10 for place in (1, 3, 5))
