"""Write the Word document and the workbook of the starter bank from their text sources.

The sources in question_bank/starter/source are what is edited and reviewed; the two files are what an author would have
written, and ship. The same sources give the same bytes: a test builds them anew and compares.

    python -m tools.starter_bank
"""

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import docx
import xlsxwriter
from docx.shared import Pt

FOLDER = Path(__file__).parent.parent / "question_bank" / "starter"
SOURCE = FOLDER / "source"
_MADE = datetime(2026, 11, 22, tzinfo=UTC)
_TYPE_HEADING = re.compile(r"(?:单选|多选|判断|填空|计算|排序|匹配|简答|案例分析|实操)题")
_WIDE = ("题干", "材料", "解析", "参考答案")


def build_docx() -> bytes:
    """The document for the intermediate level: chapters, sections and types as headings, a paragraph for each line."""
    document = docx.Document()
    document.styles["Normal"].font.size = Pt(10.5)
    document.core_properties.created = document.core_properties.modified = _MADE.replace(tzinfo=None)
    for line in (SOURCE / "intermediate.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("第") and re.match(r"第.章 ", line):
            document.add_heading(line, level=1)
        elif re.match(r"第.节 ", line):
            document.add_heading(line, level=2)
        elif _TYPE_HEADING.fullmatch(line):
            document.add_heading(line, level=3)
        elif line:
            document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return _without_times(stream.getvalue())


def build_xlsx() -> bytes:
    """The workbook for the advanced level: one sheet for each type, in the order of the sources' numbers."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"title": "党务知识题库（高级）", "created": _MADE.replace(tzinfo=None)})
        head = book.add_format({"bold": True, "bg_color": "#F2E9E4", "text_wrap": True, "valign": "top"})
        body = book.add_format({"text_wrap": True, "valign": "top"})
        for path in advanced_sources():
            sheet = book.add_worksheet(path.stem.partition("-")[2])
            sheet.freeze_panes(1, 0)
            for row, cells in enumerate(read_tsv(path)):
                for column, text in enumerate(cells):
                    if row == 0:
                        sheet.set_column(column, column, 42 if text in _WIDE else 16)
                    sheet.write_string(row, column, text, body if row else head)
    return _without_times(stream.getvalue())


def advanced_sources() -> list[Path]:
    """The tables of the workbook, in order."""
    return sorted((SOURCE / "advanced").glob("*.tsv"), key=lambda path: int(path.stem.partition("-")[0]))


def read_tsv(path: Path) -> list[list[str]]:
    """The rows of a table of plain cells."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _without_times(package: bytes) -> bytes:
    """The same package with one time for all its parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, date_time=(2026, 11, 22, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            target.writestr(part, source.read(name))
    return stream.getvalue()


if __name__ == "__main__":
    (FOLDER / "intermediate.docx").write_bytes(build_docx())
    (FOLDER / "advanced.xlsx").write_bytes(build_xlsx())
