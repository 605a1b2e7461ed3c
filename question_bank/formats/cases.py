"""Cases: one text, and several parts on it that are settled like items of their own."""

import re
from collections.abc import Callable

from question_bank.content import escape
from question_bank.formats.drafts import Draft
from question_bank.formats.report import Problem, ReadItem
from question_bank.kinds.case_analysis import CaseBody, Part

_STIMULUS = re.compile(r"\s*材料\s*[:：]\s*")
_READ_AND_ANSWER = "阅读材料，回答各小题。"


def settle_case(draft: Draft, settle: Callable[[Draft], ReadItem | Problem]) -> CaseBody:
    """The case of a draft with at least one part. Doubts about a part become the case's, under the part's number."""
    extras = draft.extra()
    if not extras.stimulus:
        _part_stimulus(draft)
    parts = []
    for number, part in enumerate(extras.parts, start=1):
        result = settle(part)
        doubts = result.doubts if isinstance(result, ReadItem) else (result,)
        draft.doubts += [
            Problem(doubt.code, f"第 {number} 小题：{doubt.zh}", f"Part {number}: {doubt.en}", doubt.place)
            for doubt in doubts
        ]
        if isinstance(result, ReadItem):
            item = result.item
            parts.append(Part(item.item_type, item.stem, item.body, item.explanation, part.extra().share))
    return CaseBody(escape(extras.stimulus.strip()), tuple(parts))


def _part_stimulus(draft: Draft) -> None:
    """The text stands after 材料：, or is all but the first line; what is before it says what the case is about."""
    found = _STIMULUS.search(draft.stem)
    if found is not None:
        title, stimulus = draft.stem[: found.start()], draft.stem[found.end() :]
    else:
        title, _, stimulus = draft.stem.partition("\n")
    draft.extra().stimulus = stimulus.strip() or title
    draft.stem = title.strip() if stimulus.strip() and title.strip() else _READ_AND_ANSWER
