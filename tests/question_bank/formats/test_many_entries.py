"""P43: a package may hold as many files as a bank has items, and no more; what is too much is refused at once."""

import io
import time
import zipfile

import pytest

from question_bank.errors import UnreadableFile
from question_bank.formats import read_bank, write_bank
from question_bank.formats.zip_guard import MOST_ENTRIES, MOST_ENTRIES_WITH_MANIFEST
from question_bank.items import Item, ItemType
from question_bank.kinds.true_false import judgement

RESOURCE = '<resource identifier="r{0}" type="imsqti_item_xmlv2p1" href="i{0}.xml"/>'


def package(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return stream.getvalue()


def refusal(data: bytes) -> str:
    began = time.process_time()
    with pytest.raises(UnreadableFile) as caught:
        read_bank("包.zip", data)
    assert time.process_time() - began < 2
    return caught.value.code


def test_our_own_package_of_many_items_is_read_back():
    item = Item(ItemType.TRUE_FALSE, "预备期为一年。", judgement(is_true=True))
    stream = io.BytesIO(write_bank([item] * 10, "qti21").data)
    with zipfile.ZipFile(stream, "a") as packed:
        for number in range(MOST_ENTRIES):
            packed.writestr(f"items/more-{number}.xml", b"")
    report = read_bank("题库.zip", stream.getvalue())
    assert (len(report.items), report.refused) == (10, ())


def test_entries_are_counted_before_they_are_read():
    many = {f"{number}": b"" for number in range(MOST_ENTRIES_WITH_MANIFEST)}
    assert refusal(package({"imsmanifest.xml": b"<manifest/>"} | many)) == "file.too_many_entries"
    assert refusal(b"PK\x03\x04" + b"PK\x01\x02".ljust(46, b"\0") * 1_000_000) == "file.too_many_entries"


def test_many_small_files_do_not_add_up_to_more_than_a_bank():
    files = {f"i{number}.xml": b"<a>" + b" " * 100_000 for number in range(2_200)}
    listed = "".join(RESOURCE.format(number) for number in range(2_200))
    manifest = f"<manifest><resources>{listed}</resources></manifest>".encode()
    assert refusal(package({"imsmanifest.xml": manifest} | files)) == "file.unpacks_too_big"
