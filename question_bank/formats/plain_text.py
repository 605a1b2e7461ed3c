"""Text files: which encoding, strictly, and the lines."""

import codecs
import re

from question_bank.errors import UnreadableFile
from question_bank.formats.drafts import compose_report
from question_bank.formats.report import ImportReport, Place
from question_bank.formats.settlement import settle_all
from question_bank.formats.spellings import clean
from question_bank.formats.text_grammar import read_lines
from question_bank.formats.text_lines import Line

MOST_LINES = 200_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# No character beyond ASCII has such a byte within it, in UTF-8 or in GB18030.
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# The two thousand most common characters make up nearly all of any Chinese text, and in GB 2312 they stand in
# rows 16 to 55. Western text with a few accents read as GB18030 gives characters from anywhere.
_COMMON_ROWS = range(0xB0, 0xD8)
_MARK_ROWS = range(0xA1, 0xA4)


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding): a byte order mark, else strict UTF-8, else GB18030 where it is plainly Chinese.

    Raises `UnreadableFile`; nothing is replaced and no other encoding is guessed.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_as(data, encoding), encoding
    if _BINARY.search(data):
        raise UnreadableFile(
            "file.binary",
            zh="这不是文本文件，也不是能识别的文档，请上传 Word、Excel 或文本文件。",
            en="This is neither text nor a document we know; please upload a Word, Excel or text file.",
        )
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        if not is_plausible_gb18030(data):
            raise _unknown_encoding() from None
        return _decode_as(data, "gb18030"), "gb18030"


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise _unknown_encoding() from None


def _unknown_encoding() -> UnreadableFile:
    return UnreadableFile(
        "file.encoding",
        zh="文件编码无法确定（不是 UTF-8，也不像 GB18030 中文）。请用记事本“另存为”，编码选 UTF-8 后再上传。",
        en="The encoding cannot be told (neither UTF-8 nor Chinese GB18030). Please save the file as UTF-8.",
    )


def is_plausible_gb18030(data: bytes) -> bool:
    """Whether most characters outside ASCII would be common Chinese ones, and none of them impossible."""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    common = other = 0
    position = 0
    while position < len(data):
        lead = data[position]
        if lead < 0x80:
            position += 1
            continue
        trail = data[position + 1]
        if trail >= 0xA1 and (lead in _COMMON_ROWS or lead in _MARK_ROWS):
            common += 1
        else:
            other += 1
        position += 4 if 0x30 <= trail <= 0x39 else 2
    return common >= 4 and common >= 9 * other


def read_text(text: str, encoding: str) -> ImportReport:
    """The report of a text file."""
    findings = read_lines(split_lines(text))
    return compose_report(findings, settle_all(findings.drafts), file_format="txt", encoding=encoding)


def split_lines(text: str) -> list[Line]:
    """The lines as an editor counts them, cleaned; empty ones stay. Raises `UnreadableFile` for too many."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MOST_LINES:
        raise UnreadableFile(
            "file.too_many_lines",
            zh=f"文件超过 {MOST_LINES} 行，请拆分后上传。",
            en=f"The file has more than {MOST_LINES} lines; please split it.",
        )
    return [Line(clean(line), Place(line=number)) for number, line in enumerate(text.split("\n"), start=1)]
