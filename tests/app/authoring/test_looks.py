"""The look at an item while it is written: what the exam's page shows of it, and apart from it what markers see."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from app.authoring.asking_schemas import ItemAsked
from app.authoring.looks import show_look, view_alone
from app.authoring.writing import draft_item, form_values
from app.exams.models import FormRow
from app.operation import acting_as
from app.security.permissions import Role
from app.web.caller import cookie_name
from question_bank.items import Item, ItemType
from question_bank.kinds import KINDS
from question_bank.kinds.case_analysis import Part
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody
from question_bank.presentation import view_to_json
from tests.app.authoring.test_pictures import elsewhere
from tests.support.client import Client, open_app
from tests.support.every_kind import CASE, EVERY, SHORT
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam, open_session_for

RICH = {"stem": "**题** $x^2$ ____", "explanation": "只有阅卷后可见的解析"}
_ARTICLE = re.compile(r'<article class="item".*?</article>', re.DOTALL)


def asked_of(page: str) -> list[str]:
    """What is asked on a page, item by item: from the material on to the end of what is responded with."""
    found = [
        re.search(r'(<div class="stimulus|<div class="stem).*</div>', one, re.DOTALL) for one in _ARTICLE.findall(page)
    ]
    return [
        re.sub(r"/(banks|exams)/[0-9]+/pictures", "PICTURES", one[0].split('<p class="clear">')[0].strip())
        for one in found
        if one
    ]


@pytest.fixture
def author(sqlite_group, sqlite_browsers) -> Client:
    return sqlite_browsers(sqlite_group.author)


def test_every_type_is_looked_at_as_the_page_of_the_exam_shows_it(sqlite_group, author):  # P14
    exam = make_sealed_exam(sqlite_group.house, candidates=1)
    token, _ = open_session_for(sqlite_group.house, exam.candidates[0])
    with open_app(sqlite_group.house) as (app, portal):
        sitter = Client(app, portal)
        sitter.http.cookies.set(cookie_name(sqlite_group.house.settings), token)
        begun = False
        for item in EVERY.values():
            rich = replace(item, **RICH)
            view = json.dumps(view_to_json(view_alone(rich)), ensure_ascii=False)
            with acting_as(sqlite_group.house, "test") as op:
                op.db.execute(update(FormRow).values(view=view))
            if not begun:
                assert sitter.api("/attempts/start", {"registration_id": exam.candidates[0].registration_id}).is_success
                begun = True
            sat = asked_of(sitter.get(f"/exams/{exam.exam_id}/sit").text)
            looked = author.submit(f"/banks/{sqlite_group.bank_id}/look", form_values(rich))
            assert looked.status_code == 200, looked.text
            assert asked_of(looked.text) == sat, item.item_type
            assert len(sat) == (len(CASE.body.parts) if item is CASE else 1)
            assert "<math" in sat[0] or item is CASE
        sitter.close()


MARKED = ShortAnswerBody(("参考甲",), (ScoringPoint("要点乙", 3, ("关键丙",)),))
HIDDEN = {
    ItemType.SHORT_ANSWER: ["参考甲", "要点乙", "关键丙"],
    ItemType.PRACTICAL: ["模拟会议室，二十分钟。", "清点人数", "宣布议程"],
    ItemType.CASE_ANALYSIS: ["参考甲", "要点乙", "关键丙"],
}


def test_what_markers_see_stands_apart_and_never_in_what_is_asked(sqlite_group, author):  # P14
    written = Part(ItemType.SHORT_ANSWER, "简述。", MARKED)
    short = replace(SHORT, body=MARKED)
    case = replace(CASE, body=replace(CASE.body, parts=(*CASE.body.parts, written)))
    for item in (EVERY | {ItemType.SHORT_ANSWER: short, ItemType.CASE_ANALYSIS: case}).values():
        shown = show_look(1, replace(item, explanation="解析丁"))
        asked = "".join(one.model_dump_json() for one in shown.asked)
        hidden = HIDDEN.get(item.item_type, [])
        assert [one.text for one in shown.marking] == hidden
        assert not any(text in asked for text in ["解析丁", *hidden])
    assert show_look(1, case).marking[0].zh == "第 4 小题：参考答案"
    page = author.submit(f"/banks/{sqlite_group.bank_id}/look", form_values(short)).text
    before, after = page.split("评分员可见")
    assert "参考甲" in after
    assert "参考甲" not in before


def test_a_text_that_cannot_be_shown_is_named(sqlite_group, author, sqlite_browsers):
    typed = {"item_type": "single_choice", "stem": r"$\frac{a}$", "explanation": f"![](picture:{'a' * 64})"}
    here = f"/banks/{sqlite_group.bank_id}/look"
    shown = author.api(here, typed).json()
    assert [one["zh"].split("：")[0] for one in shown["problems"]] == ["题干", "解析"]
    assert shown["explanation"] == typed["explanation"]
    assert (
        author.api(here, {"item_type": "numeric", "stem": "几", "body": {"value": "十"}}).json()["asked"][0]["stem"]
        == "几"
    )
    stranger = sqlite_browsers(make_staff(sqlite_group.house, Role.ITEM_AUTHOR, unit=elsewhere(sqlite_group)))
    assert stranger.api(here, typed).status_code == 404


_WORDS = st.sampled_from(["", "甲", "十", "A", "1/0", "true", "____"])
_NAMES = sorted({field.name for kind in KINDS.values() for field in kind.sheet.fields} | {"text", "item_type", "body"})
_TYPED = st.recursive(
    _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ItemType), _WORDS, st.dictionaries(st.sampled_from(_NAMES), _TYPED, max_size=4))
def test_whatever_is_typed_can_be_looked_at_or_is_not_shown_yet(item_type, stem, typed):  # P41
    draft = draft_item(item_type, stem, "", typed)
    assert draft is None or isinstance(draft, Item)
    assert all(isinstance(one, ItemAsked) for one in show_look(1, draft).asked)
