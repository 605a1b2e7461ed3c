"""The long tier itself: what it must see it sees, and the same seed damages the same files in the same way (P43)."""

import io
import random
import time
import zipfile
from itertools import islice

import pytest

from question_bank.errors import UnreadableFile
from tests.fuzz.corpus import FORMATS, corpus
from tests.fuzz.long_tier import damaged, run
from tests.fuzz.reading import read_apart
from tests.support.damage import damage_member


def refuse(_name, _data):
    raise UnreadableFile("file.test", zh="不行", en="no")


def crash(_name, _data):
    raise ZeroDivisionError


def spin(_name, _data):
    while True:
        pass


def devour(_name, _data):
    return [bytes(2**24) for _ in range(1_000)]


def vanish(_name, _data):
    raise SystemExit


def keep(_name, data):
    return data


def sleep(_name, _data):
    time.sleep(60)


@pytest.mark.parametrize(
    ("read", "kind"),
    [(refuse, "refused"), (crash, "exception"), (vanish, "exception"), (devour, "memory"), (keep, "read")],
    ids=["refuse", "crash", "vanish", "devour", "read"],
)
def test_every_end_of_a_reader_is_told_apart(read, kind):
    assert read_apart("a", b"b", read=read).kind == kind


@pytest.mark.parametrize("read", [spin, sleep])
def test_a_reader_without_end_is_a_hang(read):
    assert read_apart("a", b"b", read=read, seconds=1 if read is spin else 0).kind == "hang"


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_same_seed_damages_the_same_files_in_the_same_way(file_format, tmp_path):
    sound = len(corpus(file_format))
    if not sound:
        return  # nothing here writes BIFF: an xls takes a real one
    once, again, other = (list(islice(damaged(file_format, seed), sound + 6)) for seed in ("1", "1", "2"))
    assert once == again != other
    tally = run(file_format, "3", 0.2, tmp_path)
    assert (tally.broken, tally.kept) == (0, [])
    assert tally.kinds["read"]


def test_damage_bears_no_time_of_day():
    # Else the same seed makes other bytes as soon as the clock has gone on by the two seconds that a package counts in.
    whole = next(data for _, data in corpus("xlsx"))
    with zipfile.ZipFile(io.BytesIO(damage_member(random.Random(1), whole, "xl/workbook.xml"))) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
