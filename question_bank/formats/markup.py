"""Texts of foreign formats as item texts, and item texts as HTML for foreign formats; pictures by their hash."""

import hashlib
import io
import re
from collections.abc import Mapping
from urllib.parse import unquote

from PIL import Image

from question_bank.content import (
    Converted,
    InvalidPicture,
    Picture,
    accept_picture,
    escape,
    from_html,
    from_markdown,
)
from question_bank.content.pictures import LONGEST_SIDE

MOST_PICTURES = 2_000
MOST_PIXELS = 120_000_000

_PLUGIN_FILE = "@@PLUGINFILE@@/"
_TAG = re.compile(r"</?(?:p|br|b|i|em|strong|u|sub|sup|span|div|img|a|ul|ol|li|table|tr|td|pre|code|h[1-6])\b[^<>]*>")


class Shelf:
    """The pictures of one file, each kept once, within bounds for all of them together."""

    def __init__(self) -> None:
        self.pictures: dict[str, Picture] = {}
        self._hash_of: dict[bytes, str | None] = {}
        self._pixels = 0

    def keep(self, data: bytes) -> str | None:
        """The hash under which the picture is kept, None where the bytes are no picture or the shelf is full."""
        if data not in self._hash_of:
            self._hash_of[data] = self._accept(data)
        return self._hash_of[data]

    def keep_unchanged(self, data: bytes) -> bool:
        """Keep a picture that is already as `accept_picture` writes it; False for any other.

        PNG written anew is the same PNG. The other two kinds lose a little each time, so that they are kept where
        they hold nothing beside their pixels.
        """
        sha256 = self._accept(data)
        if sha256 is None:
            return False
        if self.pictures[sha256].data == data:
            return True
        del self.pictures[sha256]
        with Image.open(io.BytesIO(data)) as opened:
            bare = not {"exif", "comment", "xmp", "icc_profile", "photoshop"} & set(opened.info)
            whole = data.endswith(b"\xff\xd9") if opened.format == "JPEG" else opened.format == "WEBP"
            kind = (opened.format or "").lower()
            if not bare or not whole or max(opened.size) > LONGEST_SIDE:
                return False
            picture = Picture(hashlib.sha256(data).hexdigest(), data, f"image/{kind}", *opened.size)
        self.pictures[picture.sha256] = picture
        return True

    def _accept(self, data: bytes) -> str | None:
        if len(self._hash_of) >= MOST_PICTURES:
            return None
        try:
            with Image.open(io.BytesIO(data)) as opened:
                self._pixels += opened.width * opened.height
            if self._pixels > MOST_PIXELS:
                return None
            picture = accept_picture(data)
        except (InvalidPicture, OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
            return None
        self.pictures[picture.sha256] = picture
        return picture.sha256


def from_markup(
    text: str, text_format: str, *, shelf: Shelf | None = None, files: Mapping[str, bytes] | None = None
) -> Converted:
    """The item text of a text in one of Moodle's formats: html, markdown, plain or moodle (text with some HTML).

    `files` are those that the text came with, by name; a picture among them goes to the shelf.
    """
    given = files or {}

    def picture(source: str) -> str | None:
        name = unquote(source.removeprefix(_PLUGIN_FILE)).removeprefix("./")
        data = given.get(name) or given.get(source)
        return shelf.keep(data) if data and shelf is not None else None

    if text_format == "html" or (text_format == "moodle" and _TAG.search(text)):
        html = text if text_format == "html" else text.replace("\n", "<br>\n")
        return from_html(html, picture=picture)
    if text_format == "markdown":
        return from_markdown(text, picture=picture)
    return Converted(escape(_dedent(text)), ())


def _dedent(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().split("\n"))
