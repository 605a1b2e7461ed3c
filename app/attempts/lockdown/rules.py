"""Rules of who is let in without the browser that an exam asks for, and how the others are told."""

from datetime import timedelta
from enum import StrEnum

from app.errors import Conflict, Forbidden

PASS_LIFE = timedelta(minutes=15)
"""How long the pages of a session open after one has proved the browser; what they send proves itself each time."""


class WaiverCause(StrEnum):
    """Why a seat may do without the browser (豁免)."""

    BROWSER_FAILS = "browser_fails"
    KEYS_REFUSED = "keys_refused"
    ASSISTIVE = "assistive"
    OTHER = "other"


class ExamBrowserNeeded(Forbidden):
    """The request does not come from the browser that the exam asks for."""

    code = "attempt.exam_browser"
    zh = "本场考试须用安全考试浏览器（SEB）。请从本场设置文件打开后再操作，如有困难请举手。已保存的作答都在。"
    en = (
        "This exam is sat in Safe Exam Browser (SEB) alone. Please open its settings file and go on from there, or "
        "raise your hand. Everything that was saved is kept."
    )


class NoBrowserAsked(Conflict):
    """There is nothing to prove and nothing to waive."""

    code = "lockdown.not_asked"
    zh = "本场考试不限浏览器。"
    en = "This exam may be sat in any browser."


class WaivedAlready(Conflict):
    """One waiver at a time."""

    code = "lockdown.waived"
    zh = "该座位已经豁免。"
    en = "This seat has a waiver already."


class NoWaiver(Conflict):
    """There is no waiver to withdraw."""

    code = "lockdown.no_waiver"
    zh = "该座位没有豁免，可能已由他人撤回。"
    en = "This seat has no waiver; somebody else may have withdrawn it already."
