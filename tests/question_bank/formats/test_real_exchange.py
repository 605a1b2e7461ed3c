"""Exchange files that nobody here wrote: independent scripts counted their items; broken packages; scoring vectors."""

import json
import os
import time
from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from question_bank.errors import UnreadableFile
from question_bank.formats import read_bank
from question_bank.formats.qti.declarations import read_declarations
from question_bank.formats.qti.processing import processing_of, score_item
from question_bank.formats.secure_xml import parse_xml

FOLDER = os.environ.get("CHIZHENG_REAL_DATA", "")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER, reason="CHIZHENG_REAL_DATA names no folder with real files"),
]
# Moodle's types by what becomes of them; the single-choice ones of a cloze stand in a case.
OURS = {
    "multichoice/single": {"single_choice"},
    "multichoice/multi": {"multiple_choice"},
    "oumultiresponse": {"multiple_choice"},
    "truefalse": {"true_false"},
    "shortanswer": {"fill_blank"},
    "numerical": {"numeric"},
    "matching": {"matching"},
    "gapselect": {"matching"},
    "ordering": {"ordering"},
    "essay": {"short_answer"},
    "cloze": {"fill_blank", "case_analysis", "single_choice", "numeric"},
}
UNSUPPORTED = {"description", "calculated", "randomsamatch", "stack", "ddimageortext", "ddmarker"}
# Embedded items that Moodle itself finds broken: two without a part, one with a word for a number.
CANNOT_BE_HELD = {"broken_cloze_questions.xml": 3}


@cache
def expected():
    return json.loads(Path(FOLDER, "expected.json").read_text()) if FOLDER else {}


def cases(folder):
    return [(folder, name) for name in expected().get(folder, {})]


def read_or_code(path):
    """The report, or the code of the refusal."""
    try:
        return read_bank(path.name, path.read_bytes())
    except UnreadableFile as refusal:
        return refusal.code


@pytest.mark.parametrize(("folder", "name"), cases("gift") + cases("moodle-xml"))
def test_every_item_is_read_or_counted_under_its_name(folder, name):
    counts = {kind: count for kind, count in expected()[folder][name].items() if not kind.startswith("_")}
    counts.pop("category", None)
    began = time.process_time()
    report = read_or_code(Path(FOLDER, folder, name))
    assert time.process_time() - began < 5
    if isinstance(report, str):
        broken = "NOT WELL-FORMED" in expected()[folder][name].get("_note", "")
        assert report == ("file.xml" if broken else "file.no_items")
        assert broken or not counts
        return
    if not counts:
        return  # what the scripts did not count: a single item without its quiz
    assert dict(report.unsupported) == {kind: count for kind, count in counts.items() if kind in UNSUPPORTED}
    wanted = Counter({kind: count for kind, count in counts.items() if kind not in UNSUPPORTED})
    refused = [problem for problem in report.refused if problem.code != "item.unsupported_type"]
    assert len(refused) == CANNOT_BE_HELD.get(Path(name).name, 0)
    assert len(report.items) + len(refused) == wanted.total()
    allowed = Counter({frozenset(OURS[kind]): count for kind, count in wanted.items()})
    for read in report.items:
        kind = next(kind for kind in sorted(allowed, key=len) if read.item.item_type.value in kind and allowed[kind])
        allowed[kind] -= 1
    assert allowed.total() == len(refused)


QTI = {
    "qti30-simple.zip": ({"single_choice": 1}, 0),
    "qti30-shared-stimulus.zip": ({"single_choice": 1, "short_answer": 1}, 1),
    "qti30-beginners-guide.zip": (
        {"single_choice": 2, "multiple_choice": 1, "short_answer": 2, "fill_blank": 1},
        0,
    ),
    "qti22-items-58.zip": (
        {
            "single_choice": 15,
            "multiple_choice": 3,
            "short_answer": 4,
            "matching": 2,
            "ordering": 3,
            "fill_blank": 1,
        },
        29,
    ),
    "test_sc_essay_mc.zip": ({"single_choice": 1, "multiple_choice": 1, "short_answer": 1}, 0),
    "test_4_no_skipping.zip": ({"single_choice": 1, "multiple_choice": 1, "matching": 1, "numeric": 1}, 0),
    "test_with_parts_and_test_feedbacks.zip": ({"single_choice": 3, "multiple_choice": 1}, 0),
}


@pytest.mark.parametrize("name", QTI)
def test_qti_packages(name):
    counts, unsupported = QTI[name]
    report = read_bank(name, Path(FOLDER, "qti/packages", name).read_bytes())
    assert {kind.value: count for kind, count in report.counts.items()} == counts
    assert sum(count for _, count in report.unsupported) == unsupported
    assert len(report.refused) == unsupported
    files = [kind for kind in expected()["qti"][f"packages/{name}"] if kind.startswith("item/")]
    total = sum(expected()["qti"][f"packages/{name}"][kind] for kind in files)
    assert total == len(report.items) + unsupported


BROKEN = [
    ("BadManifest.zip", "file.qti_manifest", 0, 0),
    ("InvalidArchive.zip", "file.damaged", 0, 0),
    ("NotContentPackage.zip", "file.archive", 0, 0),
    ("ZipSlip.zip", "file.archive", 0, 0),
    ("MissingFile.zip", "", 0, 1),
    ("WrongManifestFileItemHref.zip", "", 0, 2),
    ("MalformedXMLItemInTheMiddle.zip", "", 2, 1),
    ("MissingItemDependency.zip", "", 2, 1),
]


@pytest.mark.parametrize(("name", "code", "items", "refused"), BROKEN)
def test_broken_packages(name, code, items, refused):
    data = Path(FOLDER, "qti/broken", name).read_bytes()
    if code:
        with pytest.raises(UnreadableFile) as caught:
            read_bank(name, data)
        assert caught.value.code == code
    else:
        report = read_bank(name, data)
        assert (len(report.items), len(report.refused)) == (items, refused)


def vectors():
    path = Path(FOLDER, "grading/qti_scoring_vectors.json")
    return json.loads(path.read_text())["vectors"] if FOLDER else []


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["test"])
def test_response_processing_agrees_with_another_engine(vector):
    item = parse_xml(Path(FOLDER, vector["item"]).read_bytes())
    score = score_item(read_declarations(item), processing_of(item), vector["response"])
    assert score == Fraction(vector["expected_SCORE"])


def test_aiken_errors_are_named_by_line():
    folder = Path(FOLDER, "aiken/moodle-core/question/format/aiken/tests/fixtures")
    report = read_bank("aiken", (folder / "aiken_errors.txt").read_bytes())
    assert [(problem.code, problem.place.line) for problem in report.refused] == [
        ("aiken.too_few_options", 3),
        ("aiken.not_started", 5),
        ("aiken.not_started", 7),
        ("aiken.not_complete", 18),
    ]
    assert len(report.items) == 3
    sound = read_bank("aiken", (folder / "questions.aiken.txt").read_bytes())
    assert [sorted(read.item.body.key) for read in sound.items] == [[1], [0]]
    assert '<html class="cool"> & images' in sound.items[1].item.stem
