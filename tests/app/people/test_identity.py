import contextlib
import random
import warnings
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.people.identity import (
    BadCreditCode,
    BadIdNumber,
    CreditCodeChecksum,
    Gender,
    IdNumberChecksum,
    IdNumberDate,
    IdNumberMissing,
    IdNumberOutdated,
    IdNumberPlace,
    IdNumberRounded,
    mask,
    mask_name,
    parse_credit_code,
    parse_id_number,
    synthetic_id_number,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from stdnum.cn import ric, uscc

EXAMPLE = "11010519491231002X"  # the example printed in GB 11643


def test_number_says_birth_date_and_gender():
    parsed = parse_id_number(EXAMPLE)
    assert (parsed.number, parsed.birth_date, parsed.gender) == (EXAMPLE, date(1949, 12, 31), Gender.FEMALE)
    assert parse_id_number(synthetic_id_number("990101", date(1990, 2, 28), 7)).gender is Gender.MALE


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５１９４９１２３１００２ｘ",
        " 110105 19491231 002X\n",
        "\u3000110105\u00a019491231\u200b002X\ufeff",
        "'11010519491231002X",
        "‘11010519491231002X",
    ],
)
def test_every_way_of_typing_it_is_the_same_number(typed):
    assert parse_id_number(typed).number == EXAMPLE


@pytest.mark.parametrize("region", ["810000", "820000", "830000", "911156", "931840", "990101", "110105", "659004"])
def test_residents_of_hong_kong_macao_taiwan_and_permanent_residents_are_accepted(region):
    number = synthetic_id_number(region, date(1985, 6, 1), 12)
    assert parse_id_number(number).number == number


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", IdNumberMissing),
        (" \u3000 ", IdNumberMissing),
        ("1101051949123100", BadIdNumber),
        ("110105194912310021X", BadIdNumber),
        ("X1010519491231002X", BadIdNumber),
        ("11010519491231002Y", BadIdNumber),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢٢", BadIdNumber),
        ("110105491231002", IdNumberOutdated),
        ("010105194912310025", IdNumberPlace),
        ("160105194912310025", IdNumberPlace),
        ("110105194913310025", IdNumberDate),
        ("110105199002300025", IdNumberDate),
        ("110105000012310025", IdNumberDate),
        ("110105188001010014", IdNumberDate),
        ("110105194912310021", IdNumberChecksum),
        ("110105194913210020", IdNumberDate),
        ("1.10105194912310E+17", IdNumberRounded),
        ("1.10105E+17", IdNumberRounded),
        ("1.1e17", IdNumberRounded),
        (str(float(EXAMPLE[:17] + "2")), IdNumberRounded),
        ("110105194912310000", IdNumberRounded),
        ("110105194912310000.0", IdNumberRounded),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠2X", BadIdNumber),
        ("<script>alert(1)</script>", BadIdNumber),
        ("\x00" * 18, BadIdNumber),
        ("党" * 10_000, BadIdNumber),
    ],
)
def test_each_mistake_has_its_own_refusal(typed, refusal):
    with pytest.raises(BadIdNumber) as raised:
        parse_id_number(typed)
    assert type(raised.value) is refusal
    assert raised.value.sentence("zh")
    assert raised.value.sentence("en").isascii()


def test_rounded_number_says_what_to_do():
    with pytest.raises(IdNumberRounded) as raised:
        parse_id_number("1.10105194912310E+17")
    assert "请将该列设为文本格式后重新填写" in raised.value.zh


def test_real_number_that_ends_in_three_zeros_is_accepted():
    numbers = (synthetic_id_number("110105", date(1990, 1, day), 100) for day in range(1, 32))
    number = next(n for n in numbers if n.endswith("000"))
    assert parse_id_number(number).number == number


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{17}[0-9xX]", fullmatch=True))
def test_no_text_escapes_as_another_error(text):
    with contextlib.suppress(BadIdNumber):
        parse_id_number(text)
    with contextlib.suppress(BadCreditCode):
        parse_credit_code(text)


def test_checksum_agrees_with_the_oracle():
    draw = random.Random(11643)
    for _ in range(500):
        number = synthetic_id_number(
            str(draw.randint(110000, 659999)), date(draw.randint(1950, 2010), 3, 4), draw.randint(1, 999)
        )
        assert ric.calc_check_digit(number) == number[-1]


def test_every_changed_digit_and_every_swap_of_neighbours_is_noticed():
    for place in range(18):
        for other in "0123456789":
            if other != EXAMPLE[place]:
                with pytest.raises(BadIdNumber):
                    parse_id_number(EXAMPLE[:place] + other + EXAMPLE[place + 1 :])
    for place in range(16):
        swapped = EXAMPLE[:place] + EXAMPLE[place + 1] + EXAMPLE[place] + EXAMPLE[place + 2 :]
        if swapped != EXAMPLE:
            with pytest.raises(BadIdNumber):
                parse_id_number(swapped)


def test_number_never_shows_itself():  # P46
    parsed = parse_id_number(EXAMPLE)
    assert "1010519491231" not in repr(parsed)
    assert "1949" not in repr(parsed)
    with pytest.raises(BadIdNumber) as raised:
        parse_id_number("110105194912310021")
    assert "110105" not in f"{raised.value!r} {raised.value.zh} {raised.value.en} {raised.value.params}"


def test_mask_keeps_four_and_four():  # P46
    assert mask(EXAMPLE) == "1101**********002X"
    assert mask("1101051949") == "**********"
    assert mask("") == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("林梅", "林*"),
        ("林雪梅", "林*梅"),
        ("林张雪梅", "林**梅"),
        ("欧阳雪", "欧阳*"),
        ("欧阳雪梅", "欧阳*梅"),
        ("欧阳", "欧*"),
        ("阿依古丽·买买提", "阿***·**提"),
        ("John Smith", "J*** ****h"),
        ("林", "*"),
        ("", ""),
        ("  林  ", "*"),
        ("𠮷田梅", "𠮷*梅"),
    ],
)
def test_public_notice_hides_the_name_but_for_its_ends(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("region", "sequence"), [("99010", 1), ("99010x", 1), ("990101", 0), ("990101", 1000), ("９９０１０１", 1)]
)
def test_synthetic_number_of_impossible_parts_is_refused(region, sequence):
    with pytest.raises(ValueError, match="six digits"):
        synthetic_id_number(region, date(1990, 1, 1), sequence)


def test_credit_code_agrees_with_the_oracle():
    draw = random.Random(32100)
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for _ in range(500):
        body = "11" + "".join(draw.choices("0123456789", k=6)) + "".join(draw.choices(alphabet, k=9))
        code = body + uscc.calc_check_digit(body)
        assert parse_credit_code(code.lower()) == code
        wrong = body + alphabet[(alphabet.index(code[-1]) + 1) % 31]
        with pytest.raises(CreditCodeChecksum):
            parse_credit_code(wrong)


@pytest.mark.parametrize("typed", ["", "91350100M000100Y4", "91350100M000100YI3", "91350I00M000100Y43", "党" * 18])
def test_credit_code_of_wrong_form_is_refused(typed):
    with pytest.raises(BadCreditCode):
        parse_credit_code(typed)


def test_credit_code_whose_region_has_letters_is_refused_though_its_checksum_holds():
    body = "91A50100M000100Y4"
    with pytest.raises(BadCreditCode) as raised:
        parse_credit_code(body + uscc.calc_check_digit(body))
    assert type(raised.value) is BadCreditCode


def test_credit_code_of_the_standard_is_accepted():
    assert parse_credit_code(" 91350100m000100y43 ") == "91350100M000100Y43"
