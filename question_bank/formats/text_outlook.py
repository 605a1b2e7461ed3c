"""Looking ahead: what the lines below say about the line in hand."""

from collections.abc import Sequence

from question_bank.formats import text_lines
from question_bank.formats.drafts import DraftOption
from question_bank.formats.spellings import fold_width
from question_bank.formats.text_lines import Line

_FAR_ENOUGH = 30


class Outlook:
    """The lines of a file and what stands below a given one. Empty lines are passed over."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._folded = [fold_width(line.text).strip() for line in lines]
        starts = [number for text in self._folded if (number := text_lines.match_number(text)) is not None]
        strong = sum(number.strong for number in starts)
        options = sum(_starts_options(text) for text in self._folded)
        keys = sum(text_lines.match_key(text) is not None for text in self._folded)
        # In a file with far fewer numbers than items, stems carry none, and a plain line may be a stem.
        self.is_numbered = 2 * max(strong, len(starts)) >= max(options, keys, 1)
        self.has_strong_numbers = strong > 0
        self._verdicts: dict[int, bool | None] = {}

    def next_text(self, index: int) -> str:
        """The first line below that is not empty, folded."""
        return next((text for text in self._folded[index + 1 : index + 1 + _FAR_ENOUGH] if text), "")

    def options_follow(self, index: int) -> bool:
        """Whether the next line that is not empty begins with option A."""
        return _starts_options(self.next_text(index))

    def options_or_key_follow(self, index: int) -> bool:
        """Whether option A or a key's label comes before the next number, heading or rule."""
        for at in range(index + 1, min(index + 1 + _FAR_ENOUGH, len(self._folded))):
            verdict = self._verdict(at)
            if verdict is not None:
                return verdict
        return False

    def _verdict(self, index: int) -> bool | None:
        """True for a line of option A or a key, False for one that ends an item, None for any other."""
        if index not in self._verdicts:
            text = self._folded[index]
            number = text_lines.match_number(text)
            if not text:
                verdict = None
            elif _starts_options(text) or text_lines.match_key(text) is not None:
                verdict = True
            elif (number and number.strong) or text_lines.match_heading(text) or text_lines.is_rule(text):
                verdict = False
            else:
                verdict = None
            self._verdicts[index] = verdict
        return self._verdicts[index]

    def bare_option(self, index: int, folded: str, options: Sequence[DraftOption]) -> tuple[str, int] | None:
        """A letter without punctuation, where it is the expected one after these options and the next option comes."""
        option = text_lines.match_weak_option(folded)
        expected = text_lines.next_letter(options[-1].label) if options else "A"
        if option is None or option[0] != expected:
            return None
        following = text_lines.next_letter(expected)
        if len(options) >= 2 or text_lines.find_option(folded, following, option[1]) is not None:
            return option
        return option if self.next_text(index)[:1] == following else None

    def begins_item(self, index: int, rest: str) -> bool:
        """Whether text that goes on like this in line `index` is an item: options or a key come soon."""
        if find_inline_options(rest, self.next_text(index)) is not None:
            return True
        return text_lines.find_label(rest, 0) is not None or self.options_or_key_follow(index)


def _starts_options(folded: str) -> bool:
    option = text_lines.match_option(folded)
    if option is not None:
        return option[0] == "A"
    weak = text_lines.match_weak_option(folded)
    return weak is not None and weak[0] == "A" and text_lines.find_option(folded, "B", weak[1]) is not None


def find_inline_options(folded: str, next_text: str, start: int = 1) -> int | None:
    """Where option A begins inside a line, if option B follows it there or at the start of the next line."""
    first = text_lines.find_option(folded, "A", start)
    if first is None:
        return None
    following = text_lines.match_option(next_text)
    begins_below = following is not None and following[0] == "B"
    has_second = text_lines.find_option(folded, "B", first[1]) is not None
    while first is not None and (has_second or begins_below):
        if folded[first[0] - 1] in " \t)。?:_;,、”》】.":
            has_second = has_second and text_lines.find_option(folded, "B", first[1]) is not None
            if has_second or begins_below:
                return first[0]
        first = text_lines.find_option(folded, "A", first[1])
    return None
