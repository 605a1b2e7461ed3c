"""QTI packages against the published schemas, where CHIZHENG_QTI_SCHEMAS names a folder that holds them.

They are not ours to give away. Files are looked for by name below that folder. Without them every part is held to be
well-formed XML in the namespace of its version; that a package says what it should is tested by reading it again.
"""

import io
import os
import zipfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from question_bank.formats import write_bank
from question_bank.items import Item, ItemType
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.kinds.fill_blank import blanks_of
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.scoring import Scoring, ScoringRule
from tests.question_bank.formats.test_exchange_round_trips import QUICK
from tests.support.exchange_items import exchange_items

FOLDER = os.environ.get("CHIZHENG_QTI_SCHEMAS", "")
NAMES = {
    "qti21": (("imsqti_v2p1p1.xsd", "imsqti_v2p1.xsd"), ("imscp_v1p1.xsd",)),
    "qti30": (
        ("imsqti_asiv3p0_v1p0.xsd", "imsqti_asiv3p0_sbacv1p0_v1p0.xsd"),
        ("imsqtiv3p0_imscpv1p2_v1p0.xsd",),
    ),
}
NAMESPACES = {
    "qti21": ("http://www.imsglobal.org/xsd/imsqti_v2p1", "http://www.imsglobal.org/xsd/imscp_v1p1"),
    "qti30": (
        "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
        "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
    ),
}


@cache
def schema(names):
    found = next((path for name in names for path in sorted(Path(FOLDER).rglob(name))), None)
    return None if found is None else etree.XMLSchema(etree.parse(str(found)))


def check(file_format, item):
    items, manifests = map(schema, NAMES[file_format]) if FOLDER else (None, None)
    with zipfile.ZipFile(io.BytesIO(write_bank([item], file_format).data)) as package:
        for name in package.namelist():
            if name.endswith(".xml"):
                is_manifest = name == "imsmanifest.xml"
                root = etree.fromstring(package.read(name))
                assert etree.QName(root).namespace == NAMESPACES[file_format][is_manifest]
                if FOLDER:
                    rules = manifests if is_manifest else items
                    assert rules is not None, f"no schema for {name}"
                    rules.assertValid(root)


@pytest.mark.parametrize("file_format", NAMES)
@settings(QUICK, max_examples=60 if FOLDER else 15)
@given(item=exchange_items())
def test_items_and_manifest_are_valid(file_format, item):
    check(file_format, item)


@pytest.mark.parametrize("file_format", NAMES)
def test_cases_with_tables_and_formulas_are_valid(file_format):
    text = "**重点** $a^2$\n\n| 甲 | 乙 |\n| --- | :---: |\n| 一 | 二 |"
    pairs = MatchingBody(("一", "二"), ("甲", "乙"), (0, 1))
    parts = (
        Part(ItemType.SINGLE_CHOICE, text, ChoiceBody((Option(text), Option("乙", pinned=True)), frozenset({0}))),
        Part(ItemType.SHORT_ANSWER, text, ShortAnswerBody(("好",)), share=5),
        Part(ItemType.MATCHING, text, pairs, share=3, scoring=Scoring(ScoringRule.NET_PAIRS)),
        Part(
            ItemType.FILL_BLANK,
            "____与____",
            blanks_of(("一",), ("二",)),
            share=2,
            scoring=Scoring(ScoringRule.PER_BLANK),
        ),
    )
    check(file_format, Item(ItemType.CASE_ANALYSIS, "案例", CaseBody(text, parts), explanation=text))
