"""The grammar of banks in Word and in text: one line after another, one state.

The lines of a bank carry an order that authors keep almost always: stem, options, key, explanation. Each line
is first asked for what it begins with; only what begins with nothing known goes on with what stands open. An
explanation is the exception: it may mention options and articles, so inside it only an item that follows in
number, or shows its options, begins.
"""

from collections.abc import Sequence
from enum import Enum, auto

from question_bank.formats import text_lines
from question_bank.formats.answer_blocks import AnswerBlock, LooseKey, read_answer_run, read_explained_key
from question_bank.formats.drafts import Draft, DraftOption, Findings, begin_part
from question_bank.formats.report import Place
from question_bank.formats.spellings import fold_width, names_unsupported_type, read_type
from question_bank.formats.text_fields import (
    CHOICES,
    LETTERED,
    TEXTS,
    WRAPPED_FROM,
    belongs,
    join_wrapped,
    read_field,
    read_key,
    sum_up_lost,
)
from question_bank.formats.text_lines import Line, Number
from question_bank.formats.text_outlook import Outlook, find_inline_options
from question_bank.items import ItemType


class _At(Enum):
    """What stands open."""

    NOTHING = auto()
    STEM = auto()
    OPTIONS = auto()
    KEY = auto()
    POINTS = auto()
    EXPLANATION = auto()
    ANSWERS = auto()


def read_lines(lines: Sequence[Line]) -> Findings:
    """Every draft in the lines, and what was read past. Raises nothing."""
    reader = _Reader(lines)
    for index, line in enumerate(lines):
        reader.read_line(index, line)
    return reader.finish()


