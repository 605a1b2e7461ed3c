"""What goes into and comes out of registering by the person."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.exams.registering.rules import RegistrationWay
from app.exams.rules import RegistrationState
from app.exams.schemas import AnswerShown
from app.shapes import Given, OptionalLine, Shown
from question_bank.items import Level

Version = Annotated[int, Field(ge=1, le=1_000_000)]


class ApplyGiven(Given):
    """The version of the notice that was read and is accepted with the registration."""

    consent: Version


class ConsentGiven(Given):
    """The version of the notice that was read, and where to go on."""

    version: Version
    next: OptionalLine = ""


class ConsentDone(Shown):
    """Where to go on, and how many registrations the consent was given for."""

    next: str
    registrations: int


class ParagraphShown(Shown):
    """A paragraph of the notice in both languages."""

    zh: str
    en: str


class NoticeShown(Shown):
    """The notice as it is asked now; `lacking` is how many registrations of the reader do without."""

    version: int
    paragraphs: list[ParagraphShown]
    lacking: int
    next: str


class OwnRegistration(Shown):
    """My registration as it stands."""

    state: RegistrationState
    remark: str
    registered_at: datetime
    by_myself: bool
    endorsed_at: datetime | None
    consent_version: int | None
    consent_at: datetime | None


class ExamToEnter(Shown):
    """An exam that I may enter or have entered: what is asked, when, and how I stand."""

    exam_id: int
    name: str
    level: Level
    way: RegistrationWay
    registration_closes_at: datetime
    endorsement_closes_at: datetime | None
    starts_at: datetime
    eligible: bool
    answers: list[AnswerShown]
    mine: OwnRegistration | None
    may_apply: bool
    may_take_back: bool


class OwnRegistrationsShown(Shown):
    """The exams that I may enter or have entered, and the notice that registering accepts."""

    exams: list[ExamToEnter]
    notice: NoticeShown
