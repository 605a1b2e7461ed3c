"""Banks in files that people have: bytes in, a report out. Nothing here knows a clock, a network or a disk."""

from question_bank.errors import UnreadableFile
from question_bank.formats.bank_json import looks_like_bank_json
from question_bank.formats.biff_guard import check_biff
from question_bank.formats.csv_text import read_csv
from question_bank.formats.docx import read_docx
from question_bank.formats.excel import read_workbook
from question_bank.formats.exchange import (
    read_exchange_text,
    read_exchange_xml,
    read_json_bank,
    read_qti_package,
    read_western_gift,
)
from question_bank.formats.plain_text import decode, read_text
from question_bank.formats.report import ImportReport, Place, Problem, ReadItem
from question_bank.formats.sniff import may_be_exchange_xml, refuse_known_foreigners, sniff_ole2, sniff_zip
from question_bank.formats.workbook_guard import check_package
from question_bank.formats.writers import WRITERS, Writer, Written, write_bank
from question_bank.formats.zip_guard import GuardedZip

__all__ = [
    "WRITERS",
    "ImportReport",
    "Place",
    "Problem",
    "ReadItem",
    "Writer",
    "Written",
    "read_bank",
    "write_bank",
]

_LONGEST_NAME_SHOWN = 80


def read_bank(name: str, data: bytes) -> ImportReport:
    """The report of a file: docx, xlsx, xls, csv, text, GIFT, Aiken, Moodle XML, QTI 2 and 3, our JSON; told apart by
    content and never by name.

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
    if may_be_exchange_xml(data):
        return read_exchange_xml(data)
    refuse_known_foreigners(data)
    return read_json_bank(data) if looks_like_bank_json(data) else _read_lines(data)


def _read_lines(data: bytes) -> ImportReport:
    try:
        text, encoding = decode(data)
    except UnreadableFile:
        report = read_western_gift(data)
        if report is None:
            raise
        return report
    if not text.strip("\ufeff\n\r\t "):
        raise _empty()
    return read_exchange_text(text, encoding) or read_csv(text, encoding) or read_text(text, encoding)


def _empty() -> UnreadableFile:
    return UnreadableFile("file.empty", zh="文件是空的。", en="The file is empty.")


def _read_package(data: bytes) -> ImportReport:
    package = GuardedZip(data)
    kind = sniff_zip(package)
    if kind == "qti":
        return read_qti_package(package)
    if kind == "docx":
        return read_docx(package)
    check_package(package)
    return read_workbook(data, file_format="xlsx")
