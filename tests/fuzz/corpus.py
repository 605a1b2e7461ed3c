"""Files to damage, by format: our own, and the real ones where CHIZHENG_REAL_DATA names their folder."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from app.authoring.packing import Pack, pack
from app.authoring.reading import Note, stage_item
from question_bank.formats import WRITERS, write_bank
from question_bank.items import Item
from question_bank.starter import FILES, read_file
from tests.support.bank_files import bank_lines, bank_txt_gb18030, bank_xlsx, party_bank, party_bank_docx
from tests.support.every_kind import EVERY

FORMATS = ("xlsx", "xls", "docx", "txt", "csv", "gift", "aiken", "moodle-xml", "qti", "json", "packs")
"""What the importer reads, and the packs in which the child that reads sends on what it has read."""

# Where the real files of a format lie; an xls needs one, for nothing here writes BIFF.
_REAL = {
    "xlsx": ("xlsx/*.xlsx", "ata/**/*.xlsx"),
    "xls": ("xlsx/*.xls",),
    "docx": ("docx/*.docx",),
    "txt": ("txt/*.txt",),
    "csv": ("ata/**/*.csv",),
    "gift": ("gift/**/*.gift", "gift/**/*.txt"),
    "aiken": ("aiken/**/*.txt",),
    "moodle-xml": ("moodle-xml/**/*.*",),
    "qti": ("qti/packages/*.zip", "qti/broken/*.zip", "qti/scoring/**/*.xml"),
    "json": (),
    "packs": (),
}
_CSV = "题型,题干,选项A,选项B,选项C,答案,解析,知识点\n"


def corpus(file_format: str, real: str = os.environ.get("CHIZHENG_REAL_DATA", "")) -> list[tuple[str, bytes]]:
    """(name, bytes) of the files of a format, ours first. Empty for xls without real files."""
    files = list(_own(file_format))
    for pattern in _REAL[file_format] if real else ():
        found = sorted(path for path in Path(real).glob(pattern) if path.is_file())
        files += [(str(path.relative_to(real)), path.read_bytes()) for path in found]
    return [(name, data) for name, data in files if data]


def packs_of(items: Sequence[Item]) -> list[Pack]:
    """Items as a child process packs them, seven at a time; every ninth of them is doubtful."""
    doubt = Note("text.test", "存疑", "doubtful", "第一行", "row 1")
    staged = [
        stage_item(at, item, ("第一行", "row 1"), (doubt,) if at % 9 == 8 else ()) for at, item in enumerate(items)
    ]
    return [pack(staged[at : at + 7]) for at in range(0, len(staged), 7)]


def _own(file_format: str) -> Iterator[tuple[str, bytes]]:
    few = party_bank()[::6]
    if file_format == "xlsx":
        yield "own.xlsx", bank_xlsx(few)
    elif file_format == "docx":
        yield "own.docx", party_bank_docx(few)
    elif file_format == "txt":
        lines = "\n".join(bank_lines(few))
        yield from (("gb18030.txt", bank_txt_gb18030(few)), ("utf-8.txt", lines.encode()))
        yield "utf-16.txt", lines.encode("utf-16")
        yield from ((name, read_file(name)) for name in FILES if name.endswith(".txt"))
    elif file_format == "csv":
        rows = "".join(f'单选题,第{n}条,甲,“乙”,"丙,丁",{"ABC"[n % 3]},见第{n}条,章程/第一章\n' for n in range(40))
        yield from (("own.csv", (_CSV + rows).encode()), ("gb18030.csv", (_CSV + rows).encode("gb18030")))
    elif file_format == "qti":
        yield from ((f"{version}.zip", write_bank(few, version).data) for version in ("qti21", "qti30"))
    elif file_format in ("gift", "aiken", "moodle-xml", "json"):
        yield f"own.{file_format}", write_bank(few, file_format).data
    elif file_format == "packs":
        ours, theirs = packs_of(party_bank()), packs_of(list(EVERY.values()))
        for name, packs in (("own", ours), ("other", theirs), ("turned", ours[::-1]), ("mixed", [ours[0], *theirs])):
            yield f"{name}.packs", msgspec.msgpack.encode(packs)
    if file_format in WRITERS or file_format == "qti":
        yield "every-kind", write_bank(list(EVERY.values()), "qti30" if file_format == "qti" else file_format).data
    if file_format == "json":
        yield "empty.json", json.dumps({"schema": "chizheng-bank/1", "items": [{}], "pictures": {"a": {}}}).encode()
