"""What a search of stems looks for: pairs of characters, pinyin and initials, the same words on both databases. Pure.

A stem is kept as words of plain letters and digits, so that neither database's own idea of a word matters: a pair of
neighbouring characters as its code points, two neighbouring syllables, their two initials. A query is a
conjunction of such words (or of beginnings of them), and one condition on the text itself where words alone would
say too much.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import add

from question_bank.canonical import stem_fold

_MOST_PAIRS = 400
_SPELT = 48
"""So many characters from the beginning of a stem are found by pinyin and initials."""
_REMEMBERED = 100_000


@dataclass(frozen=True)
class Spelling:
    """How the beginning of a stem reads: `pinyin` with a "." before each syllable, `initials`, one letter each."""

    pinyin: str
    initials: str


@dataclass(frozen=True)
class Looked:
    """A query: words that must all be there (`beginnings`: words of which the beginning must), and a text that must
    stand in the column `where` ("stem_fold", "pinyin", "initials" or "stem_start")."""

    words: tuple[str, ...]
    beginnings: tuple[str, ...]
    text: str
    where: str


def spell(fold: str) -> Spelling:
    """The spelling of a folded stem: each Chinese character in its commonest reading, a run of other letters as it
    is; the first 48 characters only."""
    syllables = _syllables_of(fold[:_SPELT])
    return Spelling("".join([f".{one}" for one in syllables]), "".join([one[0] for one in syllables]))


def _syllables_of(text: str) -> list[str]:
    readings = _readings()
    odd = _odd().search(text)
    if odd is None:
        return [*map(readings.__getitem__, text)]
    # Most stems hold a number somewhere, and before it nothing that need be looked at.
    syllables = [*map(readings.__getitem__, text[: odd.start()])]
    plain = False
    for character in text[odd.start() :]:
        reading = readings.get(character)
        if reading is not None:
            syllables.append(reading)
            plain = False
        elif character.isascii() and character.isalnum():
            if plain:
                syllables[-1] += character
            else:
                syllables.append(character)
            plain = True
        else:
            plain = False
    return syllables


def words_of(fold: str, spelling: Spelling) -> str:
    """The words under which a stem is found, joined by blanks; some may stand there twice."""
    spelt = fold[:_SPELT]
    words = [*map(_SPELT_PAIRS.__getitem__, map(add, spelt, spelt[1:]))]
    if len(fold) > _SPELT:
        words += map(_PAIRS.__getitem__, map(add, fold[_SPELT - 1 : _MOST_PAIRS], fold[_SPELT : _MOST_PAIRS + 1]))
    for odd in _odd().finditer(spelt):
        around = _syllables_of(spelt[max(0, odd.start() - 1) : odd.end() + 1])
        words += [_joined(one, other) for one, other in pairwise(around)]
    last = spelling.pinyin.rpartition(".")[2]
    return " ".join([*words, f"p{last}0"]) if last else " ".join(words)


def look_for(query: str) -> tuple[Looked, ...]:
    """What a typed query looks for, one of these or another; empty where nothing was typed that could be found.

    Letters alone are read as whole syllables, the last perhaps unfinished (dangzhang, dangzh), else as initials
    (dzg), and always as a Latin word of the stem (WTO); everything else as the text itself.
    """
    fold = stem_fold(query)
    if not fold:
        # Marks alone (_, ……) are no part of a fold: they are looked for in what the list shows.
        marks = query.strip()
        return (Looked((), (), marks, "stem_start"),) if marks else ()
    if not (fold.isascii() and fold.isalpha()):
        pairs = [_pair(fold[at : at + 2]) for at in range(min(len(fold) - 1, _MOST_PAIRS))]
        return (Looked(tuple(dict.fromkeys(pairs)), (), fold, "stem_fold"),)
    latin = Looked((), (f"p{fold}",), f".{fold}", "pinyin")
    syllables = _segment(fold)
    if syllables is None:
        # By their beginnings: what releases before this one kept are runs of four initials.
        return Looked((), tuple(f"i{one}{other}" for one, other in pairwise(fold)), fold, "initials"), latin
    if len(syllables) == 1:
        return (latin,)
    spelt = [f"p{one}0{other}" for one, other in pairwise(syllables)]
    return Looked(tuple(spelt[:-1]), (spelt[-1],), "".join(f".{one}" for one in syllables), "pinyin"), latin


def _pair(characters: str) -> str:
    return "c" + "g".join(f"{ord(character):x}" for character in characters)


def _joined(syllable: str, other: str) -> str:
    return f"p{syllable}0{other} i{syllable[0]}{other[0]}"


class _Pairs(dict[str, str]):
    """The word of each pair of characters that was met; most are met again and again."""

    def __missing__(self, characters: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        words = self[characters] = self.words(characters)
        return words

    def words(self, characters: str) -> str:
        """Its word."""
        return _pair(characters)


class _SpeltPairs(_Pairs):
    """And, where both have a reading, the words of their syllables and of their initials."""

    def words(self, characters: str) -> str:
        """All three."""
        if _odd().search(characters):
            return _pair(characters)
        return f"{_pair(characters)} {_joined(*_syllables_of(characters))}"


_PAIRS = _Pairs()
_SPELT_PAIRS = _SpeltPairs()


@cache
def _readings() -> Mapping[str, str]:
    # The dictionary takes 0.4 s to load: only a process that writes or searches items pays for it.
    from pypinyin import pinyin_dict
    from pypinyin.contrib.tone_convert import to_normal

    return {
        chr(point): to_normal(marked.split(",")[0]).replace("ü", "v")
        for point, marked in pinyin_dict.pinyin_dict.items()
    }


@cache
def _odd() -> re.Pattern[str]:
    """Whatever is no Chinese character with a reading."""
    unread = [one for one in map(chr, range(0x4E00, 0x9FA6)) if one not in _readings()]
    return re.compile(f"(?:[^\u4e00-\u9fa5]|[{''.join(unread)}])+")


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
