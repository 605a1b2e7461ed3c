"""Rules of what is said in a room during a sitting: who it reaches, and what must not be said."""

import re
from dataclasses import dataclass
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Invalid

LONGEST = 500
"""Characters of what is said at once: more is not read in a running exam."""

MOST_HANDS = 30
"""How often one candidate may raise a hand on the page: a page that is out of order must not drown the board."""


class HandKind(StrEnum):
    """Why a candidate raises a hand."""

    MACHINE = "machine"
    ITEM_UNCLEAR = "item_unclear"
    """Something of an item cannot be read or seen; what it means is never explained."""
    PROCTOR = "proctor"
    OTHER = "other"


class HandState(StrEnum):
    """Where a raised hand stands."""

    WAITING = "waiting"
    COMING = "coming"
    ANSWERED = "answered"
    CLOSED = "closed"
    LOWERED = "lowered"


class HandAction(StrEnum):
    """What may be done about a hand."""

    RAISE = "raise"
    COME = "come"
    ANSWER = "answer"
    CLOSE = "close"
    LOWER = "lower"


HAND_TRANSITIONS: dict[tuple[HandState | None, HandAction], HandState] = {
    (None, HandAction.RAISE): HandState.WAITING,
    (HandState.WAITING, HandAction.COME): HandState.COMING,
    (HandState.WAITING, HandAction.ANSWER): HandState.ANSWERED,
    (HandState.WAITING, HandAction.CLOSE): HandState.CLOSED,
    (HandState.WAITING, HandAction.LOWER): HandState.LOWERED,
    (HandState.COMING, HandAction.ANSWER): HandState.ANSWERED,
    (HandState.COMING, HandAction.CLOSE): HandState.CLOSED,
    (HandState.COMING, HandAction.LOWER): HandState.LOWERED,
}
UP = frozenset({HandState.WAITING, HandState.COMING})
"""A hand that is up: one at a time for each candidate."""


class ItemFault(StrEnum):
    """What a candidate finds wrong with an item."""

    TEXT = "text"
    MISSING = "missing"
    PICTURE = "picture"
    OPTIONS = "options"
    OTHER = "other"


FAULT_WORDS: dict[ItemFault, str] = {
    ItemFault.TEXT: "文字有误",
    ItemFault.MISSING: "选项或材料缺失",
    ItemFault.PICTURE: "图片、表格或公式显示有误",
    ItemFault.OPTIONS: "没有可选的选项，或不止一个",
    ItemFault.OTHER: "其他问题",
}
"""As the thread in the bank, which is kept in Chinese, says it; pages have their own words."""


class FaultDecision(StrEnum):
    """What becomes of an item that was reported."""

    NO_FAULT = "no_fault"
    WITHDRAW = "withdraw"
    """It is to be taken out of scoring: full points to all."""


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


class HandMoved(Conflict):
    """Somebody else saw to it meanwhile, or the candidate took the hand down."""

    code = "hall.hand_moved"
    zh = "这次举手已处理或已放下，请刷新后再看。"
    en = "This hand has been seen to or taken down already; please look again."


class HandUp(Conflict):
    """One hand at a time."""

    code = "hall.hand_up"
    zh = "已经举手，监考员看得到，请稍候。"
    en = "Your hand is up and the proctor sees it; please wait."


class NoHandNow(Conflict):
    """A hand is raised while one's attempt runs."""

    code = "hall.no_hand_now"
    zh = "答题期间才能在页面上举手，请直接向监考员示意。"
    en = "A hand can be raised on the page while the attempt runs; please turn to the proctor."


class TooManyHands(Conflict):
    """More hands than any exam needs."""

    code = "hall.too_many_hands"
    zh = "在页面上举手的次数已到上限，请直接向监考员示意。"
    en = "The page takes no more hands; please turn to the proctor."


class AlreadyReported(Conflict):
    """Once is enough: it counts, and more words change nothing."""

    code = "hall.already_reported"
    zh = "这道题已经报告过，考务和命题方都看得到，请继续答题。"
    en = "You have reported this item already; please go on."


class NoSuchItem(Invalid):
    """The form has no item of that number."""

    code = "hall.no_such_item"
    zh = "试卷没有这道题。"
    en = "The form has no such item."


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


def move_hand(state: HandState | None, action: HandAction) -> HandState:
    """The state after `action`. Raises HandMoved where it cannot be done."""
    try:
        return HAND_TRANSITIONS[state, action]
    except KeyError:
        raise HandMoved from None


def check_raising(*, runs: bool, up: bool, raised: int) -> None:
    """Refuse a hand of who has no running attempt, whose hand is up, or who has `raised` it too often."""
    if not runs:
        raise NoHandNow
    if up:
        raise HandUp
    if raised >= MOST_HANDS:
        raise TooManyHands


def check_words(kind: HandKind, words: str) -> None:
    """Raises Invalid where a hand that is raised for something else does not say for what."""
    if kind is HandKind.OTHER and not words:
        raise Invalid(FieldProblem("words", "请写明需要什么帮助。", "Please say what you need."))


def check_reply(*, canned: bool, words: str) -> None:
    """Raises Invalid unless a reply is one of the canned ones or words of one's own, TellsKey for those that hint."""
    if canned == bool(words):
        raise Invalid(
            FieldProblem(
                "words", "请选一条常用答复，或自己写一句。", "Choose a canned reply, or write one of your own."
            )
        )
    refuse_hint(words)


def check_fault(fault: ItemFault, words: str) -> None:
    """Raises Invalid where a fault that is none of the list is not described."""
    if fault is ItemFault.OTHER and not words:
        raise Invalid(FieldProblem("words", "请写明试题有什么问题。", "Please say what is wrong with the item."))


def tell_fault(fault: ItemFault, words: str) -> str:
    """What the bank is told: the fault and the candidate's words, and nothing of who, where or in which form."""
    said = f"考试中考生报告：{FAULT_WORDS[fault]}。"
    return f"{said}原话：{words}" if words else said
