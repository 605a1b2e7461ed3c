"""What goes into and comes out of accounts."""

from datetime import datetime

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


class GrantShown(Shown):
    """A role that stands."""

    id: int
    role: Role
    unit_id: int | None
    granted_at: datetime


class AccountShown(Shown):
    """An account as the security administrator sees it."""

    id: int
    login: str
    person_name: str
    disabled_at: datetime | None
    has_factor: bool
    grants: list[GrantShown]


class ResetShown(Shown):
    """A reset of a second factor that waits for a second person."""

    id: int
    account_id: int
    login: str
    proposed_at: datetime
    mine: bool


class AccountsShown(Shown):
    """A page of accounts, and the resets that wait."""

    accounts: list[AccountShown]
    resets: list[ResetShown]
    search: str
    next_after: str | None


class SlipShown(Shown):
    """An activation code, shown once, to be printed."""

    id: int
    login: str
    code: str


class CodesShown(Shown):
    """A sheet of one-time codes, shown once, to be printed."""

    id: int
    login: str
    codes: list[str]


class ConfirmShown(Shown):
    """The page that asks for a fresh code; `next` is where it leads on to."""

    next: str


class FactorShown(Shown):
    """A second factor being enrolled: its secret, and the picture for a phone."""

    secret: str
    qr_svg: str
    next: str
