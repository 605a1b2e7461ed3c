"""Zip packages that bear no time of day: the same content gives the same bytes, whenever it was made."""

import io
import re
import zipfile

_OLDEST = (1980, 1, 1, 0, 0, 0)
_OLDEST_WORDS = rb"\g<1>1980-01-01T00:00:00Z"
_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_CORE = "docProps/core.xml"


def timeless_entry(name: str) -> zipfile.ZipInfo:
    """An entry to be deflated, of the oldest date that a zip file knows."""
    entry = zipfile.ZipInfo(name, _OLDEST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def without_times(packed: bytes) -> bytes:
    """The office package without the moment at which it was made, neither of its entries nor of the document."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name in before.namelist():
            data = before.read(name)
            package.writestr(timeless_entry(name), _TIMES.sub(_OLDEST_WORDS, data) if name == _CORE else data)
    return stream.getvalue()