class _Reader:
    def __init__(self, lines: Sequence[Line]) -> None:
        self._outlook = Outlook(lines)
        self._found = Findings()
        self._skipped: list[tuple[str, Place]] = []
        self._fields_lost: dict[str, list[Place]] = {}
        self._at = _At.NOTHING
        self._draft = Draft(Place())
        self._topic: tuple[str, ...] = ()
        self._section: ItemType | None = None
        self._unsupported = ""
        self._group = 0
        self._last = 0
        self._sub = 0
        self._block: AnswerBlock | None = None
        self._index = 0
        self._line = Line("", Place())

    def finish(self) -> Findings:
        """What was found, with one sentence for each kind of thing that was read past."""
        self._found.lost.extend(sum_up_lost(self._skipped, self._fields_lost))
        return self._found

    def read_line(self, index: int, line: Line) -> None:
        """Takes in one line, piece by piece."""
        self._index, self._line = index, line
        rest = line.text.strip()
        folded = fold_width(rest)
        while rest:
            # What is left is always the end of the line, and so is its folded form.
            shorter = self._read_piece(rest, folded[len(folded) - len(rest) :]).lstrip()
            # Every piece takes something away; a reader that does not would stand still.
            rest = shorter if len(shorter) < len(rest) else ""

    def _read_piece(self, text: str, folded: str) -> str:
        for read in (
            self._read_rule,
            self._read_answers,
            self._read_heading,
            self._read_chapter,
            self._read_part,
            self._read_label,
            self._read_field,
            self._read_item_start,
            self._read_options,
            self._read_key_alone,
        ):
            rest = read(text, folded)
            if rest is not None:
                return rest
        return self._read_plain(text, folded)

    # Lines that end an item

    def _read_rule(self, text: str, _folded: str) -> str | None:
        if not text_lines.is_rule(text):
            return None
        self._close()
        return ""

    def _close(self) -> None:
        self._at = _At.NOTHING if self._at is not _At.ANSWERS else self._at
        self._sub = 0

    def _read_answers(self, text: str, folded: str) -> str | None:
        if text_lines.is_answers_heading(folded) and not self._wants_key():
            self._begin_answers(None)
            return ""
        if self._block is not None and self._at is _At.ANSWERS:
            return self._read_in_answers(text, self._block)
        keys = read_answer_run(text, self._line.place)
        if not keys or not self._found.drafts:
            return None
        self._give(keys, self._begin_answers(None))
        return ""

    def _read_in_answers(self, text: str, block: AnswerBlock) -> str | None:
        """A line below 参考答案: keys, one key with its explanation, or an explanation that goes on."""
        keys = read_answer_run(text, self._line.place, lone_pair=True)
        explained = read_explained_key(text, self._line.place)
        if keys or explained is None:
            self._give(keys, block)
            return "" if keys else None
        self._give([explained[0]], block)
        return explained[1]

    def _give(self, keys: Sequence[LooseKey], block: AnswerBlock) -> None:
        for key in keys:
            result = block.give(key)
            if isinstance(result, Draft):
                self._draft = result
            else:
                self._found.refused.append(result)

    def _wants_key(self) -> bool:
        """Whether 答案： with nothing after it is the label of the open item's key on the next line."""
        follows = self._outlook.next_text(self._index)
        return (
            self._at in (_At.STEM, _At.OPTIONS)
            and self._draft.key_text is None
            and not read_answer_run(follows, self._line.place, lone_pair=True)
            and read_explained_key(follows, self._line.place) is None
            and text_lines.match_heading(follows) is None
        )

    def _begin_answers(self, item_type: ItemType | None) -> AnswerBlock:
        self._at = _At.ANSWERS
        self._block = AnswerBlock(self._found.drafts, item_type)
        return self._block

    def _read_heading(self, text: str, folded: str) -> str | None:
        heading = text_lines.match_heading(folded)
        if heading is None or (self._at is _At.EXPLANATION and len(folded) > WRAPPED_FROM):
            return None
        if heading.answers or (self._at is _At.ANSWERS and self._keys_below(folded[heading.end :])):
            self._begin_answers(heading.item_type)
            return text[heading.end :]
        self._at = _At.NOTHING
        self._section, self._unsupported = heading.item_type, heading.unsupported
        self._begin_group()
        return text[heading.end :]

    def _keys_below(self, rest: str) -> bool:
        first = rest.strip() or self._outlook.next_text(self._index)
        return bool(read_answer_run(first, self._line.place, lone_pair=True))

    def _begin_group(self) -> None:
        self._group += 1
        self._last = self._sub = 0

    def _read_chapter(self, text: str, folded: str) -> str | None:
        chapter = text_lines.match_chapter(text)
        if chapter is None and self._line.outline is not None and len(text) <= 80:
            number = text_lines.match_number(folded)
            chapter = (
                (self._line.outline, text) if number is None or not self._outlook.begins_item(self._index, "") else None
            )
        if chapter is None and self._at is not _At.STEM and text_lines.may_be_chapter(folded):
            follows = self._outlook.next_text(self._index)
            number = text_lines.match_number(follows)
            if text_lines.match_heading(follows) or (number and number.value == 1):
                chapter = (1, text)
        if chapter is None:
            return None
        level, name = chapter
        self._topic = (*self._topic[: level - 1], name)
        self._at = _At.NOTHING
        self._begin_group()
        return ""

    def _read_label(self, text: str, folded: str) -> str | None:
        if self._at is _At.NOTHING:
            return None
        start = text_lines.match_key(folded) if self._at is not _At.ANSWERS else None
        if start is not None and (self._at is not _At.EXPLANATION or self._draft.key_text is None):
            keys = read_answer_run(text[start:], self._line.place)
            if keys:
                self._give(keys, self._begin_answers(None))
                return ""
            end = self._find_end(folded, start)
            remark = read_key(self._draft, text[start:end], folded[start:end])
            self._at = _At.KEY
            if remark:
                self._append_explanation(remark)
            return text[end:]
        start = text_lines.match_explanation(folded)
        if start is None:
            return None
        end = len(text)
        if self._at is not _At.ANSWERS:
            self._at = _At.EXPLANATION
            end = self._find_end(folded, start, labels=False)
        self._append_explanation(text[start:end])
        return text[end:]

    def _find_end(self, folded: str, start: int, *, labels: bool = True) -> int:
        """Where the piece that begins at `start` ends: at a label, or where the next item begins."""
        ends = [len(folded)]
        if labels and (label := text_lines.find_label(folded, start)) is not None:
            ends.append(label)
        following = text_lines.find_number(folded, self._last + 1, start) if self._last else None
        if following is not None and self._outlook.begins_item(self._index, folded[following:]):
            ends.append(following)
        return min(ends)

    def _append_explanation(self, text: str) -> None:
        self._draft.explanation = join_wrapped(self._draft.explanation, text)

    def _read_field(self, text: str, folded: str) -> str | None:
        if self._at in (_At.NOTHING, _At.ANSWERS):
            return None
        field = text_lines.match_field(text, folded)
        if field is None or not belongs(self._draft, field[0]):
            return None
        meaning, label, value = field
        if not read_field(self._draft, meaning, value) and value:
            self._fields_lost.setdefault(label, []).append(self._line.place)
        at = _At.KEY if self._at is not _At.EXPLANATION else self._at
        self._at = _At.POINTS if meaning in ("points", "steps") else at
        return ""

    # Items

    def _read_part(self, text: str, folded: str) -> str | None:
        if self._at in (_At.NOTHING, _At.ANSWERS) or self._found.drafts[-1].declared is not ItemType.CASE_ANALYSIS:
            return None
        part = text_lines.match_part(folded)
        if part is None:
            return None
        self._draft = begin_part(self._found.drafts[-1], self._line.place, part[0], part[1])
        self._at = _At.STEM
        return self._read_stem(text[part[2] :], folded[part[2] :])

    def _read_item_start(self, text: str, folded: str) -> str | None:
        tag, start = text_lines.match_tag(folded) or ("", 0)
        number = text_lines.match_number(folded[start:])
        if number is not None:
            start += number.end
            inner_tag, inner_end = text_lines.match_tag(folded[start:]) or ("", 0)
            tag, start = tag or inner_tag, start + inner_end
        if not tag and (number is None or not self._accepts(number, folded[start:])):
            return None
        self._begin_item(number.value if number else None, tag)
        return self._read_stem(text[start:], folded[start:])

    def _accepts(self, number: Number, rest: str) -> bool:
        """Whether this number begins an item, and not a list inside what stands open."""
        if self._at is _At.ANSWERS:
            return find_inline_options(rest, "") is not None or self._outlook.options_follow(self._index)
        if not rest.strip() and not self._outlook.begins_item(self._index, rest):
            return False
        follows = number.value == self._last + 1
        if self._at in (_At.STEM, _At.EXPLANATION):
            accepted = self._leaves_list(number, rest, follows=follows)
            self._sub = 0 if accepted else number.value
            return accepted
        if number.strong:
            return True
        return (follows or number.value == 1) and (
            not self._outlook.has_strong_numbers or self._outlook.begins_item(self._index, rest)
        )

    def _leaves_list(self, number: Number, rest: str, *, follows: bool) -> bool:
        """Whether a number inside a stem or an explanation is the next item's, and not the next of a list."""
        if self._sub and number.value == self._sub + 1 and (self._at is _At.STEM or not follows):
            return False
        if follows and number.value != self._sub + 1:
            return True
        return self._outlook.begins_item(self._index, rest)

    def _begin_item(self, number: int | None, tag: str = "") -> None:
        if number is not None and number <= self._last:
            self._group += 1
        self._draft = Draft(
            self._line.place,
            number=number,
            group=self._group,
            declared=(read_type(tag) if tag else self._section),
            unsupported=(tag if names_unsupported_type(tag) else "") if tag else self._unsupported,
            topic=self._topic,
        )
        self._found.drafts.append(self._draft)
        self._last = number if number is not None else self._last
        self._sub = 0
        self._at = _At.STEM

    def _read_stem(self, text: str, folded: str) -> str:
        """Takes the stem up to its options or labels; gives back the rest."""
        ends = [self._find_end(folded, 0)]
        options = find_inline_options(folded, self._outlook.next_text(self._index))
        if options is not None:
            ends.append(options)
        self._draft.stem = join_wrapped(self._draft.stem, text[: min(ends)])
        return text[min(ends) :]

    def _read_options(self, text: str, folded: str) -> str | None:
        if self._at not in (_At.STEM, _At.OPTIONS):
            return None
        option = text_lines.match_option(folded)
        if option is None and self._draft.declared in (*CHOICES, None):
            option = self._outlook.bare_option(self._index, folded, self._draft.options)
        if option is None:
            return None
        label, start = option
        if label == "A" and self._draft.options and self._outlook.is_numbered is False:
            return None
        if self._draft.declared not in (*LETTERED, None):
            return None
        end = self._find_end(folded, start)
        following = text_lines.next_letter(label)
        if following and (mark := text_lines.find_option(folded, following, start)) is not None:
            end = min(end, mark[0])
        # "A 严重警告 ." has its label's dot behind the text.
        self._draft.options.append(DraftOption(label, text[start:end].strip().removesuffix(" .")))
        self._at = _At.OPTIONS
        return text[end:]

    def _read_key_alone(self, text: str, folded: str) -> str | None:
        if self._draft.key_text is not None or not text_lines.is_key_alone(folded):
            return None
        if self._at not in (_At.OPTIONS, _At.KEY) and not (self._at is _At.STEM and not self._draft.options):
            return None
        self._draft.key_text = text
        self._at = _At.KEY
        return ""

    def _read_plain(self, text: str, folded: str) -> str:
        if self._at is _At.ANSWERS:
            self._at = _At.NOTHING if self._outlook.options_follow(self._index) else self._at
        if self._at is _At.ANSWERS and self._draft.explanation:
            self._append_explanation(text)
            return ""
        if text_lines.is_page_mark(folded) or self._at is _At.ANSWERS:
            self._skipped.append((text, self._line.place))
            return ""
        if self._begins_unnumbered(folded):
            self._begin_item(None)
            return self._read_stem(text, folded)
        if self._at is _At.STEM:
            return self._read_stem(text, folded)
        end = self._find_end(folded, 0)
        if self._at is _At.OPTIONS:
            self._draft.options[-1].text = join_wrapped(self._draft.options[-1].text, text[:end])
        elif self._at is _At.EXPLANATION:
            self._append_explanation(text[:end])
        elif self._at is _At.POINTS:
            self._draft.extra().points[-1] += text[:end].strip()
        elif self._at is _At.KEY and (not self._draft.key_text or self._draft.declared in TEXTS):
            self._draft.key_text = join_wrapped(self._draft.key_text or "", text[:end])
        else:
            self._skipped.append((text[:end], self._line.place))
        return text[end:]

    def _begins_unnumbered(self, folded: str) -> bool:
        """Whether a line without a number is a stem."""
        outlook, index = self._outlook, self._index
        if self._at is _At.STEM:
            return self._draft.key_text is not None
        if outlook.options_follow(index):
            return True
        if find_inline_options(folded, outlook.next_text(index)) is not None:
            return self._at in (_At.NOTHING, _At.KEY)
        if outlook.is_numbered:
            return self._at in (_At.NOTHING, _At.KEY) and text_lines.match_key(outlook.next_text(index)) is not None
        if self._at is _At.KEY and self._draft.key_text != "":
            return True
        return self._at is _At.NOTHING and (self._section is not None or outlook.options_or_key_follow(index))
