"""What goes into and comes out of accounts."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.security.permissions import Role
from app.shapes import Given, Key, Line, OptionalLine, Prose, Secret, Shown


class SignInGiven(Given):
    """What the sign-in page sends. `code` is for staff."""

    login: Line
    password: Secret
    code: OptionalLine = ""
    next: OptionalLine = "/"


class ActivateGiven(Given):
    """What the page for an activation slip sends."""

    login: Line
    code: Line
    password: Secret


class CodeGiven(Given):
    """A one-time code, and where to go on."""

    code: Line
    next: OptionalLine = "/"


class AccountGiven(Given):
    """A new account for a person."""

    person_id: Key
    login: Line


class GrantGiven(Given):
    """A role within a part of the unit tree; without a unit, everywhere."""

    role: Role
    unit_id: Key | None = None


class ReasonGiven(Given):
    """Why."""

    reason: Prose


class SlipsGiven(Given):
    """The accounts for which activation slips are printed."""

    account_ids: Annotated[list[Key], Field(min_length=1, max_length=200)]


class GrantShown(Shown):
    """A role that stands; without a unit it holds everywhere."""

    id: int
    role: Role
    role_zh: str
    role_en: str
    unit_id: int | None
    unit_name: str
    granted_at: datetime


class ChoiceShown(Shown):
    """Something to choose, with its words."""

    value: str
    zh: str
    en: str


class AccountShown(Shown):
    """An account as the security administrator sees it."""

    id: int
    login: str
    person_name: str
    unit_name: str
    disabled_at: datetime | None
    activated: bool
    has_factor: bool
    grants: list[GrantShown]


class AccountPage(Shown):
    """One account with what can be done to it; `own` where it is the reader's."""

    account: AccountShown
    own: bool
    codes_left: int
    roles: list[ChoiceShown]
    units: list[ChoiceShown]


class FoundPerson(Shown):
    """A person for whom an account may be made."""

    id: int
    name: str
    unit_name: str
    post: str
    id_number_masked: str
    logins: list[str]


class NewAccountPage(Shown):
    """Persons that were searched for."""

    search: str
    persons: list[FoundPerson]


class ResetShown(Shown):
    """A reset of a second factor that waits for a second person."""

    id: int
    account_id: int
    login: str
    person_name: str
    proposed_at: datetime
    mine: bool


class AccountsShown(Shown):
    """A page of accounts, and the resets that wait."""

    accounts: list[AccountShown]
    resets: list[ResetShown]
    search: str
    who: str
    next_after: str | None


class SlipShown(Shown):
    """An activation code, shown once, to be printed."""

    id: int
    login: str
    person_name: str
    unit_name: str
    code: str
    ends_at: datetime


class SlipsShown(Shown):
    """Activation slips for several people, to be cut apart; `address` is where they are used."""

    slips: list[SlipShown]
    address: str


class CodesShown(Shown):
    """A sheet of one-time codes, shown once, to be printed."""

    id: int
    login: str
    person_name: str
    codes: list[str]


class ConfirmShown(Shown):
    """The page that asks for a fresh code; `next` is where it leads on to."""

    next: str


class FactorShown(Shown):
    """A second factor being enrolled: its secret, and the picture for a phone."""

    secret: str
    qr_svg: str
    next: str
