"""What a search of stems looks for: pairs of characters, pinyin and initials, the same words on both databases. Pure.

A stem is kept as words of plain letters and digits, so that neither database's own idea of a word matters: one word for
each pair of neighbouring characters. Where both have a reading, the word is that of their syllables, with the two
initials first: it serves a search for the characters, for their pinyin and, by its beginning, for their initials.
Any other pair stands as its code points. A query is a conjunction of such words (or of beginnings of them), and one
condition on the text itself, which tells 党章 from whatever sounds alike.
"""

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import add, itemgetter
from typing import NamedTuple

import msgspec

from question_bank.canonical import stem_fold

_MOST_PAIRS = 400
_SPELT = 48
"""So many characters from the beginning of a stem are found by pinyin and initials."""
_MOST_PINYIN = 400
_REMEMBERED = 100_000
_INITIALS = string.ascii_lowercase + string.digits
# A run of letters and digits is one syllable. No fold has capitals, so one may stand for the mark before a run.
_LATIN = re.compile("[0-9a-z]+")
_MARKED = r"A\g<0>"
_FIRST = itemgetter(0)


class Spelt(NamedTuple):
    """What is kept beside an item so that its stem is found: in its row the beginning of the stem as it reads, `pinyin`
    with a "." before each syllable, `initials` one letter each; and the words of the index, joined by blanks."""

    pinyin: str
    initials: str
    words: str


@dataclass(frozen=True)
class Looked:
    """A query: words that must all be there (`beginnings`: words of which the beginning must; `either`: of these
    beginnings one must), and a text that must stand in the column `where` ("stem_fold", "pinyin", "initials" or
    "stem_start")."""

    text: str
    where: str
    words: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    either: tuple[str, ...] = ()

    @property
    def by_words(self) -> bool:
        """Whether the index of words says where to look."""
        return bool(self.words or self.beginnings or self.either)


def spell(fold: str) -> Spelt:
    """All that is kept of a folded stem. It is spelt with each Chinese character in its commonest reading, a run of
    other letters as it is; the first 48 characters only. Some of its words may stand there twice."""
    pinyin = "".join(map(_SYLLABLES.__getitem__, _LATIN.sub(_MARKED, fold[:_SPELT])))
    syllables = pinyin.split(".")[1:]
    return Spelt(pinyin[:_MOST_PINYIN], "".join(map(_FIRST, syllables)), _join_words(fold, syllables))


def pack_spelt(spelt: Sequence[Spelt]) -> bytes:
    """Many in one value, as MessagePack."""
    return _PACKER.encode(spelt)


def unpack_spelt(packed: bytes) -> list[Spelt]:
    """What was packed."""
    return _UNPACKER.decode(packed)


def _join_words(fold: str, syllables: Sequence[str]) -> str:
    words = [*map(_JOINED.__getitem__, pairwise(syllables))]
    if syllables:
        words.append(_joined(syllables[-1], "0"))
    for odd in _odd().finditer(fold, 0, _SPELT):
        words += _words_between(fold[max(0, odd.start() - 1) : odd.end() + 1])
    if len(fold) > _SPELT:
        words += _words_between(fold[_SPELT - 1 : _MOST_PAIRS + 1])
    return " ".join(words)


def _words_between(text: str) -> list[str]:
    return [*map(_WORDS.__getitem__, map(add, text, text[1:]))]


