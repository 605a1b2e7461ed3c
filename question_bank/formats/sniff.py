"""What a file is, by its content; its name is only for the sentences."""

import io
import re
import zipfile

from question_bank.errors import UnreadableFile
from question_bank.formats.zip_guard import GuardedZip

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ADVICE_BY_START: tuple[tuple[bytes, str, str, str], ...] = (
    (b"%PDF", "PDF", "请用 Word 打开后另存为 .docx", "open it in Word and save it as .docx"),
    (b"\x89PNG", "图片", "请把文字录入 Word 或 Excel", "type its text into Word or Excel"),
    (b"\xff\xd8\xff", "图片", "请把文字录入 Word 或 Excel", "type its text into Word or Excel"),
    (b"GIF8", "图片", "请把文字录入 Word 或 Excel", "type its text into Word or Excel"),
    (b"BM", "图片", "请把文字录入 Word 或 Excel", "type its text into Word or Excel"),
    (b"II*\x00", "图片", "请把文字录入 Word 或 Excel", "type its text into Word or Excel"),
    (b"MM\x00*", "图片", "请把文字录入 Word 或 Excel", "type its text into Word or Excel"),
    (b"{\\rtf", "RTF", "请用 Word 打开后另存为 .docx", "open it in Word and save it as .docx"),
    (b"Rar!", "RAR", "请解压后逐个上传", "unpack it and upload the files one by one"),
    (b"7z\xbc\xaf", "7z", "请解压后逐个上传", "unpack it and upload the files one by one"),
    (b"\x1f\x8b", "gzip", "请解压后逐个上传", "unpack it and upload the files one by one"),
)
_END_OF_ZIP, _LONGEST_ZIP_END = b"PK\x05\x06", 66_000
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_ROOTS = re.compile(
    rb"<(?:[a-z]{1,8}:)?(?:quiz|question|questestinterop|manifest|(?:qti-)?assessment-?[a-z]{4,8})[\s/>]"
)
_ENGLISH = {"图片": "picture"}


def _stream_name(name: str) -> bytes:
    return name.encode("utf-16-le")


def refuse_known_foreigners(data: bytes) -> None:
    """Raises `UnreadableFile` for what begins like a picture, a PDF, an archive or a page of the web."""
    for start, kind, zh, en in _ADVICE_BY_START:
        # Two letters are too few to tell a bitmap from a text that begins with BM.
        if data.startswith(start) and (start != b"BM" or b"\x00" in data[:64]):
            raise _refuse("file.foreign", kind, zh, en)
    if _END_OF_ZIP in data[-_LONGEST_ZIP_END:]:
        raise UnreadableFile(
            "file.damaged",
            zh="这是开头缺损的压缩包或文档，请重新下载或导出后再上传。",
            en="This is a package whose beginning is missing; please download or export it again.",
        )
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if _is_markup(head):
        raise _refuse("file.markup", "XML/HTML", "请另存为 .docx 或 .xlsx", "save it as .docx or .xlsx")


def may_be_exchange_xml(data: bytes) -> bool:
    """Whether the bytes are XML, of whatever kind; pages of the web are none."""
    if data.startswith(_WIDE):
        data = data[2:].replace(b"\x00", b"")
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return _is_markup(head) and not head.startswith((b"<!doctype html", b"<html"))


def _is_markup(head: bytes) -> bool:
    return head.startswith((b"<?xml", b"<!doctype", b"<!--", b"<html")) or _ROOTS.match(head) is not None


def sniff_ole2(data: bytes) -> bool:
    """True for a workbook of Excel 97 to 2003; False for what is no OLE2 file at all.

    Raises `UnreadableFile` for the others of this family: Word, locked files, WPS.
    """
    if not data.startswith(_OLE2):
        return False
    if _stream_name("EncryptedPackage") in data:
        raise UnreadableFile(
            "file.password",
            zh="文件设有打开密码，请取消密码后再上传。",
            en="The file has a password; please remove it and upload the file again.",
        )
    if _stream_name("WordDocument") in data:
        raise _refuse("file.doc", ".doc", "请用 Word 或 WPS 打开后另存为 .docx", "open it and save it as .docx")
    if _stream_name("PowerPoint Document") in data:
        raise _refuse("file.foreign", ".ppt", "请把文字录入 Word 或 Excel", "type its text into Word or Excel")
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise _refuse("file.foreign", "OLE2+zip", "请另存为 .xlsx", "save it as .xlsx")
    # WPS writes its own streams into .xls as well: only a file without a workbook's stream is none.
    if _stream_name("Workbook") in data or _stream_name("Book") in data:
        return True
    raise _refuse("file.et", ".et/.wps/OLE2", "请打开后另存为 .xlsx 或 .docx", "open it and save it as .xlsx or .docx")


def sniff_zip(package: GuardedZip) -> str:
    """docx, xlsx or qti. Raises `UnreadableFile` for any other package, with advice."""
    names = package.names
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names and not names & {"xl/workbook.bin", "content.xml"}:
        return "xlsx"  # a package that is two things at once might be read as the other one
    if "imsmanifest.xml" in names:
        return "qti"
    if "xl/workbook.bin" in names:
        raise _refuse("file.foreign", ".xlsb", "请另存为 .xlsx", "save it as .xlsx")
    if "ppt/presentation.xml" in names:
        raise _refuse("file.foreign", ".pptx", "请把文字录入 Word 或 Excel", "type its text into Word or Excel")
    if "content.xml" in names:
        raise _refuse("file.foreign", "ODF", "请另存为 .docx 或 .xlsx", "save it as .docx or .xlsx")
    raise _refuse("file.archive", "zip", "请解压后逐个上传", "unpack it and upload the files one by one")


def _refuse(code: str, kind: str, zh: str, en: str) -> UnreadableFile:
    chinese, english = (kind, _ENGLISH[kind]) if kind in _ENGLISH else (f" {kind} ", kind)
    gap = " " if zh[-1].isascii() else ""
    return UnreadableFile(
        code, zh=f"暂不支持{chinese}文件，{zh}{gap}后再上传。", en=f"A {english} file cannot be read; please {en}."
    )
