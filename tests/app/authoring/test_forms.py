"""The item's form: every type as it is typed, one more row, another type; nothing typed is lost."""

import re
from dataclasses import replace
from html import unescape

import pytest

from app.authoring.queries import read_content
from app.authoring.rules import ItemRefused
from app.authoring.writing import compose_item, form_values, problems_by_field, read_body
from app.errors import Invalid
from app.web.nesting import nest_fields
from question_bank.items import Basis, Item, ItemType
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.choice import key_of
from question_bank.kinds.fill_blank import FillBlankBody
from question_bank.scoring import Scoring, ScoringRule
from tests.support.every_kind import CASE, EVERY

PART_OF_NO_TYPE = {"body.parts.1.item_type", "body.parts.1.body"}
_KNOWN = {"item_type", "stem", "body", "topic", "explanation", "difficulty", "level", "basis", "tags"}


def retype(item: Item, **changed: str) -> Item:
    """The item as a browser would send its form back, some fields changed."""
    fields = nest_fields(form_values(item) | changed, known=_KNOWN, lists={"basis"})
    bases = [Basis(**{"clause": "", **one}) for one in fields.pop("basis", [])]
    fields |= {"item_type": item.item_type, "difficulty": item.difficulty, "level": item.level, "basis": bases}
    return compose_item(**{"topic": "", "explanation": "", "before": item, **fields})


@pytest.mark.parametrize("item", EVERY.values(), ids=[*EVERY])
def test_every_type_comes_back_from_its_form_as_it_was(item):
    bases = (Basis("党章", "第一条"), Basis("条例"))
    full = replace(item, basis=bases, tags=("甲", "乙"), topic=("章", "节"), explanation="解析")
    assert retype(full) == full
    assert problems_by_field(full) == []


def test_rules_of_the_author_stay_while_they_fit():
    ruled = replace(EVERY[ItemType.SINGLE_CHOICE], scoring=Scoring(ScoringRule.ALL_OR_NOTHING))
    assert retype(ruled).scoring == ruled.scoring
    parts = tuple(replace(part, scoring=Scoring(ScoringRule.ALL_OR_NOTHING)) for part in CASE.body.parts)
    assert retype(replace(CASE, body=replace(CASE.body, parts=parts))).body.parts == parts
    assert compose_item(
        item_type=ItemType.TRUE_FALSE, stem="题", key="对", topic="", explanation="", before=ruled,
        difficulty=ruled.difficulty, level=ruled.level,
    ).scoring is None  # fmt: skip


