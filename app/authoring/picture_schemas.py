"""What the item's form asks for while one types, and what it is told."""

from typing import Annotated

from pydantic import Field

from app.authoring.schemas import Content
from app.shapes import Given, Shown


class LookGiven(Given):
    """Item texts as they are typed, to be looked at."""

    texts: Annotated[list[Content], Field(min_length=1, max_length=40)]


class PictureShown(Shown):
    """A picture that a bank holds, and the text that shows it; its description is still to be written."""

    sha256: str
    width: int
    height: int
    text: str


class ProblemShown(Shown):
    """What is wrong, or was lost, in both languages."""

    zh: str
    en: str


class PastedShown(Shown):
    """What was pasted as an item text, and what it could not keep."""

    text: str
    lost: list[ProblemShown]


class TextShown(Shown):
    """An item text as HTML, and what is wrong with it."""

    html: str
    problems: list[ProblemShown]


class LookShown(Shown):
    """Each text, in order."""

    texts: list[TextShown]
