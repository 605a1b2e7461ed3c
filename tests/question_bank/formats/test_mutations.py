"""Damaged copies of our own files: a report or an `UnreadableFile`, soon, and never anything else."""

import random
import time
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from question_bank.errors import UnreadableFile
from question_bank.formats import ImportReport, read_bank
from question_bank.kinds import problems_of
from tests.support.bank_files import bank_lines, bank_txt_gb18030, bank_xlsx, party_bank, party_bank_docx
from tests.support.damage import CHANGES, damage_member

# A look in the quick tier; `make fuzz` damages the same files, and real ones, for ten minutes a format.
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
WITHIN_SECONDS = 3.0


@cache
def files() -> dict[str, bytes]:
    few = party_bank()[::6]
    lines = "\n".join(bank_lines(few))
    return {
        "docx": party_bank_docx(few),
        "xlsx": bank_xlsx(few),
        "gb18030": bank_txt_gb18030(few),
        "utf-8": lines.encode(),
        "utf-16": lines.encode("utf-16"),
        "csv": "题型,题干,选项A,选项B,答案\n单选题,预备期,半年,一年,B\n判断题,党费要交。,,,对\n".encode(),
    }


def survives(data: bytes) -> ImportReport | None:
    began = time.process_time()
    try:
        report = read_bank("坏了的文件", data)
    except UnreadableFile:
        return None
    finally:
        assert time.process_time() - began < WITHIN_SECONDS
    for one in report.items:
        assert one.doubts or not problems_of(one.item)
    return report


@pytest.mark.parametrize("kind", ["docx", "xlsx", "gb18030", "utf-8", "utf-16", "csv"])
@QUICK
@given(seed=st.integers(0, 2**32))
def test_damaged_bytes(kind, seed):
    chance = random.Random(seed)
    survives(chance.choice(CHANGES)(chance, files()[kind]))


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("docx", "word/document.xml"),
        ("docx", "word/numbering.xml"),
        ("docx", "word/styles.xml"),
        ("xlsx", "xl/worksheets/sheet1.xml"),
        ("xlsx", "xl/sharedStrings.xml"),
        ("xlsx", "xl/workbook.xml"),
        ("xlsx", "xl/styles.xml"),
    ],
)
@QUICK
@given(seed=st.integers(0, 2**32))
def test_damage_inside_a_sound_package(kind, member, seed):
    chance = random.Random(seed)
    survives(damage_member(chance, files()[kind], member))


LINES = [line for line in bank_lines(party_bank()[::9]) if line]
PIECES = [
    *"1２3.、()（）[]【】ABCDabc ：:答案解析题对错√×-—@#=_\t\n\u3000",
    "答案：",
    "参考答案",
    "一、单选题",
    "1-5 ABCDE",
    "第一章",
]


@settings(QUICK, max_examples=300)
@given(
    st.lists(
        st.one_of(st.sampled_from(LINES), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)), max_size=40
    )
)
def test_lines_in_any_order_and_scraps_of_lines(lines):
    survives("\n".join(lines).encode())


@pytest.mark.parametrize(
    "text",
    [
        "A" * 300_000,
        "1、" * 100_000,
        "A." * 100_000,
        "（" * 200_000,
        "答案：" * 80_000,
        "1-9" * 60_000,
        " " * 200_000 + "1",
        "第一章" * 80_000,
        "1、甲？A.一 B.二 答案：A " * 3_000,
        "1 " * 100_000,
        "A B C D " * 40_000,
        "12、[单选]" * 40_000,
        "题干,答案\n" + "," * 200_000,
        '题干,答案\n"' + "甲" * 200_000,
        "\n".join("A" for _ in range(20_000)),
        "\n".join(f"{n}、" for n in range(9_000)),
        "参考答案\n" + "1.A " * 40_000,
        "单选题\n" * 20_000,
        "甲\n" * 40_000,
        "1、甲\n" + "乙丙\n" * 40_000,
        "1、甲\nA、一\nB、二\n答案：A\n解析：" + "丙。\n" * 40_000,
        "\n" * 500_000,
    ],
    ids=lambda text: text[:8],
)
def test_endless_repetition_takes_no_endless_time(text):
    survives(text.encode())
