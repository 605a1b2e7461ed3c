"""What the audit administrator is shown."""

from datetime import datetime

from app.jobs.rules import JobState
from app.shapes import Shown


class FactShown(Shown):
    """One member of a record, before and after the act; "" where the act says nothing of it."""

    name: str
    before: str
    after: str


class RecordShown(Shown):
    """One record: who did what to what, when, from where, and why."""

    id: int
    at: datetime | None
    at_text: str
    """As stored, where it is no moment that can be read."""
    who: str
    """The person's name; empty for the public and for the service's own processes."""
    login: str
    actor_kind: str
    process: str
    """Which process of the service acted; empty for people."""
    action: str
    action_zh: str
    action_en: str
    subject_kind: str
    subject_zh: str
    subject_en: str
    subject_id: str
    subject_name: str
    """The person that the subject is or belongs to, where it is a person or an account."""
    reason: str
    address: str
    """The beginning of the address's keyed digest: equal ones are the same place."""
    request_id: str
    facts: list[FactShown]


class ChoiceShown(Shown):
    """Something to filter by, with its words."""

    value: str
    zh: str
    en: str


class CheckShown(Shown):
    """A check of the stored log that was asked for: how far it is, or what it found, in both languages."""

    state: JobState
    asked_at: datetime
    finished_at: datetime | None
    ok: bool | None
    first_bad_record: int | None
    zh: str
    en: str


class StandingShown(Shown):
    """How the log stands."""

    sealed: int
    unsealed: int
    anchored_at: datetime | None
    anchor_fresh: bool
    check: CheckShown | None


class LogShown(Shown):
    """A page of the log, what it was filtered by, and what may be chosen."""

    standing: StandingShown
    records: list[RecordShown]
    who: str
    kind: str
    action: str
    subject: str
    subject_id: str
    since: str
    until: str
    filtered: bool
    actions: list[ChoiceShown]
    subjects: list[ChoiceShown]
    next_before: int | None


class AnchorShown(Shown):
    """One anchor."""

    id: int
    gap: bool
    """Whether it explains a restore, rather than saying how the log stands."""
    at: datetime
    age_seconds: int
    tree_size: int
    root_hash: str
    key_id: str


class AnchorsShown(Shown):
    """The anchors, and how the log stands."""

    standing: StandingShown
    anchors: list[AnchorShown]
    outside: int | None
    """The number of the newest anchor in the file outside; None where this process cannot see the file."""
    next_before: int | None
