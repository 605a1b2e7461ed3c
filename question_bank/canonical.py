"""One canonical JSON (RFC 8785) and its SHA-256: what item, pool and form hashes are made of.

Only str, int, bool, None, list and dict have a canonical form here. A float has none (no number of this trade is
inexact), nor has a lone surrogate (half a character), nor an integer beyond ±(2⁵³ − 1), which other readers of
JSON would round. Object keys stand in the order of their UTF-16 code units, as RFC 8785 demands.
"""

import hashlib
import json
import re
import unicodedata
from typing import Any, NoReturn, TypeAlias

from question_bank.errors import Unrepresentable

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

# All that `str.isdigit` accepts, and a little more.
_DIGIT = r"[\d\u1369-\u1371\u19da\u24f5-\u24ff\u2776-\u2792\U00010000-\U0010ffff]"
_MARK_BETWEEN_DIGITS = re.compile(rf"{_DIGIT}(?:[^\w\s]|_){_DIGIT}")
# What nearly every stem is made of: characters that NFKC leaves as they are, or makes a filler of.
_COMMON = re.compile("[\u4e00-\u9fffA-Za-z0-9%+=<> ，。、；：？！“”‘’《》（）()【】\u3000—…·.,:;?!/\"'_-]*")
_COMMON_FILLERS = re.compile("[^\u4e00-\u9fffa-z0-9%+=<>]+")
_COMMON_MARK_BETWEEN_DIGITS = re.compile("[0-9][^\u4e00-\u9fffA-Za-z0-9%][0-9]")
_LARGEST_INTEGER = 2**53 - 1
_DEEPEST = 64


def canonical_json(value: Json) -> bytes:
    """The one UTF-8 text of `value`. Raises `Unrepresentable`, naming the place, for what has none."""
    return json.dumps(_ordered(value, "$", 0), ensure_ascii=False, separators=(",", ":")).encode()


def sha256_hex(value: Json) -> str:
    """SHA-256 of the canonical JSON of `value`, as 64 lower-case hex digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def read_json(text: bytes | str) -> Json:
    """Parse strictly: UTF-8, no repeated key, nothing that `canonical_json` refuses. Raises `Unrepresentable`."""
    try:
        value: Json = json.loads(
            text.decode() if isinstance(text, bytes) else text,
            object_pairs_hook=_without_repeated_keys,
        )
    except RecursionError:
        _refuse("$", "嵌套过深", "nested too deeply")
    except ValueError as unreadable:
        # Both a decoding error and a syntax error; Python's limit on integer digits is among them.
        raise Unrepresentable(
            "json.unreadable", zh="内容不是有效的 JSON。", en="The content is not valid JSON."
        ) from unreadable
    return _ordered(value, "$", 0)


def stem_fold(stem: str) -> str:
    """The stem with everything taken out that does not make it another question: two stems with one fold are one.

    NFKC, lower case, and no white space, blanks or punctuation, except between two digits (1.5 is not 15) and
    except signs that carry meaning of their own (+, <, %).
    """
    if _COMMON.fullmatch(stem) and not _COMMON_MARK_BETWEEN_DIGITS.search(stem):
        return _COMMON_FILLERS.sub("", stem.lower())
    folded = unicodedata.normalize("NFKC", stem).casefold()
    if not _MARK_BETWEEN_DIGITS.search(folded):
        return folded.translate(_WITHOUT_FILLERS)
    characters = list(folded)
    return "".join(
        character
        for at, character in enumerate(characters)
        if not _is_filler(character) or _is_between_digits(characters, at)
    )


class _WithoutFillers(dict[int, str | None]):
    """For `str.translate`: None for a filler, any other character as it is; each is judged once."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        self[code] = None if _is_filler(character) else character
        return self[code]


_WITHOUT_FILLERS = _WithoutFillers()


def _is_filler(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "PZC" and character not in "%‰"


def _is_between_digits(characters: list[str], at: int) -> bool:
    if characters[at].isspace() or not 0 < at < len(characters) - 1:
        return False
    return characters[at - 1].isdigit() and characters[at + 1].isdigit()


def _ordered(value: Any, at: str, depth: int) -> Json:
    """`value` with the keys of every object in canonical order, checked on the way."""
    if depth > _DEEPEST:
        _refuse(at, "嵌套过深", "nested too deeply")
    kind = type(value)
    if kind is str:
        if not value.isascii():
            _check_text(value, at)
    elif kind is int:
        if abs(value) > _LARGEST_INTEGER:
            _refuse(at, "整数过大", "an integer too large")
    elif kind is list:
        return [_ordered(member, f"{at}[{index}]", depth + 1) for index, member in enumerate(value)]
    elif kind is dict:
        return _ordered_object(value, at, depth)
    elif kind is not bool and value is not None:
        _refuse(at, f"类型 {kind.__name__} 不可用", f"a {kind.__name__}, which has no canonical form")
    return value  # type: ignore[no-any-return]  # its type was checked above


def _ordered_object(value: dict[Any, Any], at: str, depth: int) -> Json:
    plain = True
    for key in value:
        if type(key) is not str:
            _refuse(at, "键不是文本", "a key that is not text")
        if not key.isascii():
            _check_text(key, at)
            plain = False
    # Nearly all keys are ASCII, whose own order is that of their UTF-16.
    keys = sorted(value) if plain else sorted(value, key=lambda key: key.encode("utf-16-be"))
    return {key: _ordered(value[key], f"{at}.{key}", depth + 1) for key in keys}


def _check_text(text: str, at: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse(at, "含有不完整的字符", "half a character")


def _without_repeated_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("$", "同一个键出现两次", "an object that names a key twice")
    return members


def _refuse(at: str, zh: str, en: str) -> NoReturn:
    # `at` may quote a key that holds half a character; the sentence must be printable whatever was read.
    place = at.encode(errors="replace").decode()
    raise Unrepresentable(
        "json.unrepresentable", zh=f"内容无法规范表示（{place}）：{zh}。", en=f"No canonical form at {place}: {en}."
    )
