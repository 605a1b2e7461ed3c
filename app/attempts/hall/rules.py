"""Rules of what is said in a room during a sitting: who it reaches, and what must not be said."""

import re
from dataclasses import dataclass

from app.errors import Conflict, Invalid

LONGEST = 500
"""Characters of what is said at once: more is not read in a running exam."""

_LETTER = r"[A-HＡ-Ｈ](?![A-Za-zＡ-Ｚａ-ｚ])"
_TELLS = re.compile(
    r"(?:答案|选项)\s*(?:是|为|应|[:：])"
    r"|应(?:选|填|判|答)"
    rf"|(?:选|填|答)(?!项)\s*[“\"'「]?{_LETTER}"
    r"|第\s*[0-9０-９一二三四五六七八九十百]+\s*[题道].{0,8}(?:选(?!项)|填|(?<!核)对(?!照|应|于|面)|错(?!别)|正确)"
    r"|\b(?:the\s+)?(?:answer|key|correct\s+option)\s+(?:is|should\s+be|to)\b"
    rf"|\b(?:choose|pick|select|tick)\s+(?:option\s+)?{_LETTER}",
    re.IGNORECASE,
)
"""Turns of phrase that give a key away. A net for slips of the pen: that nothing may hint at a key is the proctor's
duty, and stands above every field in which something is said."""


class TellsKey(Invalid):
    """What was to be said reads like a hint at the key (P14)."""

    code = "hall.tells_key"
    zh = "这段话像是在提示作答，不能发出。考场上只能说明考务安排或勘误，不得解释题意、提示答案。"
    en = "This reads like a hint at an item's key and was not sent. Only arrangements and corrections may be told."


class AlreadyReplaced(Conflict):
    """The announcement was corrected or withdrawn by somebody else meanwhile."""

    code = "hall.already_replaced"
    zh = "这条公告已经更正或撤回，请刷新后再看。"
    en = "This announcement has been corrected or withdrawn already; please look again."


@dataclass(frozen=True, slots=True)
class Place:
    """Whom an announcement reaches: one room, all rooms of a sitting (`room_id` empty), or all sittings of an exam
    (`sitting_id` empty too)."""

    exam_id: int
    sitting_id: int | None = None
    room_id: int | None = None


def refuse_hint(words: str) -> None:
    """Raises TellsKey for words that name a key, or tell what to respond to an item."""
    if _TELLS.search(words):
        raise TellsKey
