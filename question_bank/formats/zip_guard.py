"""Packed documents, opened with care: what comes out is measured while it comes out, not believed beforehand."""

import copy
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, KeysView

from lxml import etree

from question_bank.errors import UnreadableFile

MOST_ENTRIES = 2_000
# A QTI package holds one file for each item: a bank of some size is as many files.
MOST_ENTRIES_WITH_MANIFEST = 20_000
MOST_UNPACKED_BYTES = 200 * 2**20
# Text packs 10 to 30 times; only what was made to be huge packs tighter over many megabytes.
MOST_RATIO = 120
RATIO_COUNTS_FROM_BYTES = 16 * 2**20

# RuntimeError is what zipfile raises for a password, an unknown compression or a directory that nests too deep.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
_CHUNK = 256 * 1024
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_XML = (".xml", ".rels", ".vml")
_MANIFEST = "imsmanifest.xml"
# How each entry of a zip's directory begins.
_ENTRY = b"PK\x01\x02"
_ARCHIVES = (".zip", ".docx", ".xlsx", ".xlsm", ".rar", ".7z", ".gz")


class GuardedZip:
    """A zip whose members are read within bounds that hold for all of them together.

    Raises `UnreadableFile` for a damaged or locked archive, for too many entries, for archives inside the
    archive, and, while reading, for too many bytes or a member that unpacks to far more than it should.
    """

    def __init__(self, data: bytes) -> None:
        # Counted before the directory is taken apart: a million entries take seconds to read.
        if data.count(_ENTRY) > 2 * MOST_ENTRIES_WITH_MANIFEST:
            raise _too_many_entries(MOST_ENTRIES_WITH_MANIFEST)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            members = self._zip.infolist()
        except _UNREADABLE:
            raise _damaged() from None
        self._members = {member.filename: member for member in members}
        most = MOST_ENTRIES_WITH_MANIFEST if _MANIFEST in self._members else MOST_ENTRIES
        if len(members) > most:
            raise _too_many_entries(most)
        if len(self._members) < len(members):
            raise _damaged()  # of two members with one name each reader would take another
        if sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
            raise _too_big()
        self._unpacked: dict[str, int] = {}
        self._unpacked_bytes = 0

    @property
    def names(self) -> KeysView[str]:
        """The names of all members."""
        return self._members.keys()

    def unpack_all(self) -> Iterator[tuple[str, bytes]]:
        """(name, piece) of every member in turn, so that a reader that trusts headers meets no surprise later.

        Raises `UnreadableFile` also for archives inside the archive, and for document type definitions in XML:
        no Word or Excel file has one.
        """
        for name in self._members:
            if name.lower().endswith(_ARCHIVES):
                raise UnreadableFile(
                    "file.nested_archive",
                    zh=f"文件内还套有压缩包（{name[-60:]}），请取出后再上传。",
                    en=f"There is an archive inside the file ({name[-60:]}); please take it out.",
                )
            tail = b""
            for chunk in self.read_chunks(name):
                if name.lower().endswith(_XML) and (_is_wide(chunk, tail) or _DOCTYPE.search(tail + chunk)):
                    raise _has_doctype(name)
                tail = chunk[-16:]
                yield name, chunk

    def read(self, name: str) -> bytes:
        """One whole member; empty when there is none of this name."""
        return b"".join(self.read_chunks(name)) if name in self._members else b""

    def read_chunks(self, name: str) -> Iterator[bytes]:
        """One member, piece by piece, counted as it unpacks."""
        member = copy.copy(self._members[name])
        # The library stops at the size that the header names; told a larger one it unpacks what there is, and
        # the check sum is that of the whole.
        member.file_size = MOST_UNPACKED_BYTES + 1
        own = 0
        try:
            with self._zip.open(member) as stream:
                while chunk := stream.read(_CHUNK):
                    own += len(chunk)
                    self._count(name, own, member.compress_size)
                    yield chunk
        except _UNREADABLE:
            raise _damaged() from None

    def _count(self, name: str, own: int, packed: int) -> None:
        before = self._unpacked.get(name, 0)
        self._unpacked[name] = max(own, before)
        self._unpacked_bytes += self._unpacked[name] - before
        out_of_proportion = own > RATIO_COUNTS_FROM_BYTES and own > MOST_RATIO * max(packed, 1)
        if out_of_proportion or self._unpacked_bytes > MOST_UNPACKED_BYTES:
            raise _too_big()

    def read_xml(self, name: str) -> etree._Element | None:
        """The root of an XML member, or None when there is no such member.

        No entity is resolved, nothing is fetched, and depth is bounded. Raises `UnreadableFile` otherwise.
        """
        data = self.read(name)
        if not data:
            return None
        if _is_wide(data) or _DOCTYPE.search(data):
            raise _has_doctype(name)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True
        )
        try:
            return etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError):
            raise _damaged() from None


def _is_wide(data: bytes, before: bytes = b"") -> bool:
    """Whether XML begins in UTF-16 or UTF-32, where a document type would not be seen; no program writes so."""
    return not before and (data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4])


def _too_many_entries(most: int) -> UnreadableFile:
    return UnreadableFile(
        "file.too_many_entries",
        zh=f"压缩包内文件过多（最多 {most} 个），请拆分后上传。",
        en=f"The package holds more than {most} files; please split it.",
    )


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "file.damaged",
        zh="文件已损坏或设有密码，无法打开。请用 Word、Excel 或 WPS 打开后另存一份再上传。",
        en="The file is damaged or has a password. Please open it in its program, save a copy and upload that.",
    )


def _too_big() -> UnreadableFile:
    return UnreadableFile(
        "file.unpacks_too_big",
        zh=f"文件解压后过大（超过 {MOST_UNPACKED_BYTES // 2**20} MB 或压缩比异常），已拒绝。",
        en=f"The file unpacks to more than {MOST_UNPACKED_BYTES // 2**20} MB or beyond all proportion; refused.",
    )


def _has_doctype(name: str) -> UnreadableFile:
    return UnreadableFile(
        "file.doctype",
        zh=f"文件内容异常（{name[-60:]} 含有文档类型定义），已拒绝。",
        en=f"The file is not in order ({name[-60:]} has a document type definition); refused.",
    )
