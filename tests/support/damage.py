"""Ways in which a file gets damaged: bytes changed, lost, repeated, moved; anywhere, or in one member of a package."""

import io
import random
import zipfile
import zlib
from collections.abc import Callable

from question_bank.packages import timeless_entry

Change = Callable[[random.Random, bytes], bytes]


def flip(chance: random.Random, data: bytes) -> bytes:
    mutated = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        mutated[chance.randrange(len(mutated))] = chance.randrange(256)
    return bytes(mutated)


def cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def drop(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randint(1, 400) :]


def repeat(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at : at + chance.randint(1, 400)] * chance.randint(2, 30) + data[at:]


CHANGES: tuple[Change, ...] = (flip, cut, drop, repeat)


_SCRAPS = (
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\r", b"\n\n", b"\t", b"]]>", b"<", b"&", b"&#x0;", b"&amp;"),
    *(b'"', b"'", b"{", b"}", b"=", b"~", b"::", b"//", b"$", b"\\", b"%", b"->", b"#", b"-1", b"1e309", b"NaN"),
    *(b"9" * 20, b"0", b"null", b"[]", b"[" * 500, b"{" * 500, b"(" * 500, b"<a>" * 300, b"{1:SA:=", b"ANSWER:"),
    *map(
        str.encode,
        ("答案：", "解析：", "第一章", "一、单选题", "1、", "A.", "（", "√", "____", "材料：", "小题1"),
    ),
)


def scatter(chance: random.Random, data: bytes) -> bytes:
    """Words that mean something to a reader, where they do not belong."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        data = data[:at] + chance.choice(_SCRAPS) + data[at:]
    return data


def shuffle_lines(chance: random.Random, data: bytes) -> bytes:
    """Some lines (or, in XML, tags) in another order."""
    mark = b"\n" if data.count(b"\n") > 3 else b">"
    lines = data.split(mark)
    at = chance.randrange(len(lines))
    some = lines[at : at + chance.randint(2, 60)]
    chance.shuffle(some)
    return mark.join([*lines[:at], *some, *lines[at + len(some) :]])


def damage_file(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """The file damaged once to three times: anywhere, inside a member if it is a package, or spliced with another."""
    changes = (*CHANGES, scatter, shuffle_lines)
    for _ in range(chance.randint(1, 3)):
        members = _members(data)
        if members and chance.random() < 0.8:
            data = damage_member(chance, data, chance.choice(members), changes)
        elif data and chance.random() < 0.9:
            data = chance.choice(changes)(chance, data)
        else:
            data = data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]
    return data


def _members(data: bytes) -> list[str]:
    """The members of a sound package that can be packed again; else none."""
    if not data.startswith(b"PK"):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = [member.filename for member in package.infolist() if 0 < member.file_size < 4_000_000]
            whole = package.testzip() is None and len(set(package.namelist())) == len(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, zlib.error, EOFError):
        return []
    return names if whole else []


def damage_member(chance: random.Random, package: bytes, member: str, changes: tuple[Change, ...] = CHANGES) -> bytes:
    """The package, sound but for one member. Its entries bear no time of day: the same damage makes the same bytes."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as whole,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as damaged,
    ):
        for name in whole.namelist():
            data = whole.read(name)
            damaged.writestr(
                timeless_entry(name), chance.choice(changes)(chance, data) if name == member and data else data
            )
    return stream.getvalue()
