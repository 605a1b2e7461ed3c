"""指派审题: who is asked to review an item, until when, and how a bank lead spreads items over reviewers."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from app.errors import Conflict, Invalid


class AssignmentState(StrEnum):
    """Where an assignment stands. An item has one open assignment at most; the others say how they ended."""

    OPEN = "open"
    DONE = "done"
    TAKEN_BACK = "taken_back"
    REPLACED = "replaced"
    TAKEN_OVER = "taken_over"


class AssignmentAction(StrEnum):
    """What ends an assignment, after it was made."""

    ASSIGN = "assign"
    FINISH = "finish"
    TAKE_BACK = "take_back"
    REPLACE = "replace"
    TAKE_OVER = "take_over"


ASSIGNMENT_TRANSITIONS: dict[tuple[AssignmentState | None, AssignmentAction], AssignmentState] = {
    (None, AssignmentAction.ASSIGN): AssignmentState.OPEN,
    (AssignmentState.OPEN, AssignmentAction.FINISH): AssignmentState.DONE,
    (AssignmentState.OPEN, AssignmentAction.TAKE_BACK): AssignmentState.TAKEN_BACK,
    (AssignmentState.OPEN, AssignmentAction.REPLACE): AssignmentState.REPLACED,
    (AssignmentState.OPEN, AssignmentAction.TAKE_OVER): AssignmentState.TAKEN_OVER,
}


class Whose(StrEnum):
    """Which of the items that wait for review a reviewer looks at."""

    ALL = "all"
    """Mine and those that nobody is assigned to."""
    MINE = "mine"
    FREE = "free"
    OTHERS = "others"


class AssignmentMoveRefused(Conflict):
    """The assignment has ended."""

    code = "assignment.move_refused"
    zh = "该指派已结束，请刷新后再试。"
    en = "This assignment has ended; please reload and try again."


class NotWaiting(Conflict):
    """Only what waits for review is assigned, taken back or taken over."""

    code = "assignment.not_waiting"
    zh = "只有待审的试题可以指派、收回或接手。"
    en = "Only items that wait for review can be assigned, taken back or taken over."


class NotAssigned(Conflict):
    """There is nothing to take back or to take over, or it is one's own already."""

    code = "assignment.none"
    zh = "该试题没有指派给他人。"
    en = "This item is not assigned to anybody else."


class ReviewerRefused(Invalid):
    """Whoever made an item does not review it, whoever assigns them; nor who may not review in its bank."""

    code = "assignment.reviewer_refused"
    zh = "该审题员不能审这道题：须有本题库的审题权限，且未参与命制或导入。"
    en = "This reviewer cannot review the item: they may not review in this bank, or they wrote or imported it."


class DuePast(Invalid):
    """What is to be done by a day cannot be due before today."""

    code = "assignment.due_past"
    zh = "审题期限不能早于今天。"
    en = "The review cannot be due before today."


class AssignedElsewhere(Conflict):
    """A reviewer leaves alone what another was asked to review, until they take it over."""

    code = "item.assigned_elsewhere"
    zh = "所选试题中有 {count} 道已指派给其他审题员，请先接手；本次未作任何改动。"
    en = "{count} of these items are assigned to other reviewers; take them over first. Nothing was changed."


def move_assignment(state: AssignmentState | None, action: AssignmentAction) -> AssignmentState:
    """The state after `action`; raises AssignmentMoveRefused where the table has no such move."""
    try:
        return ASSIGNMENT_TRANSITIONS[state, action]
    except KeyError:
        raise AssignmentMoveRefused from None


def distribute(items: Mapping[int, Collection[int]], loads: Mapping[int, int]) -> dict[int, int]:
    """Who gets which item: each goes to the one with the least to do among those who may review it.

    `items`: for each item who may review it; `loads`: how many items each has already (none where not said). Items that
    fewer may review go first, then by id; of two with equally much the lower id gets it: the same for the same input,
    in whatever order it came. Items that nobody may review are left out.
    """
    load = {one: loads.get(one, 0) for able in items.values() for one in able}
    found: dict[int, int] = {}
    for item in sorted((one for one in items if items[one]), key=lambda one: (len(set(items[one])), one)):
        taker = min(items[item], key=lambda one: (load[one], one))
        found[item] = taker
        load[taker] += 1
    return found
