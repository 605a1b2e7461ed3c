"""Numbers that name a person or a unit: resident ID number (GB 11643), unified social credit code
(GB 32100).

Numbers are personal data (P46): nothing here repeats one in an error, and an `IdNumber` does not show itself in a log.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.errors import AppError
from app.people.names import SEPARATORS, split_name


class Gender(StrEnum):
    """性别, as the seventeenth digit of the ID number says."""

    MALE = "male"
    FEMALE = "female"


GENDER_WORDS: dict[Gender, tuple[str, str]] = {
    Gender.MALE: ("男", "Male"),
    Gender.FEMALE: ("女", "Female"),
}


class BadIdNumber(AppError):
    """The text is no resident ID number. Importers and forms show the sentence beside the cell or field."""

    code = "id_number.malformed"
    status = 422
    zh = "身份证件号码应为 18 位：前 17 位为数字，末位为数字或 X。"
    en = "An ID number has 18 characters: 17 digits and a last one that is a digit or X."


class IdNumberMissing(BadIdNumber):
    """Nothing was given."""

    code = "id_number.missing"
    zh = "请填写身份证件号码。"
    en = "Please give the ID number."


class IdNumberRounded(BadIdNumber):
    """A spreadsheet kept the number as a number, 15 digits long, and lost the rest: it cannot be read back."""

    code = "id_number.rounded"
    zh = "身份证件号码已被表格软件四舍五入，请将该列设为文本格式后重新填写。"
    en = "The spreadsheet has rounded the ID number; please set the column to text and enter the number again."


class IdNumberOutdated(BadIdNumber):
    """The 15-digit number of the first generation, out of use since 2013."""

    code = "id_number.outdated"
    zh = "15 位身份证号码已停用，请填写 18 位号码。"
    en = "ID numbers of 15 digits are no longer in use; please give the one of 18."


class IdNumberPlace(BadIdNumber):
    """The number begins with no province."""

    code = "id_number.place"
    zh = "身份证件号码的地区码不存在，请核对前两位。"
    en = "The ID number begins with a region that does not exist; please check its first two digits."


class IdNumberDate(BadIdNumber):
    """Digits 7 to 14 are no day of the calendar, or one before 1900."""

    code = "id_number.date"
    zh = "身份证件号码中的出生日期不存在，请核对第 7 至 14 位。"
    en = "The date of birth in the ID number does not exist; please check digits 7 to 14."


class IdNumberChecksum(BadIdNumber):
    """One digit is wrong, or two were swapped."""

    code = "id_number.checksum"
    zh = "身份证件号码校验不符，请逐位核对。"
    en = "The ID number fails its check digit; please compare it digit by digit."


class BadCreditCode(AppError):
    """The text is no unified social credit code."""

    code = "credit_code.malformed"
    status = 422
    zh = "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）。"
    en = "A unified social credit code has 18 digits or letters (never I, O, S, V or Z)."


class CreditCodeChecksum(BadCreditCode):
    """One character is wrong, or two were swapped."""

    code = "credit_code.checksum"
    zh = "统一社会信用代码校验不符，请逐位核对。"
    en = "The unified social credit code fails its check character; please compare it character by character."


@dataclass(frozen=True)
class IdNumber:
    """A valid number in its one spelling (18 characters, capital X) and what it says. Its repr shows neither number
    nor date of birth."""

    number: str = field(repr=False)
    birth_date: date = field(repr=False)
    gender: Gender


# Provinces of GB/T 2260. Six-digit regions are not looked up: they are redrawn every year, and a number keeps the one
# of its first issue. 81, 82 and 83 stand in the residence permits of Hong Kong, Macao and Taiwan residents.
_PROVINCES = frozenset(re.findall("..", "1112131415212223313233343536374142434445465051525354616263646571818283"))
_FOREIGN = "9"
"""First digit of the permanent-resident identity card of foreign nationals (since 2023): 9, province, nationality."""

_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+|[0-9]{15,18}\.0+")
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_EARLIEST_BIRTH_YEAR = 1900


def parse_id_number(text: str) -> IdNumber:
    """Read a resident ID number, with full-width digits, a small x, spaces and a leading apostrophe accepted.

    Raises BadIdNumber or one of its kinds. A cell that the file holds as a number must be handed over as
    `str(float(value))`: it is refused as rounded then, even in the one case of eleven where the zeros that stand for
    the lost digits happen to satisfy the checksum. A date of birth in the future is the caller's to refuse: there is
    no clock here.
    """
    number = _compact(text)
    if not number:
        raise IdNumberMissing
    if _ROUNDED.fullmatch(number):
        raise IdNumberRounded
    if re.fullmatch(r"[0-9]{15}", number):
        raise IdNumberOutdated
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise BadIdNumber
    try:
        return _read(number)
    except BadIdNumber:
        if number.endswith("000"):
            raise IdNumberRounded from None
        raise


def _read(number: str) -> IdNumber:
    if number[:2] not in _PROVINCES and number[0] != _FOREIGN:
        raise IdNumberPlace
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdNumberDate from None
    if born.year < _EARLIEST_BIRTH_YEAR:
        raise IdNumberDate
    if _check_digit(number[:17]) != number[17]:
        raise IdNumberChecksum
    return IdNumber(number, born, Gender.MALE if int(number[16]) % 2 else Gender.FEMALE)


def parse_credit_code(text: str) -> str:
    """Read a unified social credit code (GB 32100) and return its one spelling: 18 characters, capitals.

    Only the check character of the whole is judged, as the registers do: old organisation codes inside it do not
    always satisfy their own. Raises BadCreditCode or CreditCodeChecksum.
    """
    code = _compact(text)
    if len(code) != 18 or not set(code) <= set(_CREDIT_ALPHABET) or not re.fullmatch(r"[0-9]{6}", code[2:8]):
        raise BadCreditCode
    weighed = sum(_CREDIT_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(code[:17]))
    if _CREDIT_ALPHABET[-weighed % 31] != code[17]:
        raise CreditCodeChecksum
    return code


def mask(number: str) -> str:
    """The number as pages show it (P46): the first four and the last four characters; nothing at all of a text too
    short to keep ten hidden."""
    if len(number) < 18:
        return "*" * len(number)
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def mask_name(name: str) -> str:
    """The name as a public notice shows it: the surname, a star per hidden character, and the last character where
    the given name has more than one: 林* 林*梅 欧阳* 欧阳*梅.

    A name without a Chinese surname (with ·, or in Latin letters) keeps its first and its last character.
    """
    name = " ".join(name.split())
    if len(name) < 2:
        return "*" * len(name)
    surname, given = split_name(name)
    head, rest = (surname, given) if surname else (name[0], name[1:])
    shown = rest[-1] if len(rest) > 1 else ""
    hidden = rest[: len(rest) - len(shown)]
    return head + "".join(c if c in SEPARATORS or c == " " else "*" for c in hidden) + shown


def synthetic_id_number(region: str, birth: date, sequence: int) -> str:
    """An ID number for demonstrations and tests, right in form and checksum.

    `region` has six digits; the demo uses 990101, a permanent-resident prefix whose province (90) does not exist, so
    the number can belong to nobody. `sequence` is 1 to 999, odd for a man. Raises ValueError otherwise.
    """
    if not re.fullmatch(r"[0-9]{6}", region) or not 1 <= sequence <= 999:
        raise ValueError("a region has six digits, and a sequence is between 1 and 999")
    body = f"{region}{birth:%Y%m%d}{sequence:03d}"
    return body + _check_digit(body)


def _check_digit(body: str) -> str:
    """The check character of 17 digits: ISO 7064, MOD 11-2."""
    weighed = sum(int(c) * pow(2, 17 - place, 11) for place, c in enumerate(body))
    return "10X98765432"[weighed % 11]


def _compact(text: str) -> str:
    """One spelling: half-width, capitals, no blanks (nor invisible characters that copying brings along)."""
    plain = unicodedata.normalize("NFKC", text).upper().strip().lstrip("'‘’`")
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf")
