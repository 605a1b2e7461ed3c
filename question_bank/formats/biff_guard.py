"""The same for xls: the cells of a BIFF workbook counted from its records, before a reader makes room for them.

An xls is a small file system of sectors (OLE2, [MS-CFB]) that holds a stream of records ([MS-XLS] 2.3). Only
what leads to the positions of cells is read here; anything out of order is a damaged file.
"""

import struct
from collections.abc import Iterator

from question_bank.errors import UnreadableFile
from question_bank.formats.workbook_guard import SheetSize

_END_OF_CHAIN = 0xFFFFFFFA  # this and above are marks, not sectors
_MINI_CUTOFF = 4096
_DIRECTORY_ENTRY = 128
_STREAM_NAMES = tuple(name.encode("utf-16-le") + b"\x00\x00" for name in ("Workbook", "Book"))

_BOF = (0x0809, 0x0409, 0x0209, 0x0009)
# Records of one cell with a value, which begin with row and column; blank ones need no room.
_CELLS = frozenset(
    {0x0006, 0x0206, 0x0406, 0x0203, 0x0003, 0x0204, 0x0004, 0x0205, 0x0005, 0x0002, 0x027E, 0x00FD, 0x00D6}
)
_SEVERAL_NUMBERS = 0x00BD


def check_biff(data: bytes) -> None:
    """Raises `UnreadableFile` when a sheet uses too many cells, or the file is not in order."""
    try:
        stream = _Sectors(data).read_workbook()
        _count_cells(stream)
    except (struct.error, IndexError, OverflowError, MemoryError):
        raise _damaged() from None


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "file.damaged_workbook",
        zh="Excel 文件已损坏，无法打开。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。",
        en="The workbook is damaged. Please open it in Excel or WPS, save it as .xlsx and upload that.",
    )


class _Sectors:
    """The file system of an OLE2 file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise _damaged()
        self._size = 1 << shift
        self._next = self._read_table()

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if not 0 <= start < len(self._data):
            raise _damaged()
        return self._data[start : start + self._size]

    def _read_table(self) -> list[int]:
        """The table that names the next sector of each; its own sectors are listed in the header and beyond."""
        listed = list(struct.unpack_from("<109I", self._data, 76))
        following, count = struct.unpack_from("<II", self._data, 68)
        for _ in range(min(count, len(self._data) // self._size)):
            if following >= _END_OF_CHAIN:
                break
            numbers = _numbers(self._sector(following))
            listed += numbers[:-1]
            following = numbers[-1]
        most = len(self._data) // self._size + 1
        used = [number for number in listed if number < _END_OF_CHAIN][:most]
        return [number for sector in used for number in _numbers(self._sector(sector))]

    def _chain(self, start: int) -> bytes:
        """The sectors from this one to the end of its chain; a chain that runs in a circle is damage."""
        pieces: list[bytes] = []
        number = start
        while number < _END_OF_CHAIN:
            pieces.append(self._sector(number))
            if len(pieces) * self._size > len(self._data) + self._size:
                raise _damaged()
            number = self._next[number]
        return b"".join(pieces)

    def read_workbook(self) -> bytes:
        """The stream of records."""
        directory = self._chain(struct.unpack_from("<I", self._data, 48)[0])
        root = directory[:_DIRECTORY_ENTRY]
        for at in range(0, len(directory), _DIRECTORY_ENTRY):
            entry = directory[at : at + _DIRECTORY_ENTRY]
            if entry.startswith(_STREAM_NAMES) and entry[66] == 2:
                start, size = struct.unpack_from("<II", entry, 116)
                return (self._chain(start) if size >= _MINI_CUTOFF else self._mini(root, start))[:size]
        raise _damaged()

    def _mini(self, root: bytes, start: int) -> bytes:
        """A stream too short for sectors of its own; it stands in the stream of the root, in pieces of 64."""
        container = self._chain(struct.unpack_from("<I", root, 116)[0])
        table = _numbers(self._chain(struct.unpack_from("<I", self._data, 60)[0]))
        pieces: list[bytes] = []
        number = start
        while number < _END_OF_CHAIN and len(pieces) <= len(table):
            pieces.append(container[number * 64 : number * 64 + 64])
            number = table[number]
        return b"".join(pieces)


def _numbers(sector: bytes) -> list[int]:
    return [number for (number,) in struct.iter_unpack("<I", sector[: len(sector) // 4 * 4])]


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _count_cells(stream: bytes) -> None:
    sheet = 0
    size = SheetSize("1")
    for kind, body in _records(stream):
        if kind in _BOF:
            size = SheetSize(str(sheet), cells=size.cells)
            sheet += 1
        elif kind in _CELLS and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
            size.use(row + 1, column + 1)
        elif kind == _SEVERAL_NUMBERS and len(body) >= 6:
            row, first = struct.unpack_from("<HH", body)
            (last,) = struct.unpack_from("<H", body, len(body) - 2)
            for column in range(first, max(first, last) + 1):
                size.use(row + 1, column + 1)
