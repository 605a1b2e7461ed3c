"""A workbook of 100,000 items brought into the bank, beside the bare chain."""

import io
import statistics
import zipfile
from pathlib import Path

import xlsxwriter

from benchmarks.bringing_in import Spent, bring_in, hire_importer, make_author, run_bare
from benchmarks.measures.yards import lacking
from benchmarks.pairs import spread
from benchmarks.stage import Stage

_TOPICS = 40
_MEGABYTE = 2**20
_STEM = "第 {number} 题：关于企业安全生产管理制度的下列说法，哪一项符合规定？请根据所学内容作答。编号 {number}。"
_HEADERS = ("题型", "题干", *(f"选项{letter}" for letter in "ABCDEF"), "答案", "解析", "难度", "知识点")
_DIFFICULTIES = ("易", "中", "难", "难", "中")


def measure_large_imports(stage: Stage) -> list[str]:
    """Read in the child, staged, looked through, committed with the words of the search, audited, tidied up."""
    items = stage.scale.imported
    title = f"import of {items} items from xlsx, whole, {stage.place.kind}"
    if sentence := lacking("asyncpg", "msgspec"):
        return [title, f"  {sentence}"]
    workbook = workbook_of(stage, items)
    ours: list[Spent] = []
    bare: list[Spent] = []
    for turn in range(stage.scale.pairs + 1):
        with hire_importer() as importer:
            own = importer.submit(bring_in, stage.place, make_author(stage.place), workbook, items).result()
        with hire_importer() as importer:
            theirs = importer.submit(run_bare, stage.other, workbook).result()
        if turn:  # the first warms up
            ours.append(own)
            bare.append(theirs)
    each = [statistics.median(1e6 * getattr(one, part) / items for one in ours) for part in ("reading", "committing")]
    chain = statistics.median(1e6 * one.whole / items for one in bare)
    ratios = [theirs.whole / own.whole for own, theirs in zip(ours, bare, strict=True)]
    peak, unpacked = max(one.peak for one in ours) / _MEGABYTE, _unpacked(workbook) / _MEGABYTE
    return [
        title,
        f"  / chain      {spread(ratios)}  by processor time of all processes, PostgreSQL's among them",
        f"  µs an item: reading {each[0]:.0f}, committing {each[1]:.0f}, chain {chain:.0f}",
        f"  the reader's peak {peak:.0f} MB, {peak / unpacked:.2f} x the {unpacked:.0f} MB unpacked",
    ]


def workbook_of(stage: Stage, items: int) -> Path:
    """Where a workbook of so many items lies; made when first asked for."""
    workbook = stage.place.folder / f"{items}.xlsx"
    if not workbook.exists():
        workbook.write_bytes(_workbook(items))
    return workbook


def _unpacked(workbook: Path) -> int:
    with zipfile.ZipFile(workbook) as package:
        return sum(member.file_size for member in package.infolist())


def _workbook(items: int) -> bytes:
    """The items of the published yardstick, in a layout with a title row above the header."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("题库")
        sheet.write_string(0, 0, "安全生产题库")
        sheet.write_row(1, 0, _HEADERS)
        for number in range(items):
            stem = _STEM.format(number=number)
            options = (f"选项 {place} 的内容，题 {number}" for place in range(4))
            cells = ("单选题", stem, *options, "", "", "ABCD"[number % 4], f"解析 {number}")
            for column, text in enumerate((*cells, _DIFFICULTIES[number % 5], f"知识点{number % _TOPICS}")):
                sheet.write_string(number + 2, column, text)
    return stream.getvalue()