def look_for(query: str) -> tuple[Looked, ...]:
    """What a typed query looks for, one of these or another; empty where nothing was typed that could be found.

    Letters alone are read as whole syllables, the last perhaps unfinished (dangzhang, dangzh), else as initials
    (dzg), and always as a Latin word of the stem (WTO); everything else as the text itself.
    """
    fold = stem_fold(query)
    if not fold:
        # Marks alone (_, ……) are no part of a fold: they are looked for in what the list shows.
        marks = query.strip()
        return (Looked(marks, "stem_start"),) if marks else ()
    if not (fold.isascii() and fold.isalpha()):
        pairs = [_word(fold[at : at + 2]) for at in range(min(len(fold) - 1, _MOST_PAIRS))]
        return (Looked(fold, "stem_fold", words=tuple(dict.fromkeys(pairs))),)
    rest = tuple([f"p{fold[0]}{initial}{fold[1:]}" for initial in _INITIALS]) if len(fold) > 1 else (f"p{fold}",)
    latin = Looked(f".{fold}", "pinyin", either=rest)
    syllables = _segment(fold)
    if syllables is None:
        return Looked(fold, "initials", beginnings=tuple([f"p{one}{other}" for one, other in pairwise(fold)])), latin
    if len(syllables) == 1:
        return (latin,)
    spelt = [_joined(one, other) for one, other in pairwise(syllables)]
    whole = "".join([f".{one}" for one in syllables])
    return Looked(whole, "pinyin", words=tuple(spelt[:-1]), beginnings=(spelt[-1],)), latin


def _joined(syllable: str, other: str) -> str:
    return f"p{syllable[0]}{other[0]}{syllable[1:]}0{other[1:]}"


def _word(characters: str) -> str:
    """The word of two neighbours."""
    if _odd().search(characters):
        return "c" + "g".join(f"{ord(character):x}" for character in characters)
    return _joined(*map(_readings().__getitem__, characters))


class _Joined(dict[tuple[str, str], str]):
    """The word of each pair of syllables that was met; most are met again and again."""

    def __missing__(self, pair: tuple[str, str]) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        word = self[pair] = _joined(*pair)
        return word


class _Words(dict[str, str]):
    """The same of characters."""

    def __missing__(self, characters: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        word = self[characters] = _word(characters)
        return word


_JOINED, _WORDS = _Joined(), _Words()


_PACKER, _UNPACKER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(list[Spelt])


@cache
def _readings() -> Mapping[str, str]:
    # The dictionary takes 0.2 s to load: only a process that writes or searches items pays for it.
    from pypinyin import pinyin_dict
    from pypinyin.contrib.tone_convert import to_normal

    plain: dict[str, str] = {}  # 42,000 characters share 1,500 readings
    for marked in pinyin_dict.pinyin_dict.values():
        if marked not in plain:
            plain[marked] = to_normal(marked.split(",")[0]).replace("ü", "v")
    return {chr(point): plain[marked] for point, marked in pinyin_dict.pinyin_dict.items()}


class _Syllables(dict[str, str]):
    """What stands for each character in a stem's pinyin."""

    def __missing__(self, character: str) -> str:
        reading = _readings().get(character)
        if reading is not None:
            shown = f".{reading}"
        elif character == _MARKED[0]:
            shown = "."
        else:
            shown = character if _LATIN.match(character) else ""
        self[character] = shown
        return shown


_SYLLABLES = _Syllables()


@cache
def _odd() -> re.Pattern[str]:
    """Whatever is no Chinese character with a reading."""
    common = "".join(map(chr, range(0x4E00, 0x9FA6)))
    unread = re.escape("".join([one for one in common if one not in _readings()]))
    spans = [f"{span[0]}-{span[-1]}" for span in re.split(f"[{unread}]+", common) if span]
    return re.compile(f"[^{''.join(spans)}]+")


@cache
def _syllables() -> frozenset[str]:
    return frozenset(_readings().values())


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(one[:length] for one in _syllables() for length in range(1, len(one) + 1))


def _segment(letters: str) -> tuple[str, ...] | None:
    """Letters as whole syllables, of which the last may be unfinished, in as few as possible; None where they are
    none, or where every one but single letters would be left: that is initials."""
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(letters) + 1):
        found: tuple[str, ...] | None = None
        for start in range(max(0, end - 6), end):
            before, part = best[start], letters[start:end]
            known = part in (_beginnings() if end == len(letters) else _syllables())
            if before is not None and known and (found is None or len(before) + 1 < len(found)):
                found = (*before, part)
        best.append(found)
    whole = best[-1]
    if whole is None or (len(whole) > 1 and all(len(part) == 1 for part in whole)):
        return None
    return whole
