"""The report of the real files names every file of the folder, and none that is not there."""

import pytest

from tests.question_bank.formats.real_files import differs, entries, found, unknown

pytestmark = pytest.mark.real_data


def test_every_file_is_named(real_data):
    assert unknown(real_data) == []
    assert [entry.path for entry in entries(real_data) if not (real_data / entry.path).is_file()] == []


def test_what_no_other_test_reads_is_read_or_refused_by_name(real_data):
    loose = [entry for entry in entries(real_data) if entry.expected.startswith("read, or")]
    assert len(loose) > 20
    assert [entry.path for entry in loose if differs(entry)] == []
    (workbook,) = (entry for entry in loose if entry.path.endswith(".xlsx"))
    assert found(real_data, workbook) == "refused: file.no_items"


def test_a_file_that_differs_is_told(real_data):
    def differ():
        assert [] == [1]

    entry = next(iter(entries(real_data)))
    assert (differs(entry), bool(differs(type(entry)(entry.path, "", differ)))) == ("", True)
