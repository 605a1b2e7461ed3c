"""What a line of a bank in Word or text begins with. Every function here looks at one line and decides nothing.

Positions are those of the folded text (`fold_width`), which has the length of the text itself.
"""

import re
from dataclasses import dataclass

from question_bank.formats.report import Place
from question_bank.formats.spellings import (
    BRIEF_TYPES,
    JUDGE,
    LETTERS,
    TYPE_WORD,
    UNSUPPORTED_TYPES,
    fold_width,
    names_unsupported_type,
    read_type,
)
from question_bank.items import ItemType


@dataclass(frozen=True)
class Line:
    """One line of text, cleaned; `outline` is the level of a Word heading from 1."""

    text: str
    place: Place
    outline: int | None = None


@dataclass(frozen=True)
class Number:
    """The number an item begins with. `strong` when its punctuation leaves little doubt."""

    value: int
    end: int
    strong: bool


@dataclass(frozen=True)
class Heading:
    """A section heading: the type it sets, and whether it heads keys instead of items."""

    item_type: ItemType | None
    unsupported: str
    answers: bool
    end: int


_RULE = re.compile(r"[-=_*~+—–─━@#\s]{3,}")
_PAGE_MARK = re.compile(
    r"[-—\s]*\d{1,4}[-—\s]*|[Pp]\.?\s*\d{1,4}|第?\s*\d+\s*页(?:[,/\s]*共\s*\d+\s*页)?|\d+\s*/\s*\d+"
)
_ORDINAL = (
    r"(?:第?[一二三四五六七八九十百\d]{1,4}(?:部分|大题|单元|章|节|篇)?\s*[、.:)]?\s*"
    r"|\([一二三四五六七八九十\d]{1,3}\)\s*)?"
)
_REMARK = (
    r"(?:\s*(?:\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|共\s*\d+\s*[道个]?小?题[^\d]{0,40}$|[,:]\s*每.{0,40}$|[:：]))*"
)
_HEADING = re.compile(
    rf"{_ORDINAL}[\[【<]?(?P<type>(?:{TYPE_WORD}|{UNSUPPORTED_TYPES}|{BRIEF_TYPES}|选择)(?P<noun>试?题目?|题库)?)[\]】>]?(?:部分)?"
    rf"(?P<answers>的?(?:参考|标准|正确)?答案(?:[及与和]解析)?)?{_REMARK}\s*"
)
_ANSWERS_HEADING = re.compile(
    rf"{_ORDINAL}(?:(?:参考|标准|正确|试题|习题)*答案(?:[及与和](?:解析|评分标准))?|answers?|answer key)\s*:?",
    re.IGNORECASE,
)
_CHAPTER = re.compile(
    r"第\s*[一二三四五六七八九十百零〇\d]{1,4}\s*(章|讲|篇|编|单元|模块|专题|课|部分|节)\s*[:、.]?.{0,60}"
)
_DECORATED = re.compile(
    r"([-=*#~—<>]{2,})\s*(?P<name>[^-=*#~—<>\s].{0,80}?)\s*[-=*#~—<>]{2,}|#{1,6}\s+(?P<hash>.{1,80})"
)
_PLAIN_CHAPTER = re.compile(r"(?:[一二三四五六七八九十]{1,3}、|专题|模块)\s*.{1,40}")
_LONGEST_HEADING = 120
_SENTENCE = re.compile(r"[。;?!,]|\(\s*\)|_{2,}|[.:]$")
_TAG = re.compile(
    rf"[\s_]*[\[【(<]\s*(?P<tag>(?:{TYPE_WORD}|{UNSUPPORTED_TYPES}|{BRIEF_TYPES})(?:试?题)?)\s*[\]】)>][\s_]*",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:第\s*(?P<ord>\d{1,4})\s*题\s*[:、.]?|(?P<num>\d{1,4})\s*(?P<mark>[、.:)]|\t)|(?P<weak>\d{1,4}) +"
    r"|\((?P<paren>\d{1,4})\)|(?P<bare>\d{1,4})(?=[^\d\s年月日个名项条次届大周岁%]))\s*[、.]?\s*"
)
_KEY_WORD = r"(?:正确|参考|标准|本题|试题)?(?:答案|选项答案)(?:为|是)?"
_KEY = re.compile(
    rf"(?:[\[【(]\s*{_KEY_WORD}\s*[\]】)]\s*:?|{_KEY_WORD}\s*[:：]|(?:ANSWER|Answer|Key)\s*[:.]|答\s*:)\s*"
)
_EXPLANATION_WORD = r"(?:(?:答案|试题|整体|题目|本题)?(?:解析|详解|分析|点拨|点评)|解题思路)"
_EXPLANATION = re.compile(
    rf"(?:[\[【(]\s*{_EXPLANATION_WORD}\s*[\]】)]\s*:?|{_EXPLANATION_WORD}\s*:|Explanation\s*:)\s*"
)
_FIELD_MEANINGS = {
    "difficulty": "难度 难易度 难易程度",
    "topic": "知识点 考点 章节",
    "level": "等级 级别",
    "tags": "标签 关键词",
    "basis": "依据 出处 来源",
    "type": "题型",
    "points": "采分点 得分点 评分点 评分要点",
    "steps": "步骤 考核要点",
    "tolerance": "误差 允许误差",
    "unit": "单位",
    "conditions": "考核条件",
    "not_kept": "分值 分数 得分 能力水平 能力层次 作者",
}
FIELD_WORDS = {word: meaning for meaning, words in _FIELD_MEANINGS.items() for word in words.split()}
_FIELD = re.compile(
    rf"[\[【(]?\s*(?P<word>{'|'.join(FIELD_WORDS)})\s*(?P<count>[1-9]\d?|[①-⑳])?\s*[\]】)]?\s*:\s*(?P<value>.*)"
)
_PART = re.compile(
    r"(?:第\s*)?(?:小题|问题)?\s*(?:[1-9]\d?|[一二三四五六七八九十]{1,2})\s*(?:小题|问题|问)?\s*[、.]?\s*"
    rf"\(\s*(?P<type>(?:{TYPE_WORD})题?)\s*(?:[,、;]?\s*(?P<share>[1-9]\d?)\s*分)?\s*\)\s*[:、.]?\s*"
)
_KEY_ALONE = re.compile(rf"[\[【(]?\s*(?:[A-L](?:[\s,、;|]*[A-L])*|{JUDGE})\s*[\]】)]?[\s.。;]*")
_OPTION = re.compile(
    r"[-*•·\s]*(?:\((?P<round>[A-La-l])\)\s*[、.:]?|(?P<letter>[A-La-l])\s*[、.:)]|(?P<word>true|false)\s*[.、:)])\s*"
)
_WEAK_OPTION = re.compile(r"(?P<letter>[A-L])(?:\s+(?=\S)|(?=[\u4e00-\u9fff]))")


