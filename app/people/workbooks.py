"""Workbooks that offices fill in, opened. Pure: bytes in, sheets of cells out.

A cell that Excel holds as a number has lost the last digits of an ID number: `as_text` hands it on as a decimal, so
that it is refused as rounded and never guessed at.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import python_calamine

from question_bank.errors import UnreadableFile
from question_bank.formats.biff_guard import check_biff
from question_bank.formats.sniff import refuse_known_foreigners, sniff_ole2, sniff_zip
from question_bank.formats.workbook_guard import check_package
from question_bank.formats.zip_guard import GuardedZip

MOST_BYTES = 5 * 2**20
MOST_ROWS = 5000
"""Rows of a list that a person can look through, and that are entered in one transaction."""
_HEADER_WITHIN = 20
_LONGEST_CELL = 250


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, and every cell from A1 on."""

    name: str
    rows: Sequence[Sequence[object]]


def read_sheets(name: str, data: bytes) -> list[Sheet]:
    """The sheets of a workbook (xlsx or xls). Raises UnreadableFile, naming the file, for anything else, for a damaged
    or hostile one, and for one beyond 5 MB."""
    try:
        return _read(data)
    except UnreadableFile as refusal:
        raise refusal_of(name, refusal) from refusal


def refusal_of(name: str, refusal: UnreadableFile) -> UnreadableFile:
    """The same refusal with the file's name before it."""
    shown = name[-80:]
    return UnreadableFile(refusal.code, zh=f"“{shown}”：{refusal.zh}", en=f"{shown}: {refusal.en}")


def _read(data: bytes) -> list[Sheet]:
    if not data.strip():
        raise UnreadableFile("file.empty", zh="文件是空的。", en="The file is empty.")
    if len(data) > MOST_BYTES:
        raise UnreadableFile(
            "workbook.too_big",
            zh=f"名单文件超过 {MOST_BYTES // 2**20} MB，请删去多余的内容。",
            en=f"The list is larger than {MOST_BYTES // 2**20} MB; please remove what is not needed.",
        )
    _check_kind(data)
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        return [Sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except Exception as reason:
        raise _damaged() from reason
    except BaseException as panic:
        # A panic of the reader's Rust code derives from BaseException and means no more than a damaged file.
        if type(panic).__name__ != "PanicException":
            raise
        raise _damaged() from panic


def _check_kind(data: bytes) -> None:
    if data.startswith(b"PK"):
        package = GuardedZip(data)
        if sniff_zip(package) != "xlsx":
            raise _not_a_workbook()
        check_package(package)
    elif sniff_ole2(data):
        check_biff(data)
    else:
        refuse_known_foreigners(data)
        raise _not_a_workbook()


def _not_a_workbook() -> UnreadableFile:
    return UnreadableFile(
        "workbook.none",
        zh="不是 Excel 文件，请下载模板填写后上传 .xlsx 文件。",
        en="This is no Excel file; please fill in the template and upload it as .xlsx.",
    )


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "file.damaged_workbook",
        zh="Excel 文件已损坏或设有密码，无法打开。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。",
        en="The workbook is damaged or has a password. Please open it, save it as .xlsx and upload that.",
    )


def find_header(rows: Sequence[Sequence[object]], wanted: Sequence[frozenset[str]]) -> tuple[int, list[int]] | None:
    """The index of the row that heads all `wanted` columns, within the first 20, and the column of each; each is told
    by any of its names, in small letters without blanks, stars and colons. None where there is no such row."""
    for index, cells in enumerate(rows[:_HEADER_WITHIN]):
        heads = ["".join(as_text(cell).split()).strip("*＊:：").lower() for cell in cells]
        found = [next((at for at, head in enumerate(heads) if head in names), -1) for names in wanted]
        if min(found) >= 0:
            return index, found
    return None


def as_text(cell: object) -> str:
    """The cell as text without what cannot be printed; a number as a decimal, see the head of this module."""
    if isinstance(cell, bool):
        return ""
    if isinstance(cell, int | float):
        return str(float(cell))
    return "".join(c for c in str(cell) if c.isprintable()).strip()[:_LONGEST_CELL]
