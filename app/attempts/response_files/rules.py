"""Rules of response files: what becomes of one that arrives, and who decides on one that came too late."""

from collections.abc import Collection
from enum import StrEnum

from app.attempts.rules import RefusedWhy
from app.errors import Conflict, Forbidden, Invalid

LARGEST = 2 * 1024 * 1024
"""Bytes of a file: every response of a form at its longest stays below."""


class FileState(StrEnum):
    """Where a response file stands."""

    MERGED = "merged"
    HELD = "held"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class FileAction(StrEnum):
    """What may be done to one."""

    MERGE = "merge"
    HOLD = "hold"
    PROPOSE = "propose"
    RETURN = "return"
    ACCEPT = "accept"
    REFUSE = "refuse"


class Proposal(StrEnum):
    """What the first of the two proposes for a held file."""

    ACCEPT = "accept"
    REFUSE = "refuse"


FILE_TRANSITIONS: dict[tuple[FileState | None, FileAction], FileState] = {
    (None, FileAction.MERGE): FileState.MERGED,
    (None, FileAction.HOLD): FileState.HELD,
    (FileState.HELD, FileAction.PROPOSE): FileState.PROPOSED,
    (FileState.PROPOSED, FileAction.RETURN): FileState.HELD,
    (FileState.PROPOSED, FileAction.ACCEPT): FileState.ACCEPTED,
    (FileState.PROPOSED, FileAction.REFUSE): FileState.REFUSED,
}


class FileUnreadable(Invalid):
    """No file of ours, damaged, or of a candidate of another room: which of them is nobody's business (P21)."""

    code = "response_file.unreadable"
    zh = "文件无法识别：不是本系统导出的加密作答文件，已损坏，或不属于本考场的考生。"
    en = "The file cannot be read: it is no response file of this service, is damaged, or is not of this room."


class FileMoved(Conflict):
    """Somebody else was first, or there is nothing to decide."""

    code = "response_file.moved"
    zh = "这份文件的状态已变化，请刷新后再看。"
    en = "This file has moved on meanwhile; please look again."


class FileTooEarly(Conflict):
    """While the attempt runs nothing is decided about its files."""

    code = "response_file.too_early"
    zh = "该考生还在答题，收卷后才能决定是否采用这份文件。"
    en = "The attempt is still open; this file can be decided on once it is closed."


class SameFileHandler(Forbidden):
    """Whoever brought a file in, or proposed what becomes of it, does not decide on it."""

    code = "response_file.same_person"
    zh = "上传人、提议人和决定人须为不同的人。"
    en = "Who brought the file in, who proposes and who decides must be different people."


def move_file(state: FileState | None, action: FileAction) -> FileState:
    """The state after `action`. Raises FileMoved where it cannot be done."""
    try:
        return FILE_TRANSITIONS[state, action]
    except KeyError:
        raise FileMoved from None


def settling(proposal: Proposal, *, agreed: bool) -> FileAction:
    """What the second of the two does with a proposal."""
    if not agreed:
        return FileAction.RETURN
    return FileAction.ACCEPT if proposal is Proposal.ACCEPT else FileAction.REFUSE


def why_held(*, is_open: bool, late: bool, epoch: int, sent_epochs: Collection[int]) -> RefusedWhy | None:
    """Why a file is held for two people, by the rules of a save; None where it counts like one."""
    if late:
        return RefusedWhy.LATE
    if not is_open:
        return RefusedWhy.CLOSED
    return RefusedWhy.OTHER_SESSION if set(sent_epochs) - {epoch} else None


def check_other_person(person_id: int | None, others: Collection[int]) -> None:
    """Refuse a person who has had a hand in this file already, under whatever account (P29)."""
    if person_id is None or person_id in others:
        raise SameFileHandler