def is_rule(text: str) -> bool:
    """A line of dashes and the like, or @@@: it ends an item."""
    return _RULE.fullmatch(text) is not None


def is_page_mark(folded: str) -> bool:
    """A page number or 第 3 页."""
    return _PAGE_MARK.fullmatch(folded) is not None


def match_heading(folded: str) -> Heading | None:
    """A section heading at the start. What follows it must be nothing or the first item."""
    bare = folded.strip("-=*#~—<> ")
    decorated = bare != folded.strip()
    text = bare if decorated else folded
    found = _HEADING.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    named = bool(found["noun"] or found["answers"] or decorated or not rest.strip())
    if not named or (rest.strip() and (decorated or not match_number(rest))):
        return None
    kind = found["type"]
    unsupported = kind if names_unsupported_type(kind) else ""
    end = len(folded) if decorated else found.end()
    return Heading(read_type(kind), unsupported, bool(found["answers"]), end)


def is_answers_heading(folded: str) -> bool:
    """A line such as 参考答案 that has keys below it."""
    return _ANSWERS_HEADING.fullmatch(folded.strip("-=*#~— ")) is not None


def match_chapter(text: str) -> tuple[int, str] | None:
    """(level from 1, name) of a chapter heading that cannot be anything else."""
    if len(text) > _LONGEST_HEADING:
        return None
    folded = fold_width(text)
    decorated = _DECORATED.fullmatch(folded)
    if decorated:
        group = "name" if decorated["name"] else "hash"
        return 1, text[decorated.start(group) : decorated.end(group)].strip()
    chapter = _CHAPTER.fullmatch(folded)
    if chapter and not _SENTENCE.search(folded):
        return (2 if chapter[1] == "节" else 1), text.strip()
    return None


def may_be_chapter(folded: str) -> bool:
    """A short line such as 一、党的纪律 that is a chapter if an item or a section follows."""
    return _PLAIN_CHAPTER.fullmatch(folded) is not None and not _SENTENCE.search(folded)


def match_tag(folded: str) -> tuple[str, int] | None:
    """The type tag at the start, such as [单选], and where the text goes on."""
    found = _TAG.match(folded)
    return (found["tag"], found.end()) if found else None


