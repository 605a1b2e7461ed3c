"""Aiken files: a stem on one line, options behind letters, then `ANSWER:` and one letter."""

import re
from fractions import Fraction

from question_bank.formats.markup import from_markup
from question_bank.formats.moodle.records import Harvest, MoodleRecord, Offer, RecordKind
from question_bank.formats.report import Place

_OPTION = re.compile(r"([A-Z])[).][ \t]*(.*)")
_KEY = re.compile(r"ANSWER:\s*(.*)")
_FEWEST_OPTIONS = 2


def looks_like_aiken(text: str) -> bool:
    """Whether lines with lettered options are closed by `ANSWER:`, in capitals, as no other format has it."""
    before = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("ANSWER:") and _OPTION.fullmatch(before):
            return True
        before = line or before
    return False


def read_aiken_records(text: str) -> Harvest:
    """Every item of the file as a record; every line that breaks the format is named."""
    harvest = Harvest()
    current: MoodleRecord | None = None
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        place = Place(line=number)
        if not line:
            continue
        if option := _OPTION.fullmatch(line):
            if current is None:
                _refuse_unstarted(harvest, place)
            else:
                _add_option(current, option[1], option[2])
        elif key := _KEY.fullmatch(line):
            if current is None:
                _refuse_unstarted(harvest, place)
            else:
                _close(harvest, current, key[1], place)
                current = None
        else:
            _refuse_unfinished(harvest, current, place)
            current = MoodleRecord(kind=RecordKind.CHOICE, place=place, stem=from_markup(line, "plain").text)
    _refuse_unfinished(harvest, current, Place(line=len(lines)))
    return harvest


def _add_option(current: MoodleRecord, letter: str, text: str) -> None:
    if ord(letter) - ord("A") != len(current.offers):
        current.doubt("options.labels", f"选项字母 {letter} 不连续。", f"The letter {letter} is out of order.")
    current.offers.append(Offer(from_markup(text, "plain").text))


def _close(harvest: Harvest, current: MoodleRecord, key: str, place: Place) -> None:
    if len(current.offers) < _FEWEST_OPTIONS:
        harvest.refuse(
            "aiken.too_few_options",
            f"第 {place.line} 行之前的题不足两个选项，未读入。",
            f"The item before line {place.line} has fewer than two options; not read.",
            place,
        )
        return
    position = ord(key[0]) - ord("A") if key else -1
    if 0 <= position < len(current.offers):
        current.offers[position].worth = Fraction(1)
    elif key:
        current.doubt(
            "key.not_an_option", f"答案 {key[:20]} 不在选项中。", f"The key {key[:20]} is not among the options."
        )
    if len(key) > 1:
        current.doubt(
            "aiken.one_letter",
            f"Aiken 只有一个答案字母，“{key[:20]}”的其余部分未读入。",
            f"Aiken has one letter as key; the rest of {key[:20]} was not read.",
        )
    harvest.records.append(current)


def _refuse_unstarted(harvest: Harvest, place: Place) -> None:
    harvest.refuse(
        "aiken.not_started",
        f"第 {place.line} 行的选项或答案前没有题干。",
        f"No stem stands before the option or key on line {place.line}.",
        place,
    )


def _refuse_unfinished(harvest: Harvest, current: MoodleRecord | None, place: Place) -> None:
    if current is not None:
        harvest.refuse(
            "aiken.not_complete",
            f"第 {place.line} 行之前的题没有写完（缺 ANSWER 行），未读入。",
            f"The item before line {place.line} is not finished (no ANSWER line); not read.",
            place,
        )
