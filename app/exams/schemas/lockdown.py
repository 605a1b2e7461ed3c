"""What goes into and comes out of the browser that an exam asks for."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.exams.lockdown import Platform
from app.shapes import Given, Line, Shown


class ExamKeyGiven(Given):
    """A version with its Browser Exam Key, as copied."""

    platform: Platform
    version: Annotated[Line, Field(max_length=40)]
    exam_key: Annotated[Line, Field(max_length=200)]


class ExamKeyShown(Shown):
    """A version that may be used."""

    id: int
    platform: Platform
    version: str
    exam_key: str
    listed_by: str
    listed_at: datetime


class LockdownShown(Shown):
    """The browser of an exam, for those who run it. `open_href` opens the settings in the browser itself."""

    exam_id: int
    exam_name: str
    starts_at: datetime
    config_key: str
    quit_password: str
    check_href: str
    open_href: str
    made_at: datetime
    exam_keys: list[ExamKeyShown]
    may_list: bool
    may_renew: bool


class BrowserCheck(Shown):
    """What the check page says of the browser that opened it. `checked`: it has shown something; `configured`: it runs
    with the settings of this exam; `listed`: its version is among those that may be used, None where all may;
    `version` names it. Hashes count at `page`; `ready` is all of it together."""

    exam_name: str
    starts_at: datetime
    page: str
    open_href: str
    checked: bool
    configured: bool
    listed: bool | None
    version: str
    ready: bool
    now: datetime


class QuitShown(Shown):
    """Where the browser ends."""
