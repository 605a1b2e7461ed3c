"""A change in words: which column says what instead of what. Pure."""

from collections.abc import Iterator, Mapping

from app.people.changes.rules import Fields, Value
from app.people.identity import GENDER_WORDS, Gender
from app.people.rules import EDUCATION_WORDS, POLITICAL_STATUS_WORDS, Education, PoliticalStatus

COLUMN_WORDS: dict[str, tuple[str, str]] = {
    "id_number_masked": ("身份证号", "ID number"),
    "birth_date": ("出生日期", "Date of birth"),
    "gender": ("性别", "Gender"),
    "political_status": ("政治面貌", "Political status"),
    "unit_id": ("单位", "Unit"),
    "post": ("职务", "Post"),
    "in_post": ("是否在岗", "In post"),
    "name": ("姓名", "Name"),
    "education": ("学历", "Education"),
    "headcount": ("编制人数", "Headcount"),
    "quota_posts": ("员额", "Quota posts"),
}
"""In the order in which they are shown. The party organisation is not: that of who moves follows from the move."""


def written(before: Fields, after: Fields, units: Mapping[int, str]) -> Iterator[dict[str, str]]:
    """Each column that changes, as `app.people.changes.schemas.Written`; `units` are the names of units by id."""
    for name, (zh, en) in COLUMN_WORDS.items():
        if name in after:
            # Of a person who is not in the register yet nothing is changed.
            old = _words(name, before[name], units) if name in before else ("", "")
            new = _words(name, after[name], units)
            yield {
                "label_zh": zh,
                "label_en": en,
                "before_zh": old[0],
                "before_en": old[1],
                "after_zh": new[0],
                "after_en": new[1],
            }


def _words(name: str, value: Value, units: Mapping[int, str]) -> tuple[str, str]:
    match name:
        case "gender":
            return GENDER_WORDS[Gender(str(value))]
        case "political_status":
            return POLITICAL_STATUS_WORDS[PoliticalStatus(str(value))]
        case "education":
            return EDUCATION_WORDS[Education(str(value))]
        case "in_post":
            return ("在岗", "in post") if value else ("不在岗", "not in post")
        case "unit_id":
            unit = units[int(value or 0)]
            return unit, unit
        case _:
            return str(value), str(value)
