"""Banks in files that people have: bytes in, a report out. Nothing here knows a clock, a network or a disk."""

from question_bank.errors import UnreadableFile
from question_bank.formats.biff_guard import check_biff
from question_bank.formats.csv_text import read_csv
from question_bank.formats.docx import read_docx
from question_bank.formats.excel import read_workbook
from question_bank.formats.plain_text import decode, read_text
from question_bank.formats.report import ImportReport, Place, Problem, ReadItem
from question_bank.formats.sniff import refuse_known_foreigners, sniff_ole2, sniff_zip
from question_bank.formats.workbook_guard import check_package
from question_bank.formats.zip_guard import GuardedZip

__all__ = ["ImportReport", "Place", "Problem", "ReadItem", "read_bank"]

_LONGEST_NAME_SHOWN = 80


def read_bank(name: str, data: bytes) -> ImportReport:
    """The report of a file: docx, xlsx, xls, csv or text, told apart by content and never by name.

    Raises `UnreadableFile`, and nothing else, when the file as a whole cannot be read or holds no item; the
    sentence names the file and says what to do. A file with doubtful or refused items gives a report.
    """
    try:
        return _refuse_empty(_read(data))
    except UnreadableFile as refusal:
        shown = name[-_LONGEST_NAME_SHOWN:]
        raise UnreadableFile(refusal.code, zh=f"“{shown}”：{refusal.zh}", en=f"{shown}: {refusal.en}") from refusal


def _refuse_empty(report: ImportReport) -> ImportReport:
    if report.items or report.refused:
        return report
    raise UnreadableFile(
        "file.no_items",
        zh="没有找到试题。请对照导入模板检查题号、选项和答案的写法。",
        en="No item was found. Please compare numbers, options and keys with the template.",
    )


def _read(data: bytes) -> ImportReport:
    if not data.strip():
        raise _empty()
    if data.startswith(b"PK"):
        return _read_package(data)
    if sniff_ole2(data):
        check_biff(data)
        return read_workbook(data, file_format="xls")
    refuse_known_foreigners(data)
    text, encoding = decode(data)
    if not text.strip("\ufeff\n\r\t "):
        raise _empty()
    return read_csv(text, encoding) or read_text(text, encoding)


def _empty() -> UnreadableFile:
    return UnreadableFile("file.empty", zh="文件是空的。", en="The file is empty.")


def _read_package(data: bytes) -> ImportReport:
    package = GuardedZip(data)
    if sniff_zip(package) == "docx":
        return read_docx(package)
    check_package(package)
    return read_workbook(data, file_format="xlsx")
