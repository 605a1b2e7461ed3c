"""P43: whatever a file asks for, it is refused within two seconds of processor time and within the limit of memory."""

import io
import time
import zipfile
import zlib

from app.jobs.child import run_in_child
from question_bank.errors import UnreadableFile
from question_bank.formats import open_bank

SECONDS = 2.0
MEMORY_MB = 512
"""What a deployment gives its reader (`Settings.import_memory_mb`)."""
SHEET = "xl/worksheets/sheet1.xml"
ROOT = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def refuse_all(names: list[str]) -> dict[str, tuple[str, float]]:
    """By name of the bomb: the code of its refusal, and processor seconds until it came."""
    found = {}
    for name in names:
        data = BOMBS[name]()
        began, code = time.process_time(), "read"
        try:
            for _ in open_bank(data):
                pass
        except UnreadableFile as refusal:
            code = refusal.code
        found[name] = code, time.process_time() - began
    return found


def package(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return stream.getvalue()


def workbook(cells: str) -> bytes:
    return package({"xl/workbook.xml": b"<w/>", SHEET: (ROOT + cells + "</sheetData></worksheet>").encode()})


def unpacking(member: str, megabytes: int) -> bytes:
    """A member that unpacks to so much, packed a thousand times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = b"".join(packer.compress(b" " * 2**20) for _ in range(megabytes)) + packer.flush()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("xl/workbook.xml", b"<w/>")
        packed.writestr(member, stream)
    made = bytearray(whole.getvalue())
    for at in (made.index(member.encode()) - 30 + 8, made.rindex(member.encode()) - 46 + 10):
        made[at : at + 2] = zipfile.ZIP_DEFLATED.to_bytes(2, "little")
    return bytes(made)


BOMBS = {
    "bytes": lambda: unpacking(SHEET, 210),
    "entries": lambda: package({f"word/{n}.xml": b"" for n in range(2_001)} | {"word/document.xml": b"<w/>"}),
    "archives": lambda: package({"xl/workbook.xml": b"<w/>", "xl/embeddings/a.zip": package({"b.zip": bytes(9)})}),
    "entities": lambda: package({"xl/workbook.xml": b"<w/>", SHEET: b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'}),
    "depth": lambda: package({"word/document.xml": b"<w>" * 200_000}),
    "corners": lambda: workbook(FAR),
    "cells": lambda: workbook('<row r="1"><c r="A1"><v>1</v></c></row>' * 2_000_001),
    "rows": lambda: workbook("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 260_001))),
    "blanks": lambda: workbook(("<row>" + '<c s="1"/>' * 1_000 + "</row>") * 1_100),
    "lines": lambda: b"1\n" * 200_001,
    "columns": lambda: "题干,答案\n".encode() + b"," * 256,
}


def test_every_bomb_is_refused_in_time_and_within_memory():
    found = run_in_child(refuse_all, list(BOMBS), seconds=120, memory_mb=MEMORY_MB)
    late = {name: seconds for name, (_, seconds) in found.items() if seconds > SECONDS}
    assert {name: code for name, (code, _) in found.items() if not code.startswith("file.")} == {}
    assert late == {}
