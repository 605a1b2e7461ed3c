"""XML from strangers: no document type, no entities of its own, nothing fetched, depth and texts bounded."""

import codecs
import re

from lxml import etree

from question_bank.wording import Wording

_ENCODINGS = frozenset(
    ["utf-8", "us-ascii", "ascii", "iso-8859-1", "windows-1252", "utf-16", "gb2312", "gbk", "gb18030", "big5"]
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_PROLOGUE = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnsafeXml(Exception):
    """XML that is not read: broken, or of a kind that is refused. `line` counts from 1, 0 where none is known."""

    def __init__(self, line: int, reason: Wording) -> None:
        super().__init__(reason.en)
        self.line = line
        self.reason = reason


def parse_xml(data: bytes) -> etree._Element:
    """The root element. Raises `UnsafeXml`, and nothing else, naming the line."""
    if data.startswith(_WIDE):
        data = _narrow(data)
    data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    declared = _DECLARED.match(data)
    if (declared and declared[1].decode().lower() not in _ENCODINGS) or b"\x00" in data[:4]:
        raise UnsafeXml(
            1, Wording("XML 的编码不支持，请用 UTF-8 保存", "the encoding is not supported; save it as UTF-8")
        )
    position = 0
    while found := _PROLOGUE.match(data, position):
        position = found.end()
    if data[position : position + 2] == b"<!":
        raise _doctype(data.count(b"\n", 0, position) + 1)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as broken:
        line = broken.lineno or 0
        raise UnsafeXml(
            line,
            Wording(f"XML 第 {line} 行有语法错误", f"the XML is broken at line {line}: {str(broken.msg)[:120]}"),
        ) from None
    except ValueError:
        raise UnsafeXml(0, Wording("XML 无法读取", "the XML cannot be read")) from None


def _narrow(data: bytes) -> bytes:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError:
        raise UnsafeXml(1, Wording("XML 的 UTF-16 编码已损坏", "the UTF-16 of the XML is damaged")) from None
    return re.sub(r"^\s*<\?xml.*?\?>", "", text, count=1, flags=re.DOTALL).encode()


def _doctype(line: int) -> UnsafeXml:
    return UnsafeXml(line, Wording("XML 含有文档类型定义（DOCTYPE），已拒绝", "the XML has a document type; refused"))


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    # What is no element (a comment, an entity that was left alone) has no text for a name.
    tag: object = element.tag
    return etree.QName(element).localname if isinstance(tag, str) else ""


def line_of(element: etree._Element) -> int | None:
    """The line that an element begins on, None for one that was read from nowhere."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def text_of(element: etree._Element | None) -> str:
    """All text within an element, stripped; empty where there is no element."""
    return "" if element is None else "".join(str(piece) for piece in element.itertext()).strip()
