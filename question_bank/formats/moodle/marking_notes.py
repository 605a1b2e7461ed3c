"""Model answers and scoring points within one text for markers, and back.

参考答案：……
采分点（2）：……（关键词：甲、乙）
"""

import re

from question_bank.kinds.short_answer import ScoringPoint

_MODEL = "参考答案："
_POINT = re.compile(r"采分点（(\d{1,3})）：(.*?)(?:（关键词：([^（）]*)）)?", re.DOTALL)
_START = re.compile(r"^(?=参考答案：|采分点（\d{1,3}）：)", re.MULTILINE)


def read_marking_notes(text: str) -> tuple[tuple[str, ...], tuple[ScoringPoint, ...]]:
    """(model answers, scoring points). Text without those words is one model answer."""
    text = text.strip()
    if not text:
        return (), ()
    models: list[str] = []
    rubric: list[ScoringPoint] = []
    for piece in _START.split(text):
        words = piece.strip()
        if not words:
            continue
        if found := _POINT.fullmatch(words):
            keywords = tuple(word for word in (found[3] or "").split("、") if word)
            rubric.append(ScoringPoint(found[2].strip(), int(found[1]), keywords))
        else:
            models.append(words.removeprefix(_MODEL).strip())
    return tuple(models), tuple(rubric)


def write_marking_notes(models: tuple[str, ...], rubric: tuple[ScoringPoint, ...]) -> str:
    """What `read_marking_notes` reads."""
    lines = [f"{_MODEL}{model}" for model in models]
    for point in rubric:
        keywords = f"（关键词：{'、'.join(point.keywords)}）" if point.keywords else ""
        lines.append(f"采分点（{point.share}）：{point.text}{keywords}")
    return "\n".join(lines)
