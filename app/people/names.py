"""Chinese names: surname and given name, and the pinyin that they are searched and sorted by.

Sorting is by pinyin only. The order by strokes that official lists also know (姓氏笔画) needs a table of its own.
"""

import re
import unicodedata
from dataclasses import dataclass

SEPARATORS = frozenset("·•・‧．.")
"""What stands between the parts of a name that has no Chinese surname: 阿依古丽·买买提."""

COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良"
        "漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘东门西门第五",
    )
)

# Characters with more than one reading, and the one that they have as a surname, whatever a dictionary gives first.
_SURNAME_PINYIN: dict[str, str] = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "翟": "zhai", "朴": "piao",
    "盖": "ge", "区": "ou", "任": "ren", "尹": "yin", "尉": "wei", "乐": "yue", "召": "shao", "员": "yun",
    "洗": "xian", "冼": "xian", "覃": "qin", "缪": "miao", "宁": "ning", "秘": "bi", "祭": "zhai",
    "折": "she", "黑": "he", "佴": "nai", "俞": "yu", "幺": "yao", "逄": "pang", "逯": "lu", "沈": "shen",
    "石": "shi", "柏": "bai", "卜": "bu", "车": "che", "乘": "sheng", "种": "chong", "重": "chong",
    "褚": "chu", "阚": "kan", "句": "gou", "贾": "jia", "郇": "xun", "那": "na", "能": "nai", "倪": "ni",
    "牟": "mu", "强": "qiang", "瞿": "qu", "冉": "ran", "芮": "rui", "莘": "shen", "隋": "sui", "宿": "su",
    "於": "yu", "臧": "zang", "长": "zhang", "祝": "zhu", "薄": "bo", "晁": "chao", "都": "du", "郗": "xi",
    "戚": "qi", "钭": "tou", "万俟": "mo qi", "尉迟": "yu chi", "澹台": "tan tai", "长孙": "zhang sun",
    "乐正": "yue zheng", "子车": "zi ju",
}  # fmt: skip

_DOTS_AND_BLANK = "".join(SEPARATORS) + " "
_NARROW = {0xFF01 + at: 0x21 + at for at in range(94)}
_FULL_LENGTH = 200
_INITIALS_LENGTH = 40


@dataclass(frozen=True)
class Pinyin:
    """A name in small Latin letters: `full` (ouyangxue) and `initials` (oyx) for search, `sort_key` for order.

    Sort keys are compared by code point, so their columns need a binary collation: syllables stand apart by a blank,
    so that 李 comes before 林, and the characters follow them, so that all 李 stand together and none among the 黎.
    """

    full: str
    initials: str
    sort_key: str


def spell_name(name: str) -> str:
    """A name as it is kept and searched: Latin letters and marks narrow, one blank at most, and between Chinese
    characters none; the dot there is ·, whichever of its look-alikes was typed. No Chinese character is changed."""
    name = " ".join(name.translate(_NARROW).split())
    spelt = []
    for at, character in enumerate(name):
        beside = name[:at].rstrip(_DOTS_AND_BLANK)[-1:] + name[at + 1 :].lstrip(_DOTS_AND_BLANK)[:1]
        between = len(beside) == 2 and all(map(_is_han, beside))
        if character == " " and between:
            continue
        spelt.append("·" if character in SEPARATORS and between else character)
    return "".join(spelt)


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name: blanks, widths and the kind of dot do not count."""
    spelt = (unicodedata.normalize("NFKC", spell_name(name)).replace(" ", "") for name in (one, other))
    return len({*spelt}) == 1


def split_name(name: str) -> tuple[str, str]:
    """Surname and given name. The surname is empty where there is none of the Chinese kind: names with a separator
    dot, and names that are not all Chinese characters."""
    if not name or not all(_is_han(c) for c in name):
        return "", name
    length = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:length], name[length:]


def pinyin(name: str) -> Pinyin:
    """The pinyin of a name, its surname read as a surname (曾 zeng, 单 shan, 尉迟 yuchi).

    What is no Chinese character is kept in small letters, blanks and separators dropped. ü is written v. Whatever the
    length of the name, `full` has at most 200 characters and `initials` 40: that is what their columns hold.
    """
    surname, given = split_name("".join(name.split()))
    known = _SURNAME_PINYIN.get(surname)
    first = known.split() if known else _syllables(surname)
    second = _syllables("".join(c for c in given if c not in SEPARATORS))
    return Pinyin(
        full="".join(first + second)[:_FULL_LENGTH],
        initials="".join(syllable[0] for syllable in first + second)[:_INITIALS_LENGTH],
        sort_key=" ".join([*first, surname, *second, given]).strip(),
    )


def _syllables(text: str) -> list[str]:
    """Syllables as the dictionary reads them; raises nothing for characters that it does not know."""
    if not text:
        return []
    # The dictionary takes 0.4 s to load: only a process that writes names pays for it.
    from pypinyin import lazy_pinyin

    return [syllable.lower() for syllable in lazy_pinyin(text) if syllable]


def _is_han(character: str) -> bool:
    """Whether it is a Chinese character, those of the supplementary planes and 〇 included."""
    point = ord(character)
    return (
        0x4E00 <= point <= 0x9FFF
        or 0x3400 <= point <= 0x4DBF
        or 0x20000 <= point <= 0x323AF
        or 0xF900 <= point <= 0xFAFF
        or character == "〇"
    )
