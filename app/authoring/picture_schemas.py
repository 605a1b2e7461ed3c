"""What the item's form asks for while one types, and what it is told."""

from app.authoring.asking_schemas import ItemAsked
from app.shapes import Shown


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


class MarkerTextShown(Shown):
    """What those who mark are shown and no candidate is: its name in both languages, and the text."""

    zh: str
    en: str
    text: str


class LookShown(Shown):
    """An item as far as it was typed: `asked` as its candidate will see it (of a case its parts), `marking` what only
    those who mark see, and what is wrong with its texts. Points, numbers and orders are the form's to give."""

    bank_id: int
    asked: list[ItemAsked]
    marking: list[MarkerTextShown]
    explanation: str
    problems: list[ProblemShown]
