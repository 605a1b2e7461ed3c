"""From the cells of a row, or of the rows of one item, to a draft."""

import re
from collections.abc import Sequence

from question_bank.formats.drafts import Draft, DraftOption
from question_bank.formats.report import Place, Problem
from question_bank.formats.spellings import (
    TYPE_WORD,
    fold_width,
    names_unsupported_type,
    read_difficulty,
    read_judge,
    read_letters,
    read_level,
    read_type,
)
from question_bank.formats.table_headers import Layout, Role
from question_bank.formats.text_fields import read_basis
from question_bank.formats.text_lines import find_option, match_number, match_option, match_tag, next_letter
from question_bank.items import Basis, ItemType

# Where cells hold digits and the header does not say what they mean.
_USUAL_TYPE_CODES = {
    "1": ItemType.SINGLE_CHOICE,
    "2": ItemType.MULTIPLE_CHOICE,
    "3": ItemType.TRUE_FALSE,
    "4": ItemType.SHORT_ANSWER,
}
_TEXTS = frozenset({ItemType.FILL_BLANK, ItemType.SHORT_ANSWER})
_TYPE_BEFORE_NUMBER = re.compile(rf"\s*((?:{TYPE_WORD})题?)[\s,:、]*(?=\d{{1,4}}\s*[、.])")
_TYPE_BEFORE_OPTIONS = re.compile(rf"\s*(?:{TYPE_WORD})题?[\s,:、]*")
_SEPARATORS = " \t\n,，;；|｜、"


def read_item_row(place: Place, cells: Sequence[str], layout: Layout) -> Draft:
    """The draft of a row that holds a whole item."""
    draft = _read_common(place, cells, layout)
    key = _cell(cells, layout, Role.KEY)
    draft.key_text = key or None
    draft.accepted = [cells[at] for at in layout.positions(Role.BLANK) if at < len(cells) and cells[at]]
    draft.options = _read_option_cells(cells, layout)
    in_one = _cell(cells, layout, Role.OPTIONS)
    if in_one:
        draft.options += _split_options(draft, in_one)
    rights = layout.positions(Role.OPTION_RIGHT)
    if rights and not key:
        flags = {layout.columns[at].index: cells[at] for at in rights if at < len(cells)}
        draft.key_text = "".join(chr(ord("A") + index) for index, flag in flags.items() if _is_right(flag)) or None
    if draft.declared in _TEXTS and draft.options and (not key or read_letters(key)):
        # Templates with one set of columns keep the text of a blank in the first options, with the key "A".
        draft.accepted = draft.accepted or [option.text for option in draft.options if option.text]
        draft.key_text = None
    if draft.declared in _TEXTS:
        draft.options = []
    return draft


def read_option_rows(place: Place, rows: Sequence[Sequence[str]], layout: Layout) -> Draft:
    """The draft of an item that takes one row per option; the first row has the rest of it."""
    draft = _read_common(place, rows[0], layout)
    rights: list[str] = []
    for cells in rows:
        text = _cell(cells, layout, Role.OPTION_TEXT)
        if not text:
            continue
        label = chr(ord("A") + len(draft.options))
        draft.options.append(DraftOption(label, text))
        if _is_right(_cell(cells, layout, Role.RIGHT)):
            rights.append(label)
    draft.key_text = "".join(rights) or _cell(rows[0], layout, Role.KEY) or None
    if draft.declared in _TEXTS:
        draft.accepted = [option.text for option in draft.options]
        draft.options, draft.key_text = [], None
    return draft


def _cell(cells: Sequence[str], layout: Layout, role: Role) -> str:
    position = layout.position(role)
    return cells[position] if position is not None and position < len(cells) else ""


def _is_right(flag: str) -> bool:
    return flag == "1" or read_judge(flag) is True


