"""Pictures: only pixels come through, within bounds (P42, P43)."""

import hashlib
import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from question_bank.content import InvalidPicture, accept_picture


def drawn(kind: str, size=(40, 30), mode="RGB", **extra) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 1 if mode == "P" else None).save(out, kind, **extra)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("GIF", "image/png"),
        ("BMP", "image/png"),
    ],
)
def test_pixels_come_through_and_nothing_else(kind, media_type):
    one = accept_picture(drawn(kind) + b"<script>alert(1)</script>")
    assert (one.media_type, one.width, one.height) == (media_type, 40, 30)
    assert one.sha256 == hashlib.sha256(one.data).hexdigest()
    assert b"script" not in one.data
    assert accept_picture(drawn(kind)) == one


def test_metadata_is_left_behind_and_photos_stand_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "maker of the camera"
    photo = accept_picture(drawn("JPEG", exif=exif))
    assert (photo.width, photo.height) == (30, 40)
    assert b"maker" not in photo.data
    assert b"Exif" not in photo.data
    notes = PngInfo()
    notes.add_text("Author", "the author")
    assert b"author" not in accept_picture(drawn("PNG", pnginfo=notes)).data


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "RGB"])
def test_every_mode_of_png_is_read(mode):
    kept = Image.open(io.BytesIO(accept_picture(drawn("PNG", mode=mode)).data))
    assert kept.size == (40, 30)


def test_large_pictures_are_scaled_and_bombs_refused():
    wide = accept_picture(drawn("PNG", size=(4000, 1000)))
    assert (wide.width, wide.height) == (1600, 400)
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
    whole = drawn("PNG")
    for data, code in [
        (bomb, "picture.too_many_pixels"),
        (b"x" * 8_000_001, "picture.too_large"),
        (b"", "picture.unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture.unreadable"),
        (b"%PDF-1.7", "picture.unreadable"),
        (whole[: len(whole) // 2], "picture.unreadable"),
        (drawn("TIFF"), "picture.unreadable"),
    ]:
        with pytest.raises(InvalidPicture) as refused:
            accept_picture(data)
        assert refused.value.code == code, data[:20]
        assert refused.value.zh
        assert refused.value.en
