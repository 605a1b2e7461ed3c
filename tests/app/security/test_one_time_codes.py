import pytest

from app.security import one_time_codes as codes

KEY = bytes(32)


def test_a_sheet_has_ten_different_codes_without_look_alikes():
    sheet = codes.draw_sheet()
    assert len(set(sheet)) == 10
    for code in sheet:
        assert len(code) == 9
        assert code[4] == "-"
        assert not set("01OILU") & set(code)


def test_a_code_is_found_among_its_owner_s_and_nowhere_else():
    sheet = codes.draw_sheet()
    stored = [codes.digest(code, key=KEY, owner="7") for code in sheet]
    for position, code in enumerate(sheet):
        assert codes.match(code, stored, key=KEY, owner="7") == position
    assert codes.match(sheet[0], stored, key=KEY, owner="8") is None
    assert codes.match(sheet[0], stored, key=bytes(31) + b"x", owner="7") is None
    assert codes.match(sheet[0], stored[1:], key=KEY, owner="7") is None
    assert codes.match(sheet[0], [], key=KEY, owner="7") is None


def test_stored_digests_tell_nothing_of_the_code():
    assert "ABCD" not in codes.digest("ABCD-2345", key=KEY, owner="7").upper()
    assert codes.digest("ABCD-2345", key=KEY, owner="7") != codes.digest("ABCD-2345", key=KEY, owner="8")


@pytest.mark.parametrize("typed", ["abcd-2345", "ABCD2345", " abcd 2345 ", "ＡＢＣＤ－２３４５", "ABCD—2345"])
def test_a_code_may_be_typed_as_people_type(typed):
    assert codes.read(typed) == "ABCD2345"


@pytest.mark.parametrize("typed", ["", "ABCD-234", "ABCD-23456", "ABCD-2340", "\ud800" * 8, "A" * 10_000, "\0" * 8])
def test_what_is_no_code_is_refused_quietly(typed):  # P41
    assert codes.read(typed) is None
    assert codes.match(typed, [codes.digest("ABCD-2345", key=KEY, owner="7")], key=KEY, owner="7") is None
    with pytest.raises(ValueError, match="not a code"):
        codes.digest(typed, key=KEY, owner="7")