def _read_common(place: Place, cells: Sequence[str], layout: Layout) -> Draft:
    draft = Draft(place, stem=_cell(cells, layout, Role.STEM))
    _read_type_cell(draft, _cell(cells, layout, Role.TYPE), layout)
    _read_stem_prefix(draft)
    draft.explanation = _cell(cells, layout, Role.EXPLANATION)
    draft.topic = tuple(cells[at] for at in layout.positions(Role.TOPIC) if at < len(cells) and cells[at])
    draft.difficulty = read_difficulty(_cell(cells, layout, Role.DIFFICULTY))
    draft.level = read_level(_cell(cells, layout, Role.LEVEL))
    tags = re.split(r"[\s,，、;；]+", " ".join(cells[at] for at in layout.positions(Role.TAGS) if at < len(cells)))
    draft.tags = tuple(dict.fromkeys(tag for tag in tags if tag))
    document = _cell(cells, layout, Role.BASIS)
    clause = _cell(cells, layout, Role.CLAUSE)
    draft.basis = (Basis(document, clause),) if document and clause else read_basis(document)
    if any(cells[at] for at in layout.positions(Role.PICTURE) if at < len(cells)):
        draft.doubts.append(Problem("item.picture", "配有图片，未能读入。", "Its picture could not be read.", place))
    return draft


def _read_type_cell(draft: Draft, text: str, layout: Layout) -> None:
    if not text:
        return
    codes = layout.type_codes or _USUAL_TYPE_CODES
    draft.declared = codes.get(fold_width(text)) or read_type(text)
    if names_unsupported_type(text):
        draft.unsupported = text
    elif draft.declared is None:
        draft.doubts.append(
            Problem("type.unknown", f"不认识的题型“{text[:20]}”。", f"Unknown type: {text[:20]}", draft.place)
        )


def _read_stem_prefix(draft: Draft) -> None:
    """Takes a type and a number off the stem: "单选题 1.…", "[多选] …", "12、…"."""
    folded = fold_width(draft.stem)
    tag = match_tag(folded)
    before = _TYPE_BEFORE_NUMBER.match(folded)
    start = 0
    if tag is not None or before is not None:
        word = tag[0] if tag else folded[: before.end()].strip(" ,:、") if before else ""
        start = tag[1] if tag else before.end() if before else 0
        draft.declared = draft.declared or read_type(word)
        draft.unsupported = draft.unsupported or (word if names_unsupported_type(word) else "")
    number = match_number(folded[start:])
    if number is not None and number.strong:
        start += number.end
        draft.number = number.value
    draft.stem = draft.stem[start:].strip()


def _read_option_cells(cells: Sequence[str], layout: Layout) -> list[DraftOption]:
    """The options of a row up to the last that is filled; a gap before it stays, as an empty option."""
    texts = {layout.columns[at].index: cells[at] for at in layout.positions(Role.OPTION) if at < len(cells)}
    last = max((index for index, text in texts.items() if text), default=-1)
    options = []
    for index in range(last + 1):
        label, text = chr(ord("A") + index), texts.get(index, "")
        prefix = match_option(fold_width(text))
        if prefix is not None and prefix[0] == label:
            text = text[prefix[1] :]
        options.append(DraftOption(label, text.strip()))
    return options


def _split_options(draft: Draft, text: str) -> list[DraftOption]:
    """The options of one cell: by their letters, else by line, else by bar or semicolon."""
    folded = fold_width(text)
    kind = _TYPE_BEFORE_OPTIONS.match(folded)
    start = kind.end() if kind else 0
    first = match_option(folded[start:])
    if first is not None and first[0] == "A":
        found: tuple[int, int] | None = (start, start + first[1])
    else:
        found = find_option(folded, "A", start)
    if found is None:
        return [
            DraftOption(chr(ord("A") + index), piece) for index, piece in enumerate(_split_unlettered(text[start:]))
        ]
    leftover = text[start : found[0]].strip(_SEPARATORS)
    options: list[DraftOption] = []
    letter = "A"
    while found is not None:
        following = find_option(folded, next_letter(letter), found[1]) if next_letter(letter) else None
        end = following[0] if following else len(text)
        piece = text[found[1] : end].strip(_SEPARATORS)
        if find_option(fold_width(piece), letter, 0) is not None:
            leftover = leftover or piece
        options.append(DraftOption(letter, piece))
        found, letter = following, next_letter(letter)
    if leftover:
        draft.doubts.append(
            Problem(
                "options.not_divided",
                f"选项没有分清：“{leftover[:40]}”。",
                f"The options could not be told apart: {leftover[:40]}",
                draft.place,
            )
        )
    return options


def _split_unlettered(text: str) -> list[str]:
    for mark in (r"\n", r"[|｜]", r"[;；]", r"[,，]\s"):
        pieces = [piece.strip() for piece in re.split(mark, text) if piece.strip()]
        if len(pieces) > 1:
            return pieces
    return [text.strip()] if text.strip() else []
