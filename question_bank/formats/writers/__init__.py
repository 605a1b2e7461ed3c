"""Banks as files of other systems: `write_bank` and the formats it knows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from question_bank.content import Picture
from question_bank.formats.bank_json import write_bank_json
from question_bank.formats.writers.aiken import write_aiken
from question_bank.formats.writers.docx import write_docx
from question_bank.formats.writers.gift import write_gift
from question_bank.formats.writers.marks import mark_copy
from question_bank.formats.writers.moodle_xml import write_moodle_xml
from question_bank.formats.writers.outlay import Pictures, Written
from question_bank.formats.writers.qti import write_qti21, write_qti30
from question_bank.formats.writers.workbook import write_workbook
from question_bank.items import Item
from question_bank.wording import Wording

__all__ = ["WRITERS", "Writer", "Written", "write_bank"]


@dataclass(frozen=True)
class Writer:
    """One format: its name for people, the ending and the media type of its files."""

    name: Wording
    suffix: str
    media_type: str
    write: Callable[[Sequence[Item], Pictures], Written]


def _write_json(items: Sequence[Item], pictures: Pictures) -> Written:
    return Written(write_bank_json(list(items), pictures), len(items))


WRITERS: dict[str, Writer] = {
    "json": Writer(Wording("本系统 JSON（无损）", "our JSON (without loss)"), "json", "application/json", _write_json),
    "xlsx": Writer(
        Wording("Excel 工作簿", "Excel workbook"),
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write_workbook,
    ),
    "docx": Writer(
        Wording("Word 文档（含答案）", "Word document (with keys)"),
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        write_docx,
    ),
    "moodle-xml": Writer(Wording("Moodle XML", "Moodle XML"), "xml", "application/xml", write_moodle_xml),
    "gift": Writer(Wording("GIFT", "GIFT"), "gift.txt", "text/plain; charset=utf-8", write_gift),
    "aiken": Writer(
        Wording("Aiken（仅单选题）", "Aiken (single choice only)"),
        "aiken.txt",
        "text/plain; charset=utf-8",
        write_aiken,
    ),
    "qti21": Writer(Wording("QTI 2.1 包", "QTI 2.1 package"), "qti21.zip", "application/zip", write_qti21),
    "qti30": Writer(Wording("QTI 3.0 包", "QTI 3.0 package"), "qti30.zip", "application/zip", write_qti30),
}
"""The formats that a bank can be written in, by the name that commands and pages use."""


def write_bank(
    items: Sequence[Item], file_format: str, *, pictures: Mapping[str, Picture] | None = None, mark: str = ""
) -> Written:
    """The items as a file. `file_format` is one of `WRITERS`; `pictures` are those that the items show, by hash.

    What the format cannot carry is named item by item in `lost`; an item that it has no type for is left out and
    named. `mark` says whose copy the file is, as a comment that every reader passes over (not in JSON and Aiken, which
    have none). Every text is escaped: nothing in the file runs or loads anything. The same items give the same bytes.
    """
    written = WRITERS[file_format].write(items, pictures or {})
    return replace(written, data=mark_copy(written.data, file_format, mark)) if mark else written
