"""Sentences in both languages."""

from typing import NamedTuple


class Wording(NamedTuple):
    """One public sentence, Chinese and English."""

    zh: str
    en: str


class Problem(NamedTuple):
    """One reason why content is refused. `code` is stable and never translated."""

    code: str
    zh: str
    en: str
