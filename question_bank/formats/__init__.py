"""Banks in files that people have: bytes in, a report out. Nothing here knows a clock, a network or a disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain

from question_bank.errors import UnreadableFile
from question_bank.formats.bank_json import looks_like_bank_json
from question_bank.formats.biff_guard import check_biff
from question_bank.formats.csv_text import read_csv
from question_bank.formats.docx import read_docx
from question_bank.formats.drafts import Findings, compose_report
from question_bank.formats.excel import open_workbook
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
    "OpenBank",
    "Place",
    "Problem",
    "ReadItem",
    "Writer",
    "Written",
    "naming_file",
    "open_bank",
    "read_bank",
    "write_bank",
]

_LONGEST_NAME_SHOWN = 80


class OpenBank:
    """A bank that is being read: gone through once, it gives each item and each refusal in the order of the file.

    `format` and `encoding` are as in `ImportReport`; so are `lost`, `unsupported` and `pictures`, once it is through.
    """

    def __init__(self, report: ImportReport) -> None:
        """A bank that has been read as a whole: most formats tell what an item is from what stands around it."""
        self.format = report.format
        self.encoding = report.encoding
        self.unsupported = report.unsupported
        self.pictures = report.pictures
        self._findings = Findings(lost=[*report.lost])
        self._results: Iterator[ReadItem | Problem] = chain(report.items, report.refused)

    @classmethod
    def workbook(cls, data: bytes, file_format: str) -> "OpenBank":
        """A workbook, of which one sheet at a time is in memory, and one item."""
        opened = cls(ImportReport(file_format, "", ()))
        opened._results = open_workbook(data, opened._findings)
        return opened

    @property
    def lost(self) -> tuple[Problem, ...]:
        """What was read past or cannot be carried."""
        return tuple(self._findings.lost)

    def __iter__(self) -> Iterator[ReadItem | Problem]:
        """Raises `UnreadableFile` where the rest cannot be read, and where there was nothing."""
        empty = True
        for found in self._results:
            empty = False
            yield found
        if empty:
            raise UnreadableFile(
                "file.no_items",
                zh="没有找到试题。请对照导入模板检查题号、选项和答案的写法。",
                en="No item was found. Please compare numbers, options and keys with the template.",
            )


@contextmanager
def naming_file(name: str) -> Iterator[None]:
    """Refusals of a file that are raised within say its name."""
    try:
        yield
    except UnreadableFile as refusal:
        shown = name[-_LONGEST_NAME_SHOWN:]
        raise UnreadableFile(refusal.code, zh=f"“{shown}”：{refusal.zh}", en=f"{shown}: {refusal.en}") from refusal


def open_bank(data: bytes) -> OpenBank:
    """A bank in a file to be gone through: docx, xlsx, xls, csv, text, GIFT, Aiken, Moodle XML, QTI 2 and 3, our JSON;
    told apart by content and never by name. Raises `UnreadableFile`, and nothing else, here and while it is read."""
    if not data.strip():
        raise _empty()
    if data.startswith(b"PK"):
        return _open_package(data)
    if sniff_ole2(data):
        check_biff(data)
        return OpenBank.workbook(data, "xls")
    if may_be_exchange_xml(data):
        return OpenBank(read_exchange_xml(data))
    refuse_known_foreigners(data)
    return OpenBank(read_json_bank(data) if looks_like_bank_json(data) else _read_lines(data))


def read_bank(name: str, data: bytes) -> ImportReport:
    """The report of a file as a whole, of any kind that `open_bank` knows.

    Raises `UnreadableFile`, and nothing else, when the file as a whole cannot be read or holds no item; the
    sentence names the file and says what to do. A file with doubtful or refused items gives a report.
    """
    with naming_file(name):
        opened = open_bank(data)
        results = list(opened)
    found = compose_report(Findings(lost=[*opened.lost]), results, file_format=opened.format, encoding=opened.encoding)
    return replace(found, unsupported=opened.unsupported, pictures=opened.pictures)


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


def _open_package(data: bytes) -> OpenBank:
    package = GuardedZip(data)
    kind = sniff_zip(package)
    if kind == "qti":
        return OpenBank(read_qti_package(package))
    if kind == "docx":
        return OpenBank(read_docx(package))
    check_package(package)
    return OpenBank.workbook(data, "xlsx")
