"""What differs between two versions: field by field, word by word, between any two."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.authoring.comparison import changes_between, word_changes
from question_bank.items import Basis, ItemType, Level
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import FillBlankBody
from question_bank.kinds.written import Normalisation
from tests.support.every_kind import BLANKS, CASE, EVERY


@settings(max_examples=60, deadline=None)
@given(st.text("甲乙12 ab.", max_size=30), st.text("甲乙12 ab.", max_size=30))
def test_the_marks_are_both_texts(before, after):
    marks = word_changes(before, after)
    assert "".join(text for kind, text in marks if kind != "in") == before
    assert "".join(text for kind, text in marks if kind != "out") == after


def test_numbers_and_words_change_whole():
    assert word_changes("满 15 天 before", "满 16 天 after") == [
        ("same", "满 "), ("out", "15"), ("in", "16"), ("same", " 天 "), ("out", "before"), ("in", "after"),
    ]  # fmt: skip


def test_every_field_that_differs_is_named():
    before = replace(
        EVERY[ItemType.SINGLE_CHOICE], body=ChoiceBody((Option("甲"), Option("乙")), frozenset({0})), basis=()
    )
    after = replace(
        before,
        body=ChoiceBody((Option("甲"), Option("丙"), Option("丁")), frozenset({1})),
        basis=(Basis("党章", "第一条"),),
        level=Level.ADVANCED,
    )
    found = {change.name.zh: (change.marks, change.words) for change in changes_between(before, after)}
    assert {name: marks for name, (marks, _) in found.items()} == {
        "选项 1 正确": [("out", "true")],
        "选项 2 正确": [("in", "true")],
        "选项 2 选项": [("out", "乙"), ("in", "丙")],
        "选项 3 选项": [("in", "丁")],
        "等级": [("out", "primary" if before.level is Level.PRIMARY else before.level.value), ("in", "advanced")],
        "依据 1 依据文件": [("in", "党章")],
        "依据 1 依据条款": [("in", "第一条")],
    }
    assert found["选项 2 正确"][1]["true"].en == "yes"
    assert changes_between(after, after) == []


def test_switches_parts_and_other_types_are_told_in_words():
    strict = replace(BLANKS, body=replace(BLANKS.body, normalisation=Normalisation(case=False)))
    (change,) = changes_between(BLANKS, strict)
    assert (change.name.zh, [change.words[text].zh for _, text in change.marks]) == (
        "判分时的比较方式 字母大小写",
        ["不区分", "区分"],
    )
    part = replace(CASE.body.parts[0], stem="另一题？")
    (change,) = changes_between(CASE, replace(CASE, body=CaseBody(CASE.body.stimulus, (part, *CASE.body.parts[1:]))))
    assert change.name == ("小题 1 题干", "Parts 1 Stem")
    for one in EVERY.values():
        for other in EVERY.values():
            assert bool(changes_between(one, other)) is (one != other)
    assert isinstance(strict.body, FillBlankBody)


def test_any_two_versions_are_compared_on_the_page(sqlite_group, sqlite_browsers):
    client, here = sqlite_browsers(sqlite_group.author), f"/banks/{sqlite_group.bank_id}"
    given_item = {"item_type": "true_false", "stem": "任期三年", "key": "对"}
    item_id = client.api(f"{here}/write", given_item).json()["id"]
    for version, stem in ((1, "任期四年"), (2, "任期五年")):
        given_item |= {"stem": stem, "base_version": version, "reason": f"第{version}次"}
        assert client.api(f"/items/{item_id}/revise", given_item).status_code == 200
    shown = client.api_get(f"/items/{item_id}?base=3&compare=1").json()
    assert shown["compared"] == [1, 3]
    assert shown["changes"][0]["marks"] == [["same", "任期"], ["out", "三"], ["in", "五"], ["same", "年"]]
    page = client.get(f"/items/{item_id}?base=1&compare=3").text
    assert '<del><span class="unseen">删去：</span>三</del><ins><span class="unseen">加入：</span>五</ins>' in page
    assert client.api_get(f"/items/{item_id}?base=3&compare=3").json()["compared"] is None
    assert client.api_get(f"/items/{item_id}").json()["compared"] is None
