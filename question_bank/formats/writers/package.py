"""Office packages by hand: the same parts give the same bytes, and no part holds anything but text."""

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OLDEST = (1980, 1, 1, 0, 0, 0)
# What XML cannot hold; the line ends and the tab it can.
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")


def pack_parts(parts: Mapping[str, str]) -> bytes:
    """A package of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            member = zipfile.ZipInfo(name, _OLDEST)
            member.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(member, HEAD + text)
    return stream.getvalue()


def text_of(words: str) -> str:
    """The words as XML."""
    return escape(_NEVER.sub(" ", words))
