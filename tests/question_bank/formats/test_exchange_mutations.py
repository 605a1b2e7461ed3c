"""Damaged exchange files: a report or an `UnreadableFile`, soon, and never anything else."""

import io
import random
import zipfile
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats import WRITERS, write_bank
from tests.question_bank.formats.test_mutations import CHANGES, QUICK, survives
from tests.support.bank_files import party_bank


@cache
def written(file_format):
    return write_bank(party_bank()[::9], file_format).data


@pytest.mark.parametrize("file_format", WRITERS)
@settings(QUICK, max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_damaged_bytes(file_format, seed):
    chance = random.Random(seed)
    survives(chance.choice(CHANGES)(chance, written(file_format)))


@pytest.mark.parametrize("file_format", ["qti21", "qti30"])
@settings(QUICK, max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_damage_inside_a_sound_package(file_format, seed):
    chance = random.Random(seed)
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written(file_format))) as package, zipfile.ZipFile(stream, "w") as damaged:
        hurt = chance.choice(package.namelist())
        for name in package.namelist():
            data = package.read(name)
            damaged.writestr(name, chance.choice(CHANGES)(chance, data) if name == hurt else data)
    survives(stream.getvalue())
