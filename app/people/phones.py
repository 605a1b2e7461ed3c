"""Mobile numbers, to which short messages go (手机号). Pure.

Numbers are personal data (P46): no error repeats one.
"""

import re
import unicodedata

from app.errors import AppError


class BadPhone(AppError):
    """The text is no mobile number of the mainland. Importers and forms show the sentence beside the cell or field."""

    code = "phone.malformed"
    status = 422
    zh = "手机号应为 11 位数字，以 1 开头（固定电话收不到短信）。"
    en = "A mobile number has 11 digits and begins with 1; a landline cannot receive short messages."


_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})(?:\.0+)?")
_BETWEEN = "-()‐‑–—"


def parse_phone(text: str) -> str:
    """Read a mobile number and return its one spelling: 11 digits.

    Full-width digits, blanks and dashes between groups, the prefix +86 and the ".0" of a cell that the file holds as
    a number are accepted. Raises BadPhone.
    """
    plain = unicodedata.normalize("NFKC", text).lstrip("'‘’`")
    found = _MOBILE.fullmatch(
        "".join(c for c in plain if not c.isspace() and c not in _BETWEEN and unicodedata.category(c) != "Cf")
    )
    if found is None:
        raise BadPhone
    return found[1]


def mask_phone(number: str) -> str:
    """The number as pages show it (P46): 138****5678."""
    return f"{number[:3]}****{number[-4:]}"
