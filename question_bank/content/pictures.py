"""Pictures in item texts: read, bounded, and written anew, so that only pixels come through."""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from question_bank.errors import ContentError

MOST_BYTES = 8_000_000
MOST_PIXELS = 24_000_000
LONGEST_SIDE = 1_600
_READ = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_KEPT = {"JPEG": "image/jpeg", "WEBP": "image/webp"}


class InvalidPicture(ContentError):
    """The bytes are no picture that an item can show."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept: its bytes and their SHA-256 (hex), media type, size in pixels."""

    sha256: str
    data: bytes
    media_type: str
    width: int
    height: int


def accept_picture(data: bytes) -> Picture:
    """The picture in `data` (PNG, JPEG, WebP, GIF or BMP), written anew as JPEG, WebP or PNG. Raises `InvalidPicture`.

    What was hidden beside the pixels (place, camera, author, comments, further frames, all behind the end) is gone; a
    photo stands upright; a side longer than `LONGEST_SIDE` pixels is scaled down. The same bytes give the same
    picture.
    """
    if len(data) > MOST_BYTES:
        raise InvalidPicture(
            "picture.too_large",
            zh=f"图片超过 {MOST_BYTES // 1_000_000} MB，请缩小后再上传。",
            en=f"The picture is larger than {MOST_BYTES // 1_000_000} MB; please make it smaller.",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata is thrown away below; the size is judged here
            return _rewrite(data)
    except InvalidPicture:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except Exception as error:  # a decoder fed by strangers fails in ways of its own
        raise InvalidPicture(
            "picture.unreadable",
            zh="无法识别该图片，请使用 PNG、JPEG、WebP、GIF 或 BMP 格式。",
            en="This is no picture that can be read; please use PNG, JPEG, WebP, GIF or BMP.",
        ) from error


def _too_many_pixels() -> InvalidPicture:
    return InvalidPicture(
        "picture.too_many_pixels",
        zh=f"图片超过 {MOST_PIXELS // 10_000} 万像素，请缩小后再上传。",
        en=f"The picture has more than {MOST_PIXELS:,} pixels; please make it smaller.",
    )


def _rewrite(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=_READ) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise _too_many_pixels()
        kind = opened.format if opened.format in _KEPT else "PNG"
        pixels = ImageOps.exif_transpose(opened)
        has_alpha = pixels.mode in {"RGBA", "LA", "PA"} or "transparency" in pixels.info
        image = pixels.convert("RGBA" if has_alpha else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if kind == "PNG" and not has_alpha and image.getcolors(2) is not None:
        image = image.convert("P", palette=Image.Palette.ADAPTIVE, colors=2)
    bare = Image.new(image.mode, image.size)  # a new image: nothing that hung on the old one is written
    if image.mode == "P":
        bare.putpalette(image.getpalette() or [])
    bare.paste(image)
    out = io.BytesIO()
    if kind == "JPEG":
        bare.save(out, "JPEG", quality=88)
    elif kind == "WEBP":
        bare.save(out, "WEBP", quality=88, method=4)
    else:
        bare.save(out, "PNG", optimize=True)
    made = out.getvalue()
    return Picture(hashlib.sha256(made).hexdigest(), made, _KEPT.get(kind or "", "image/png"), bare.width, bare.height)
