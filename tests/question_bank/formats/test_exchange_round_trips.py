"""What is written in a format and read again is the same items, but for what the writer named as lost."""

import zipfile
from decimal import Decimal
from fractions import Fraction
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from PIL import Image

from question_bank.content import accept_picture
from question_bank.errors import UnreadableFile
from question_bank.formats import WRITERS, read_bank, write_bank
from question_bank.items import Basis, Item, ItemType
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.numeric import NumericBody, ToleranceKind, Unit
from question_bank.kinds.practical import ChecklistEntry, PracticalBody
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.scoring import Scoring, ScoringRule
from tests.support.bank_files import party_bank
from tests.support.bodies import items_with
from tests.support.bodies import texts as any_texts
from tests.support.exchange_items import as_compared, exchange_items

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
SINGLE = ChoiceBody((Option("甲"), Option("乙")), frozenset({1}))


def picture():
    stream = BytesIO()
    Image.new("RGB", (3, 2), "red").save(stream, "PNG")
    return accept_picture(stream.getvalue())


@pytest.mark.parametrize("file_format", WRITERS)
@QUICK
@given(item=exchange_items())
def test_an_item_comes_back_or_its_loss_is_named(file_format, item):
    written = write_bank([item], file_format)
    assert written.data == write_bank([item], file_format).data
    left_out = [problem for problem in written.lost if problem.code == "item.not_written"]
    assert written.items == 1 - len(left_out)
    if left_out:
        return
    report = read_bank("导出", written.data)
    assert report.format.replace(".", "") == file_format
    assert (len(report.items), report.refused) == (1, ())
    found = report.items[0].item
    assert found.item_type is item.item_type
    if not written.lost:
        assert as_compared(found) == as_compared(item)


@pytest.mark.parametrize("file_format", WRITERS)
@QUICK
@given(item=items_with(stem=any_texts, explanation=any_texts))
def test_what_nobody_could_answer_is_written_too_or_named(file_format, item):
    written = write_bank([item], file_format)
    assert written.items == 1 or written.lost
    try:
        read_bank("导出", written.data)
    except UnreadableFile:
        assert file_format != "json"


@pytest.mark.parametrize("file_format", ["json", "xlsx", "docx", "moodle-xml", "gift", "qti21", "qti30"])
def test_our_own_bank_comes_back_whole(file_format):
    report = read_bank("题库", write_bank(party_bank(), file_format).data)
    assert [read.item for read in report.items] == list(party_bank())
    assert (report.doubtful, report.refused) == ((), ())


def test_json_is_the_same_bytes_again_with_its_pictures():
    shown = picture()
    item = Item(ItemType.SINGLE_CHOICE, f"![旗](picture:{shown.sha256}) 是哪一面？", SINGLE)
    practical = Item(ItemType.PRACTICAL, "布置会场。", PracticalBody((ChecklistEntry("摆党旗"),)))
    first = write_bank([item, practical], "json", pictures={shown.sha256: shown})
    report = read_bank("题库", first.data)
    assert [read.item for read in report.items] == [item, practical]
    again = write_bank([read.item for read in report.items], "json", pictures={p.sha256: p for p in report.pictures})
    assert again.data == first.data
    assert first.lost == ()


def test_json_names_what_is_not_an_item_and_goes_on():
    whole = write_bank([Item(ItemType.SINGLE_CHOICE, "一", SINGLE)], "json").data.decode()
    broken = whole.replace('"items":[', '"items":[{"schema":"item/9"},').replace(
        '"pictures":{}', '"pictures":{"00":{"data":"AA=="}}'
    )
    report = read_bank("题库", broken.encode())
    assert [problem.code for problem in report.refused] == ["json.picture", "json.shape"]
    assert "第 1 题" in report.refused[1].zh
    assert len(report.items) == 1


