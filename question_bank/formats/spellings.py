"""How people spell types, keys, right and wrong, difficulty and level. Lists of words, no files."""

import re
from functools import lru_cache

from question_bank.items import Difficulty, ItemType, Level

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e]")
# A bank has a million cells and nearly none of them is unclean: one search tells, and is all that most cells cost.
_UNCLEAN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]|_x000D_")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
# Full-width forms to their ASCII twins and odd spaces to a space: one character for one, so that positions
# found in the folded text hold in the text itself. A tab stays: after a number it is a strong sign.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(char): " " for char in "\u3000\u00a0\u2002\u2003\u2009\u202f\u2005"
}
_WIDE = re.compile("[\uff01-\uff5e\u3000\u00a0\u2002\u2003\u2009\u202f\u2005]")

# Types, keys, difficulties and levels of a bank are few words said many times.
_REMEMBERED = 1_024

TRUE_WORDS = frozenset(["√", "✓", "✔", "☑", "✅", "对", "正确", "是", "真", "t", "true", "y", "yes", "right"])
FALSE_WORDS = frozenset(
    [
        "×",
        "✕",
        "✖",
        "✗",
        "✘",
        "❌",
        "☒",
        "x",
        "错",
        "错误",
        "否",
        "假",
        "不对",
        "不正确",
        "f",
        "false",
        "n",
        "no",
        "wrong",
    ]
)
JUDGE_MARKS = "√✓✔☑✅×✕✖✗✘❌☒"
# As one alternation for patterns on folded text; long words first.
JUDGE = "|".join(("正确", "错误", "true", "false", "True", "False", f"[{JUDGE_MARKS}对错TFxX]"))

LETTERS = "ABCDEFGHIJKL"

_TYPE_WORDS: tuple[tuple[str, ItemType], ...] = (
    (r"单项选择|单选择|单选", ItemType.SINGLE_CHOICE),
    (r"多项选择|多选择|多选|不定项选择|不定项", ItemType.MULTIPLE_CHOICE),
    (r"判断正误|判断对错|正误判断|对错判断|判断|是非", ItemType.TRUE_FALSE),
    (r"填空", ItemType.FILL_BLANK),
    (r"简答|问答|论述|简述|主观|名词解释", ItemType.SHORT_ANSWER),
    (r"计算", ItemType.NUMERIC),
    (r"排序", ItemType.ORDERING),
    (r"实操|操作", ItemType.PRACTICAL),
    (r"连线|匹配|配对", ItemType.MATCHING),
    (r"案例分析|材料分析|综合分析", ItemType.CASE_ANALYSIS),
)
# Name a type only where 题 follows; alone they are words of any text.
BRIEF_TYPES = r"(?:案例|材料)(?=试?题)"
UNSUPPORTED_TYPES = r"完形填空"
TYPE_WORD = "|".join(words for words, _ in _TYPE_WORDS)
_READABLE = frozenset(item_type for _, item_type in _TYPE_WORDS)
_ENGLISH_TYPES = {
    "singlechoice": ItemType.SINGLE_CHOICE,
    "multiplechoice": ItemType.MULTIPLE_CHOICE,
    "true/false": ItemType.TRUE_FALSE,
    "truefalse": ItemType.TRUE_FALSE,
    "trueorfalse": ItemType.TRUE_FALSE,
    "fillintheblank": ItemType.FILL_BLANK,
    "fillblank": ItemType.FILL_BLANK,
    "shortanswer": ItemType.SHORT_ANSWER,
    "caseanalysis": ItemType.CASE_ANALYSIS,
}
_DIFFICULTIES = {
    Difficulty.EASY: frozenset(["易", "较易", "简单", "容易", "easy", "1", "2", "低"]),
    Difficulty.MEDIUM: frozenset(["中", "中等", "一般", "适中", "medium", "3", "普通"]),
    Difficulty.HARD: frozenset(["难", "较难", "困难", "hard", "4", "5", "高"]),
}
_LEVELS = {
    Level.PRIMARY: frozenset(["初级", "初", "primary"]),
    Level.INTERMEDIATE: frozenset(["中级", "中", "intermediate"]),
    Level.ADVANCED: frozenset(["高级", "高", "advanced"]),
}
_KEY_LETTERS = re.compile(r"[\s,、;|/和与.]*([A-La-l](?:[\s,、;|/和与.]*[A-La-l])*)[\s,、;|/.。]*")


def clean(text: str) -> str:
    """The text without invisible and control characters and outer white space; line ends are \\n."""
    if not _UNCLEAN.search(text):
        return text.strip()
    text = text.replace("_x000D_", "\n").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text)).strip()


def fold_width(text: str) -> str:
    """The text with full-width letters, digits and marks made half-width; same length, same positions."""
    return text.translate(_WIDTH) if _WIDE.search(text) else text


def read_judge(text: str) -> bool | None:
    """True, False, or None when the word is neither."""
    word = fold_width(text).strip(" .。;()[]【】\ufe0f\t").lower()
    if word in TRUE_WORDS:
        return True
    return False if word in FALSE_WORDS else None


@lru_cache(maxsize=_REMEMBERED)
def read_letters(text: str) -> tuple[str, ...] | None:
    """The option letters of a key such as ABD, A、B、D or ａ|ｂ, upper case, as written; None when it is none."""
    found = _KEY_LETTERS.fullmatch(fold_width(text).strip())
    return tuple(char.upper() for char in found[1] if char.isalpha() and char.isascii()) if found else None


@lru_cache(maxsize=_REMEMBERED)
def read_type(text: str) -> ItemType | None:
    """The type that a cell, a sheet's name or a tag names, such as 单选题; None when it names none."""
    word = re.sub(r"[\s_\[\]【】()<>=*-]", "", fold_width(text)).lower()
    if word in _ENGLISH_TYPES:
        return _ENGLISH_TYPES[word]
    if word in _READABLE:
        return ItemType(word)
    if re.fullmatch(rf"(?:{UNSUPPORTED_TYPES})(?:试?题目?)?", word):
        return None
    if re.fullmatch(rf"{BRIEF_TYPES}试?题目?", word):
        return ItemType.CASE_ANALYSIS
    for words, item_type in _TYPE_WORDS:
        if re.fullmatch(rf"(?:{words})(?:试?题目?|题库)?", word):
            return item_type
    return None


@lru_cache(maxsize=_REMEMBERED)
def names_unsupported_type(text: str) -> bool:
    """Whether the words name a type that no reader of these files can take apart, such as 完形填空题."""
    word = re.sub(r"[\s_\[\]【】()<>=*-]", "", fold_width(text))
    return re.fullmatch(rf"(?:{UNSUPPORTED_TYPES})(?:试?题目?)", word) is not None


@lru_cache(maxsize=_REMEMBERED)
def read_difficulty(text: str) -> Difficulty | None:
    """The difficulty that a word or a figure of 1 to 5 names."""
    word = fold_width(text).strip().lower()
    return next((level for level, words in _DIFFICULTIES.items() if word in words), None)


@lru_cache(maxsize=_REMEMBERED)
def read_level(text: str) -> Level | None:
    """The level that a word names."""
    word = fold_width(text).strip().lower()
    return next((level for level, words in _LEVELS.items() if word in words), None)
