"""考试浏览器: an exam that is sat in Safe Exam Browser alone, its settings file and its keys. Pure.

Whether an exam asks for it is planned and approved with the exam; the settings are made when it is published, and anew
where there is a cause. Who is let in is decided in `app.attempts.lockdown`.
"""

import re
from enum import StrEnum

from app.errors import Conflict, FieldProblem, Invalid

MOST_EXAM_KEYS = 20
_KEY = re.compile(r"[0-9a-f]{64}")
_BLANKS = re.compile(r"\s+")


class Platform(StrEnum):
    """What a version of the browser runs on."""

    WINDOWS = "windows"
    MACOS = "macos"
    IPADOS = "ipados"


class NoLockdown(Conflict):
    """The exam does not ask for the browser, or is not published yet."""

    code = "lockdown.none"
    zh = "本场考试未要求使用安全考试浏览器，或尚未发布。"
    en = "This exam does not ask for Safe Exam Browser, or is not published yet."


class LockdownBegun(Conflict):
    """Once the sitting has begun, new settings would turn everybody away."""

    code = "lockdown.begun"
    zh = "考试已经开始，不能再重新生成设置文件；个别座位的问题请由监考员豁免。"
    en = "The exam has begun: its settings are not made anew. For a single seat the proctor gives a waiver."


class ExamKeyKnown(Conflict):
    """The same key is listed already."""

    code = "lockdown.key_known"
    zh = "这个浏览器密钥已经登记。"
    en = "This Browser Exam Key is listed already."


class ExamKeysTooMany(Conflict):
    """More versions than anybody can have tested."""

    code = "lockdown.too_many_keys"
    zh = "每场考试最多登记 {most} 个浏览器密钥，请先停用不再使用的版本。"
    en = "An exam lists at most {most} Browser Exam Keys; withdraw those of versions that are not used any more."


def read_exam_key(text: str) -> str:
    """A Browser Exam Key as somebody copied it, with blanks and in any case: 64 lower-case hex digits. Raises
    Invalid naming `exam_key`."""
    key = _BLANKS.sub("", text).lower()
    if not _KEY.fullmatch(key):
        raise Invalid(
            FieldProblem(
                "exam_key",
                "浏览器密钥应为 64 位十六进制字符，请从考试浏览器的设置界面完整复制。",
                "A Browser Exam Key has 64 hexadecimal digits; please copy it whole.",
            )
        )
    return key
