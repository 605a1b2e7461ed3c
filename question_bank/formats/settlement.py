"""From a draft to an item: its type, its key, and every reason why a person should look at it."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from question_bank.content import escape
from question_bank.formats.cases import settle_case
from question_bank.formats.drafts import OBJECT_MARK, Draft
from question_bank.formats.odd_keys import read_checklist, read_number, read_order, read_pairs, read_rubric
from question_bank.formats.report import Problem, ReadItem
from question_bank.formats.spellings import fold_width, read_judge, read_letters
from question_bank.formats.stem_keys import BLANK, take_key_from_stem
from question_bank.items import Body, Difficulty, Item, ItemType, Level
from question_bank.kinds import kind_of, problems_of
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import blanks_of
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.kinds.true_false import TRUE_FALSE_OPTIONS

_CHOICES = frozenset({ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE})
_ODD: dict[ItemType, Callable[[Draft], Body | None]] = {
    ItemType.NUMERIC: read_number,
    ItemType.ORDERING: read_order,
    ItemType.PRACTICAL: read_checklist,
    ItemType.MATCHING: read_pairs,
}
_PICTURE_WORDS = "［图］"


def settle_all(drafts: list[Draft]) -> Iterator[ReadItem | Problem]:
    """What comes of each draft, in order. Empties the list: a bank is never in memory twice."""
    drafts.reverse()
    while drafts:
        yield settle(drafts.pop())


def settle(draft: Draft) -> ReadItem | Problem:
    """The item of a draft with its doubts, or the reason why there is none.

    Nothing is invented: where no key was found the item has none and says so. Files hold plain words: what Markdown
    would take for its own is escaped.
    """
    if draft.unsupported:
        return Problem(
            "item.unsupported_type",
            f"不能从这种文件读入的题型“{draft.unsupported}”，未读入。",
            f"Items of the type {draft.unsupported} cannot be read from such a file; not read.",
            draft.place,
        )
    if draft.declared is ItemType.CASE_ANALYSIS and not (draft.extras and draft.extras.parts):
        return Problem(
            "item.unsupported_type",
            "案例分析题没有分出小题，未读入。请按导入说明写明“材料：”和“小题1（单选题，2分）：”。",
            "A case whose parts are not marked; not read. Please mark its text and its parts as the notes say.",
            draft.place,
        )
    _remove_object_marks(draft)
    take_key_from_stem(draft)
    if not draft.stem.strip():
        return Problem("item.no_stem", "没有题干，未读入。", "There is no stem; not read.", draft.place)
    item_type, body = _settle_body(draft, _decide_type(draft))
    item = Item(
        item_type=item_type,
        stem=escape(draft.stem.strip()),
        body=body,
        explanation=escape(draft.explanation.strip()),
        topic=draft.topic,
        difficulty=draft.difficulty or Difficulty.MEDIUM,
        level=draft.level or Level.PRIMARY,
        basis=draft.basis,
        tags=draft.tags,
    )
    if not draft.doubts:
        # What no reader thought of: an item without doubts is one that its kind accepts.
        for problem in problems_of(item):
            _doubt(draft, problem.code, problem.zh, problem.en)
    return ReadItem(item, draft.place, tuple(draft.doubts))


def _settle_body(draft: Draft, item_type: ItemType) -> tuple[ItemType, Body]:
    """The body, and its type: a short answer where the key is not one of the type that was declared."""
    if item_type in _CHOICES:
        return item_type, _settle_choice(draft, item_type)
    if item_type is ItemType.TRUE_FALSE:
        return item_type, ChoiceBody(TRUE_FALSE_OPTIONS, _settle_judge(draft))
    if item_type is ItemType.FILL_BLANK:
        return item_type, blanks_of(*_settle_blanks(draft))
    if item_type is ItemType.CASE_ANALYSIS:
        return item_type, settle_case(draft, settle)
    if item_type in _ODD:
        body = _ODD[item_type](draft)
        if body is not None:
            return item_type, body
        name = kind_of(item_type).name
        _doubt(
            draft,
            "type.key_differs",
            f"答案不是{name.zh}的形式，按简答题读入，请确认。",
            f"The key does not fit the type {name.en.lower()}; read as a short answer.",
        )
        draft.stem = "\n".join([draft.stem, *(f"{one.label}. {one.text}" for one in draft.options)])
    return ItemType.SHORT_ANSWER, ShortAnswerBody(tuple(map(escape, _settle_model(draft))), read_rubric(draft))


def _doubt(draft: Draft, code: str, zh: str, en: str) -> None:
    draft.doubts.append(Problem(code, zh, en, draft.place))


def _remove_object_marks(draft: Draft) -> None:
    texts = [draft.stem, draft.explanation, *(option.text for option in draft.options)]
    if not any(OBJECT_MARK in text for text in texts):
        return
    _doubt(
        draft,
        "item.picture",
        f"含有图片或嵌入对象，未能读入，原处以“{_PICTURE_WORDS}”表示。",
        "A picture or an embedded object could not be read; its place is marked.",
    )
    draft.stem = draft.stem.replace(OBJECT_MARK, _PICTURE_WORDS)
    draft.explanation = draft.explanation.replace(OBJECT_MARK, _PICTURE_WORDS)
    for option in draft.options:
        option.text = option.text.replace(OBJECT_MARK, _PICTURE_WORDS)


def _judged_options(draft: Draft) -> tuple[bool, bool] | None:
    """What the two options say, where they are 正确 and 错误 or the like, in the order of the file."""
    if len(draft.options) != 2:
        return None
    first, second = (read_judge(option.text) for option in draft.options)
    if first is None or second is None or first == second:
        return None
    return first, second


def _decide_type(draft: Draft) -> ItemType:
    inferred = _infer_type(draft)
    declared = draft.declared
    if declared is None:
        return inferred
    contradicts = (declared is ItemType.TRUE_FALSE and inferred in _CHOICES and bool(draft.options)) or (
        declared in _CHOICES and inferred is ItemType.TRUE_FALSE and not draft.options
    )
    if contradicts:
        _doubt(
            draft,
            "type.contradicted",
            "所在题型与选项、答案不符，请确认题型。",
            "The type it stands under does not agree with its options and key.",
        )
        return inferred
    return declared


def _infer_type(draft: Draft) -> ItemType:
    letters = read_letters(draft.key_text or "") or ()
    if draft.options:
        if _judged_options(draft) and len(letters) <= 1:
            return ItemType.TRUE_FALSE
        several = len(letters) > 1 or len(_positions_by_text(draft) or ()) > 1
        return ItemType.MULTIPLE_CHOICE if several else ItemType.SINGLE_CHOICE
    if read_judge(draft.key_text or "") is not None:
        return ItemType.TRUE_FALSE
    if letters:
        return ItemType.MULTIPLE_CHOICE if len(letters) > 1 else ItemType.SINGLE_CHOICE
    if draft.accepted or BLANK.search(fold_width(draft.stem)):
        return ItemType.FILL_BLANK
    return ItemType.SHORT_ANSWER


@lru_cache(maxsize=64)  # the texts of one item are compared for its type, its faults and its key
def _compared(text: str) -> str:
    return "".join(fold_width(text).split()).casefold()


def _positions_by_text(draft: Draft) -> frozenset[int] | None:
    """The options that the key quotes in full, or as numbers from 1; None where it does neither."""
    key = draft.key_text or ""
    texts = [_compared(option.text) for option in draft.options]
    pieces = [key] if _compared(key) in texts else re.split(r"[;；|\n、,，]", key)
    wanted = [_compared(piece) for piece in pieces if piece.strip()]
    if wanted and all(piece in texts for piece in wanted):
        return frozenset(texts.index(piece) for piece in wanted)
    if wanted and all(re.fullmatch(r"[1-9]", piece) and int(piece) <= len(texts) for piece in wanted):
        return frozenset(int(piece) - 1 for piece in wanted)
    return None


def _settle_choice(draft: Draft, item_type: ItemType) -> ChoiceBody:
    for code, zh, en in _option_faults(draft):
        _doubt(draft, code, zh, en)
    key = _choice_key(draft)
    if item_type is ItemType.SINGLE_CHOICE and len(key) > 1:
        _doubt(
            draft,
            "key.several_for_single",
            f"单选题却有 {len(key)} 个答案。",
            f"A single-choice item with {len(key)} right options.",
        )
    if item_type is ItemType.MULTIPLE_CHOICE and len(key) == 1:
        _doubt(
            draft,
            "key.one_for_multiple",
            "多选题却只有 1 个答案。",
            "A multiple-choice item with one right option.",
        )
    return ChoiceBody(tuple(Option(escape(option.text.strip())) for option in draft.options), key)


def _option_faults(draft: Draft) -> Iterator[tuple[str, str, str]]:
    if len(draft.options) < 2:
        yield "options.too_few", "选项不足两个。", "There are fewer than two options."
        return
    labels = [option.label for option in draft.options if option.label]
    if labels and labels != [chr(ord("A") + position) for position in range(len(labels))]:
        yield (
            "options.labels",
            f"选项字母不连续或重复：{' '.join(labels)}。",
            f"The letters of the options are not in order: {' '.join(labels)}.",
        )
    texts = [_compared(option.text) for option in draft.options]
    if "" in texts:
        yield "options.empty", "有空白选项。", "An option is empty."
    filled = [text for text in texts if text]
    if len(set(filled)) < len(filled):
        yield "options.repeated", "有内容相同的选项。", "Two options say the same."


def _choice_key(draft: Draft) -> frozenset[int]:
    key_text = (draft.key_text or "").strip()
    if not key_text:
        _doubt(draft, "key.missing", "没有找到答案。", "No key was found.")
        return frozenset()
    by_text = _positions_by_text(draft)
    letters = read_letters(key_text)
    if by_text is not None and (letters is None or draft.label_position(letters[0]) is None):
        return by_text
    if letters is None:
        _doubt(
            draft,
            "key.unreadable",
            f"看不懂的答案“{key_text[:40]}”。",
            f"The key cannot be understood: {key_text[:40]}",
        )
        return frozenset()
    positions = {letter: draft.label_position(letter) for letter in letters}
    missing = [letter for letter, position in positions.items() if position is None]
    if missing and draft.options:
        _doubt(
            draft,
            "key.not_an_option",
            f"答案 {'、'.join(missing)} 不在选项中。",
            f"The key {', '.join(missing)} is not among the options.",
        )
    if len(positions) < len(letters):
        _doubt(draft, "key.repeated", f"答案字母重复：{key_text}。", f"The key repeats a letter: {key_text}.")
    return frozenset(position for position in positions.values() if position is not None)


def _settle_judge(draft: Draft) -> frozenset[int]:
    key_text = (draft.key_text or "").strip()
    if not key_text:
        _doubt(draft, "key.missing", "没有找到答案。", "No key was found.")
        return frozenset()
    verdict = read_judge(key_text)
    letters = read_letters(key_text)
    judged = _judged_options(draft)
    if letters and len(letters) == 1:
        position = draft.label_position(letters[0]) if draft.options else "AB".find(letters[0])
        if judged and position is not None:
            verdict = judged[position]
        elif verdict is None and position in (0, 1):
            verdict = position == 0
    elif verdict is None and key_text in ("1", "0"):
        verdict = key_text == "1"
    if verdict is None:
        _doubt(
            draft,
            "key.unreadable",
            f"看不懂的答案“{key_text[:40]}”。",
            f"The key cannot be understood: {key_text[:40]}",
        )
        return frozenset()
    return frozenset({0 if verdict else 1})


def _settle_blanks(draft: Draft) -> tuple[tuple[str, ...], ...]:
    blanks = len(BLANK.findall(fold_width(draft.stem)))
    cells = [cell for cell in draft.accepted if cell.strip()] or _split_blanks(draft.key_text or "", blanks)
    if not cells:
        _doubt(draft, "key.missing", "没有找到答案。", "No key was found.")
    if blanks == 0:
        _doubt(draft, "blanks.none", "题干中没有标出空。", "No blank is marked in the stem.")
    elif cells and len(cells) != blanks:
        _doubt(
            draft,
            "blanks.count",
            f"题干有 {blanks} 个空，答案有 {len(cells)} 个。",
            f"The stem has {blanks} blanks and the key has {len(cells)}.",
        )
    return tuple(_split_variants(cell) for cell in cells)


def _split_blanks(key_text: str, blanks: int) -> list[str]:
    text = key_text.strip()
    if not text:
        return []
    if re.search(r"[|｜]", text):
        return [piece.strip() for piece in re.split(r"[|｜]", text)]
    if blanks > 1:
        for mark in (r"[;；\n]", r"[、]", r"[,，]", r"\s+"):
            pieces = [piece.strip() for piece in re.split(mark, text) if piece.strip()]
            if len(pieces) == blanks:
                return pieces
    return [text]


def _split_variants(cell: str) -> tuple[str, ...]:
    # A stroke between Latin letters or digits is part of the answer (km/h); between Chinese words it divides.
    pieces = re.split(r"[;；]|(?<=[\u4e00-\u9fff])\s*/\s*(?=[\u4e00-\u9fff])", cell)
    return tuple(dict.fromkeys(piece.strip() for piece in pieces if piece.strip()))


def _settle_model(draft: Draft) -> tuple[str, ...]:
    text = "\n".join(cell.strip() for cell in draft.accepted if cell.strip()) or (draft.key_text or "").strip()
    if not text:
        _doubt(draft, "key.missing", "没有找到参考答案。", "No model answer was found.")
        return ()
    return (text,)
