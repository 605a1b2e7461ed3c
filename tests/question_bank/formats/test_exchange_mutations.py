"""Damaged exchange files: a report or an `UnreadableFile`, soon, and never anything else."""

import io
import random
import zipfile
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats import WRITERS, write_bank
from tests.question_bank.formats.test_mutations import QUICK, survives
from tests.support.bank_files import party_bank
from tests.support.damage import CHANGES, damage_member


@cache
def written(file_format):
    return write_bank(party_bank()[::9], file_format).data


@pytest.mark.parametrize("file_format", WRITERS)
@settings(QUICK, max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_damaged_bytes(file_format, seed):
    chance = random.Random(seed)
    survives(chance.choice(CHANGES)(chance, written(file_format)))


@pytest.mark.parametrize("file_format", ["qti21", "qti30"])
@settings(QUICK, max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_damage_inside_a_sound_package(file_format, seed):
    chance = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(written(file_format))) as package:
        member = chance.choice(package.namelist())
    survives(damage_member(chance, written(file_format), member))