def match_number(folded: str) -> Number | None:
    """The number at the start. 2013年 and 1.5 are none; 1.2013年 is a weak one."""
    found = _NUMBER.match(folded)
    if found is None:
        return None
    value = next(int(found[name]) for name in ("ord", "num", "weak", "paren", "bare") if found[name])
    rest = folded[found.end() :]
    decimal = found["mark"] in (".", ":") and rest[:1].isdigit()
    strong = bool(found["ord"] or (found["mark"] and found["mark"] != ")")) and not decimal
    if found["bare"] or (decimal and len(found["num"]) > 3):
        return Number(value, found.end(), strong=False) if found["bare"] else None
    return Number(value, found.end(), strong)


def match_key(folded: str) -> int | None:
    """Where the key begins after a label such as 【答案】 or 正确答案： at the start."""
    found = _KEY.match(folded)
    return found.end() if found else None


def match_explanation(folded: str) -> int | None:
    """Where the explanation begins after its label at the start."""
    found = _EXPLANATION.match(folded)
    return found.end() if found else None


def match_field(text: str, folded: str) -> tuple[str, str, str] | None:
    """(meaning, label, value) of a line such as 难度：易."""
    found = _FIELD.fullmatch(folded)
    if found is None or (found["count"] and FIELD_WORDS[found["word"]] not in ("points", "steps")):
        return None
    return FIELD_WORDS[found["word"]], found["word"], text[found.start("value") :].strip()


def match_part(folded: str) -> tuple[ItemType | None, int, int] | None:
    """(type, what it counts, where its stem begins) of a part of a case, such as 小题1（单选题，2分）：…"""
    found = _PART.match(folded)
    return (read_type(found["type"]), int(found["share"] or 1), found.end()) if found else None


def is_key_alone(folded: str) -> bool:
    """A line that is nothing but letters or a judge mark."""
    return _KEY_ALONE.fullmatch(folded) is not None


def match_option(folded: str) -> tuple[str, int] | None:
    """(label, where its text begins) of an option at the start; the label is a capital letter."""
    found = _OPTION.match(folded)
    if found is None:
        return None
    if found["word"]:
        # Where nothing follows, the word itself is what the option says.
        start = found.end() if folded[found.end() :].strip() else found.start("word")
        return ("A" if found["word"] == "true" else "B"), start
    return (found["round"] or found["letter"]).upper(), found.end()


def match_weak_option(folded: str) -> tuple[str, int] | None:
    """The same for a letter without punctuation, such as "A 严重警告"; believe it only where one is expected."""
    found = _WEAK_OPTION.match(folded)
    return (found["letter"], found.end()) if found else None


def find_option(folded: str, letter: str, start: int) -> tuple[int, int] | None:
    """(where the label begins, where its text begins) of this option further on in a line.

    Letters that run on as in "A、B" or "C、D选项" are running text, and so is a letter in a Latin word.
    """
    pattern = re.compile(
        rf"(?<![A-Za-z0-9_])(?:\({letter}\)\s*[、.]?|{letter}\s*(?:[.:)]|、(?!\s*[A-L](?![.A-Za-z0-9])))|(?<=\s){letter}(?=\s+\S))\s*"
    )
    found = pattern.search(folded, start, start + _HORIZON)
    return (found.start(), found.end()) if found else None


def next_letter(letter: str) -> str:
    """The letter after this one; empty after the last that an option can have."""
    position = LETTERS.find(letter) + 1
    return LETTERS[position] if 0 < position < len(LETTERS) else ""


# A whole bank may stand on one line; no stem, option or explanation is this long, and looking further for
# where it ends would take time that grows with the square of the line.
_HORIZON = 4_000
_CUT_KEY = re.compile(rf"[\[【]\s*{_KEY_WORD}\s*[\]】]|(?:^|(?<=[\s。.;)?!]))(?:{_KEY_WORD})\s*:")
_CUT_EXPLANATION = re.compile(
    rf"[\[【]\s*{_EXPLANATION_WORD}\s*[\]】]|(?:^|(?<=[\s。.;)?!A-L√×对错确误]))(?:{_EXPLANATION_WORD})\s*:"
)
_CUT_NUMBER = re.compile(r"(?<=[\s。.?!)】A-L√×])(\d{1,4})\s*[、.](?!\d)")


def find_label(folded: str, start: int) -> int | None:
    """Where a label of a key or an explanation stands further on in a line."""
    found = [
        match.start()
        for pattern in (_CUT_KEY, _CUT_EXPLANATION)
        if (match := pattern.search(folded, start, start + _HORIZON))
    ]
    return min(found) if found else None


def find_number(folded: str, value: int, start: int) -> int | None:
    """Where an item with this number begins further on in a line."""
    for found in _CUT_NUMBER.finditer(folded, start, start + _HORIZON):
        if int(found[1]) == value:
            return found.start()
    return None