@pytest.mark.parametrize(
    ("item_type", "typed", "fields"),
    [
        ("numeric", {"value": "十二", "tolerance": "1e9999"}, {"body.value", "body.tolerance"}),
        ("numeric", {"value": ["1"], "units": [{"name": "米", "factor": "x"}]}, {"body.value", "body.units.0.factor"}),
        ("fill_blank", {"blanks": [{}, {"accepted": [{"worth": "1/0"}]}]}, {"body.blanks.1.accepted.0.worth"}),
        ("fill_blank", {"ordered": {"x": 1}, "blanks": "甲"}, {"body.ordered", "body.blanks.0"}),
        ("short_answer", {"rubric": [{"text": "要点", "share": "多"}]}, {"body.rubric.0.share"}),
        ("case_analysis", {"parts": [{"item_type": "x"}, {"item_type": "practical", "stem": "题"}]}, PART_OF_NO_TYPE),
        ("single_choice", {"value": "12"}, {"body"}),
        ("ordering", {"elements": [1]}, {"body.elements"}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_by_its_field(item_type, typed, fields):
    with pytest.raises(ItemRefused) as refused:
        read_body(ItemType(item_type), typed)
    assert {one.field for one in refused.value.fields} == fields


def test_numbers_are_read_as_people_write_them():
    body = read_body(ItemType.NUMERIC, {"value": " １,２００.50", "tolerance": "+.5", "unit": "元"})
    assert (str(body.value), str(body.tolerance)) == ("1200.50", "0.5")
    blank = read_body(ItemType.FILL_BLANK, {"blanks": [{"accepted": [{"text": "甲", "worth": "50%"}], "share": "２"}]})
    assert (str(blank.blanks[0].accepted[0].worth), blank.blanks[0].share) == ("1/2", 2)


def test_a_problem_stands_beside_the_field_that_answers_for_it():
    part = replace(CASE.body.parts[0], stem="", share=99)
    broken = replace(CASE, stem="", body=CaseBody("", (part, *CASE.body.parts[1:])), basis=(Basis("", "第一条"),))
    found = {one.field for one in problems_by_field(broken)}
    assert {"stem", "basis", "body.stimulus", "body.parts.0.stem"} <= found
    blanks = Item(ItemType.FILL_BLANK, "没有空", FillBlankBody(()))
    assert {one.field for one in problems_by_field(blanks)} == {"body.blanks"}


@pytest.mark.parametrize(
    "fields", [{"body": "1", "body.a": "1"}, {"body.a": "1", "body.a.b": "1"}, {"body" + ".a" * 20: "1"}]
)
def test_names_that_contradict_each_other_are_refused(fields):
    with pytest.raises(Invalid):
        nest_fields(fields, known={"body"}, lists=())


def typed_form(page: str) -> dict[str, str | list[str]]:
    """The fields of the form on a page, with their values, as a browser without scripts would send them."""
    inside = page[page.index("data-bank=") : page.index("</form>", page.index("data-bank="))]
    found = {
        name: unescape(value)
        for name, value in re.findall(r'<input (?:id="[^"]*" )?name="([^"]+)" value="([^"]*)"', inside)
    }
    found |= dict(re.findall(r'type="checkbox" name="([^"]+)" value="([^"]*)" checked', inside))
    found |= {n: unescape(v) for n, v in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n([^<]*)</textarea>', inside)}
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', inside, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_case_is_written_without_scripts_row_by_row(group, browsers):
    client, here = browsers(group.author), f"/banks/{group.bank_id}"
    form = typed_form(client.get(f"{here}/write").text) | {"item_type": "case_analysis", "stem": "处理下列情形"}
    page = client.submit(f"{here}/form", form | {"more": ""}).text
    form = typed_form(page)
    assert form["stem"] == "处理下列情形"
    assert "body.options.0.text" not in form
    form |= {"body.stimulus": "某支部……", "body.parts.0.stem": "应如何处理？", "body.parts.0.item_type": "fill_blank"}
    form = typed_form(client.submit(f"{here}/form", form | {"more": "body.parts"}).text)
    assert "body.parts.1.item_type" in form
    form |= {"body.parts.0.stem": "每____召开一次", "body.parts.0.body.blanks.0.accepted.0.text": "季度"}
    form |= {"body.parts.1.stem": "说明理由", "body.parts.1.share": "两份"}
    refused = client.submit(f"{here}/write", form)
    assert refused.status_code == 422
    assert 'id="e-body.parts.1.share"' in refused.text
    again = typed_form(refused.text)
    assert {name: again[name] for name, value in form.items() if value} == {n: v for n, v in form.items() if v}
    done = client.submit(f"{here}/write", again | {"body.parts.1.share": "2", "basis.0.document": "党章"})
    assert done.status_code == 303, done.text
    (row,) = group.items()
    (version,) = group.versions(row.id)
    written = read_content(version.content)
    assert [(part.item_type.value, part.share) for part in written.body.parts] == [
        ("fill_blank", 1),
        ("short_answer", 2),
    ]
    assert written.basis == (Basis("党章"),)
    assert "每____召开一次" in client.get(f"/items/{row.id}").text
    revised = typed_form(client.get(f"/items/{row.id}/revise").text)
    assert revised["body.parts.1.stem"] == "说明理由"


def test_an_unticked_option_stays_unticked_when_the_form_comes_back(sqlite_group, sqlite_browsers):
    client, here = sqlite_browsers(sqlite_group.author), f"/banks/{sqlite_group.bank_id}"
    rows = [{"text": "甲", "right": True}, {"text": "乙", "right": True}, {"text": "丙", "pinned": True}]
    given = {"item_type": "multiple_choice", "stem": "题", "body": {"options": rows}}
    item_id = client.api(f"{here}/write", given).json()["id"]
    form = typed_form(client.get(f"/items/{item_id}/revise").text) | {"reason": "改", "base_version": "1"}
    assert (form.pop("body.options.0.right"), form["body.options.2.pinned"]) == ("true", "true")
    shown = client.submit(f"/items/{item_id}/revise", form | {"stem": ""})
    assert shown.status_code == 422
    assert "body.options.0.right" not in typed_form(shown.text)
    assert client.submit(f"/items/{item_id}/revise", form | {"item_type": "single_choice"}).status_code == 303
    assert key_of(read_content(sqlite_group.versions(item_id)[-1].content)) == {1}
