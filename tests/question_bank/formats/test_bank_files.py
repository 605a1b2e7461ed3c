"""Our own bank comes back from every format as it went in."""

import pytest

from question_bank.formats import read_bank
from question_bank.items import ItemType
from question_bank.kinds import problems_of
from tests.support.bank_files import bank_txt_gb18030, bank_xlsx, party_bank, party_bank_docx

FILES = {"docx": party_bank_docx, "xlsx": bank_xlsx, "txt": bank_txt_gb18030}


def test_the_bank_is_valid_and_has_120_items_without_duplicates():
    items = party_bank()
    assert len(items) == 120
    assert [problems_of(item) for item in items] == [[]] * 120
    assert len({(item.item_type, item.stem) for item in items}) == 120
    assert items == party_bank()


@pytest.mark.parametrize("file_format", FILES)
def test_every_item_comes_back_with_type_stem_options_key_topic_and_explanation(file_format):
    report = read_bank("题库", FILES[file_format]())
    assert report.format == file_format
    wanted = [(one.item_type, one.stem, one.body, one.topic, one.explanation) for one in party_bank()]
    found = [one.item for one in report.items]
    assert [(one.item_type, one.stem, one.body, one.topic, one.explanation) for one in found] == wanted
    assert report.counts == {
        ItemType.SINGLE_CHOICE: 60,
        ItemType.MULTIPLE_CHOICE: 24,
        ItemType.TRUE_FALSE: 36,
    }
    assert report.doubtful == ()
    assert report.refused == ()
    assert report.duplicates == ()


def test_the_encoding_of_text_is_told():
    assert read_bank("题库", bank_txt_gb18030()).encoding == "gb18030"
    assert read_bank("题库", party_bank_docx()).encoding == ""
