"""What is given and shown of banks as a whole."""

from app.authoring.rules import ItemState
from app.shapes import Given, Key, Line, Shown


class BankGiven(Given):
    """A new bank: for exams, or for practice alone."""

    name: Line
    owner_unit_id: Key
    practice: bool = False


class BankShown(Shown):
    """A bank with what it holds, by state, and whether I may import into it."""

    id: int
    name: str
    practice: bool
    counts: dict[ItemState, int]
    total: int
    imports: bool


class UnitChoice(Shown):
    """A unit that may own a bank."""

    id: int
    name: str


class BanksShown(Shown):
    """The banks of the author group, and the units that may own a new one."""

    banks: list[BankShown]
    owners: list[UnitChoice]
