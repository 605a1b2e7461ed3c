"""Accepted texts of one blank as Moodle's formats compare them."""

from fractions import Fraction

from question_bank.content import plain
from question_bank.formats.writers.outlay import CannotCarry, ItemOut
from question_bank.kinds.fill_blank import FillBlankBody
from question_bank.kinds.written import Normalisation


def typed_variants(out: ItemOut, body: FillBlankBody, place: int | None = None) -> list[tuple[str, Fraction]]:
    """(text, part of the mark) of a blank; without `place` of the only one. Raises `CannotCarry` for several."""
    if place is None and len(body.blanks) != 1:
        raise CannotCarry("多空填空题", "several blanks")
    check_normalisation(out, body)
    wildcards = body.normalisation.wildcards
    return [
        (variant.text if wildcards else variant.text.replace("*", "\\*"), variant.worth)
        for variant in body.blanks[place or 0].accepted
    ]


def check_normalisation(out: ItemOut, body: FillBlankBody) -> None:
    """Note what of the comparison the target does not know: it minds letter case or not, and wildcards."""
    kept = Normalisation(case=body.normalisation.case, wildcards=body.normalisation.wildcards)
    if body.normalisation != kept:
        out.lose("作答归一化的设置", "how responses are normalised")
    if not body.ordered:
        out.lose("各空顺序可互换", "blanks in any order")


def plain_or_note(out: ItemOut, text: str) -> str:
    """The words of a text where the target takes no markup."""
    words = plain(text)
    if words != text:
        out.lose("选项中的标记", "markup within options")
    return words
