"""What goes into and comes out of proving a browser and doing without it."""

from typing import Annotated

from pydantic import Field

from app.attempts.lockdown.rules import WaiverCause
from app.shapes import Done, Given, Key, Line

Hash = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{64})?$")]


class BrowserGiven(Given):
    """The hashes that a page has read of its own address."""

    config_hash: Hash
    exam_hash: Hash = ""


class BrowserProved(Done):
    """`id` is the registration."""

    exam_id: int


class WaiverGiven(Given):
    """Whose seat does without the browser, and why."""

    registration_id: Key
    cause: WaiverCause
    note: Line


class WaiverEndGiven(Given):
    """Whose seat is asked for the browser again."""

    registration_id: Key
