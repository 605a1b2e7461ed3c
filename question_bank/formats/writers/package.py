"""Office packages by hand: the same parts give the same bytes, and no part holds anything but text."""

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from question_bank.packages import timeless_entry

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# What XML cannot hold; the line ends and the tab it can.
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")


def pack_parts(parts: Mapping[str, str]) -> bytes:
    """A package of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(timeless_entry(name), HEAD + text)
    return stream.getvalue()


def text_of(words: str) -> str:
    """The words as XML."""
    return escape(_NEVER.sub(" ", words))