@pytest.mark.parametrize("file_format", ["moodle-xml", "qti21", "qti30"])
def test_pictures_tables_and_formulas_travel(file_format):
    shown = picture()
    stem = (
        f"看图 ![红](picture:{shown.sha256}) **重点** $a^2+\\frac{{1}}{{2}}$\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |"
    )
    item = Item(ItemType.SINGLE_CHOICE, stem, SINGLE, basis=(Basis("党章", "第五条"),))
    written = write_bank([item], file_format, pictures={shown.sha256: shown})
    assert written.lost == ()
    report = read_bank("导出", written.data)
    assert report.items[0].item == item
    assert report.pictures == (shown,)
    without = write_bank([item], file_format)
    assert "图片" in without.lost[0].zh


@pytest.mark.parametrize(
    ("item", "file_format", "words"),
    [
        (Item(ItemType.PRACTICAL, "做", PracticalBody((ChecklistEntry("好"),))), "qti30", "题型"),
        (Item(ItemType.SHORT_ANSWER, "论", ShortAnswerBody(("一",))), "gift", "参考答案"),
        (Item(ItemType.SHORT_ANSWER, "论", ShortAnswerBody()), "aiken", "单选题"),
        (Item(ItemType.SINGLE_CHOICE, "一", SINGLE, explanation="解"), "aiken", "解析"),
        (
            Item(
                ItemType.NUMERIC,
                "重",
                NumericBody(Decimal(2), Decimal("0.1"), ToleranceKind.RELATIVE, "克", (Unit("千克", Decimal(1000)),)),
            ),
            "gift",
            "相对误差",
        ),
        (
            Item(
                ItemType.MULTIPLE_CHOICE,
                "多",
                SINGLE,
                scoring=Scoring(ScoringRule.OPTION_FRACTIONS, weights=(Fraction(-2, 7), Fraction(1))),
            ),
            "moodle-xml",
            "精确的得分比例",
        ),
        (Item(ItemType.MULTIPLE_CHOICE, "多", SINGLE, scoring=Scoring(ScoringRule.COVERAGE)), "qti21", "评分规则"),
        (Item(ItemType.SINGLE_CHOICE, "一", SINGLE, basis=(Basis("长" * 60),)), "moodle-xml", "依据"),
    ],
)
def test_what_the_target_cannot_carry_is_named(item, file_format, words):
    assert words in " ".join(problem.zh for problem in write_bank([item], file_format).lost)


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> javascript:x ]]><b> {=x~y} ![a](http://e.org/p)"


@pytest.mark.parametrize("file_format", WRITERS)
def test_exports_are_inert(file_format):  # P42, P44
    item = Item(
        ItemType.SINGLE_CHOICE,
        HOSTILE,
        ChoiceBody((Option(HOSTILE), Option("乙")), frozenset({0})),
        explanation=HOSTILE,
        topic=("<script>x</script>",),
        tags=("<b onclick=x>",),
    )
    data = write_bank([item], file_format).data
    if file_format.startswith("qti"):
        with zipfile.ZipFile(BytesIO(data)) as package:
            roots = [etree.fromstring(package.read(name)) for name in package.namelist()]
        names = {etree.QName(element).localname for root in roots for element in root.iter()}
        assert not names & {"script", "img", "object", "a", "iframe"}
        attributes = {key for root in roots for element in root.iter() for key in element.attrib}
        assert not {key for key in attributes if str(key).startswith("on")}
    elif file_format in ("moodle-xml", "gift"):
        # Names of categories and items and tags are words there, and only these pieces are HTML.
        texts = data.decode().replace("\\", "").split("[html]")[1:]
        if file_format == "moodle-xml":
            quiz = etree.fromstring(data)
            texts = [text.text or "" for text in quiz.iter("text") if text.getparent().get("format") == "html"]
        assert not any("<script" in text or "<img" in text for text in texts)
    # Every line break that could begin an item of its own is gone, so that one item stays one.
    report = read_bank("导出", data)
    assert len(report.items) == 1
