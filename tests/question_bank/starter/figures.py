"""Figures in Chinese sentences: a number and its unit, in one spelling."""

import re

_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = "个工作日|工作日|个月|学时|年|日|天|岁|人|名|次|元|种|项|个|句|%"
_SAME = {"天": "日", "名": "人", "工作日": "个工作日"}
_NUMBER = r"\d+(?:\.\d+)?|[零一二两三四五六七八九十百]+"
_FIGURE = re.compile(rf"(?P<low>{_NUMBER})(?:(?:至|到|-|—)(?P<high>{_NUMBER}))?(?P<unit>{_UNITS})(?P<half>半)?")
_EVERY = {"每季度": "3", "每半年": "6", "每月": "1", "每年": "12", "每一年": "12", "每两年": "24"}


def figures_in(text: str) -> set[tuple[str, str]]:
    """Every (value, unit) that the text names, as the register writes them: 半年 is 6 个月, 一年半 is 18 个月."""
    found = {(months, "个月") for word, months in _EVERY.items() if word in text}
    text = text.replace("半年", "6个月")
    for one in _FIGURE.finditer(text):
        unit = _SAME.get(one["unit"], one["unit"])
        if one["half"] and unit == "年":
            found.add((str(12 * int(_plain(one["low"])) + 6), "个月"))
            continue
        value = _plain(one["low"]) + (f"-{_plain(one['high'])}" if one["high"] else "")
        found.add((value, unit))
    return found


def _plain(number: str) -> str:
    if number[0].isdecimal():
        return number
    if "百" in number:
        head, _, tail = number.partition("百")
        return str(100 * _DIGITS.get(head, 1) + (int(_plain(tail)) if tail else 0))
    if "十" in number:
        tens, _, ones = number.partition("十")
        return str(10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))
    return "".join(str(_DIGITS[digit]) for digit in number)
