"""Reports of the exchange formats: GIFT, Aiken, Moodle XML, QTI, our JSON."""

from collections.abc import Iterable
from dataclasses import replace

from lxml import etree

from question_bank.errors import UnreadableFile
from question_bank.formats.bank_json import read_bank_json
from question_bank.formats.drafts import Findings, compose_report
from question_bank.formats.markup import Shelf
from question_bank.formats.moodle.aiken import looks_like_aiken, read_aiken_records
from question_bank.formats.moodle.gift import looks_like_gift, read_gift_records
from question_bank.formats.moodle.quiz_xml import read_moodle_records
from question_bank.formats.moodle.records import Harvest
from question_bank.formats.moodle.settlement import settle_harvest
from question_bank.formats.notes import Refusals
from question_bank.formats.qti.names import name_of, version_of
from question_bank.formats.qti.package import QtiFindings, read_package, read_single_item
from question_bank.formats.report import ImportReport, Problem, ReadItem
from question_bank.formats.secure_xml import UnsafeXml, local_name, parse_xml
from question_bank.formats.zip_guard import GuardedZip

_WESTERN = "cp1252"


def read_exchange_text(text: str, encoding: str) -> ImportReport | None:
    """The report of a GIFT or Aiken file; None where the text is neither."""
    if looks_like_gift(text):
        return _report_harvest(read_gift_records(text), "gift", encoding, Shelf())
    if looks_like_aiken(text):
        return _report_harvest(read_aiken_records(text), "aiken", encoding, Shelf())
    return None


def read_western_gift(data: bytes) -> ImportReport | None:
    """The report of a GIFT file in Windows-1252, in which Moodle once wrote them; None for any other.

    GIFT marks its items in plain letters, so that it is known before the encoding is; an item with letters beyond
    those is flagged, for the encoding is a guess.
    """
    try:
        text = data.decode(_WESTERN)
    except UnicodeDecodeError:
        return None
    if not looks_like_gift(text):
        return None
    report = _report_harvest(read_gift_records(text), "gift", "windows-1252", Shelf())
    return replace(report, items=tuple(_flag_guess(read) for read in report.items))


def _flag_guess(read: ReadItem) -> ReadItem:
    if str(read.item.stem).isascii() and repr(read.item.body).isascii():
        return read
    doubt = Problem(
        "encoding.guessed",
        "文件不是 UTF-8，按 Windows-1252 读入，请核对带重音的字母。",
        "The file is not UTF-8 and was read as Windows-1252; please check letters with accents.",
        read.place,
    )
    return replace(read, doubts=(*read.doubts, doubt))


def read_exchange_xml(data: bytes) -> ImportReport:
    """The report of Moodle XML or of one QTI item. Raises `UnreadableFile` for any other XML, by name."""
    try:
        root = parse_xml(data)
    except UnsafeXml as broken:
        raise UnreadableFile("file.xml", zh=f"{broken.reason.zh}。", en=f"{broken.reason.en}.") from broken
    shelf = Shelf()
    if local_name(root) in ("quiz", "question"):
        return _report_harvest(read_moodle_records(root, shelf), "moodle-xml", "", shelf)
    if name_of(root) == "assessmentItem" and version_of(root) is not None:
        return _report_qti(read_single_item(root, shelf), shelf)
    raise _foreign_xml(root)


def _foreign_xml(root: etree._Element) -> UnreadableFile:
    name = local_name(root)
    if name == "questestinterop":
        return UnreadableFile(
            "file.qti",
            zh="暂不支持 QTI 1.x 文件，请在原系统中导出 QTI 2.1、Excel 或 Word 后再上传。",
            en="A QTI 1.x file cannot be read; please export QTI 2.1, Excel or Word in its system.",
        )
    if name_of(root) in ("assessmentTest", "assessmentStimulus", "assessmentSection") or name == "manifest":
        return UnreadableFile(
            "file.qti",
            zh="这是 QTI 包的一部分，请上传完整的 .zip 包。",
            en="This is a part of a QTI package; please upload the whole .zip.",
        )
    return UnreadableFile(
        "file.markup",
        zh=f"暂不支持这种 XML/HTML 文件（{name[:40]}），请另存为 .docx 或 .xlsx 后再上传。",
        en=f"An XML/HTML file of this kind ({name[:40]}) cannot be read; please save it as .docx or .xlsx.",
    )


def read_qti_package(package: GuardedZip) -> ImportReport:
    """The report of a QTI package. Raises `UnreadableFile`."""
    shelf = Shelf()
    return _report_qti(read_package(package, shelf), shelf)


def read_json_bank(data: bytes) -> ImportReport:
    """The report of our own JSON. Raises `UnreadableFile`."""
    shelf = Shelf()
    results, refusals = read_bank_json(data, shelf)
    return _report(results, refusals, (), file_format="json", encoding="utf-8", shelf=shelf)


def _report_harvest(harvest: Harvest, file_format: str, encoding: str, shelf: Shelf) -> ImportReport:
    results, lost = settle_harvest(harvest)
    return _report(results, harvest, lost, file_format=file_format, encoding=encoding, shelf=shelf)


def _report_qti(findings: QtiFindings, shelf: Shelf) -> ImportReport:
    version = findings.versions[0] if findings.versions else ""
    return _report(findings.results, findings, findings.lost, file_format=f"qti{version}", encoding="", shelf=shelf)


def _report(
    results: Iterable[ReadItem | Problem],
    refusals: Refusals,
    lost: Iterable[Problem],
    *,
    file_format: str,
    encoding: str,
    shelf: Shelf,
) -> ImportReport:
    findings = Findings(refused=refusals.refused, lost=list(lost))
    report = compose_report(findings, results, file_format=file_format, encoding=encoding)
    pictures = tuple(shelf.pictures.values())
    return replace(report, unsupported=tuple(refusals.unsupported.items()), pictures=pictures)
