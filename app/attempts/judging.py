"""What becomes of each save of a batch, judged inside its transaction: who, whose, open, in time, in which epoch,
which revision. Knows no thread and no queue; `app.attempts.journal` calls it with a lane that has begun.

A save stands or falls as a whole: one refused change refuses the request that brought it.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from app.accounts.rules import session_over
from app.attempts.lanes import Held, Lane, Place, Row, Writer
from app.attempts.messages import Change, Result
from app.attempts.receipts import ReceiptBook
from app.attempts.rules import (
    Closed,
    Late,
    OtherSession,
    RefusedWhy,
    RevisionConflict,
    Stored,
    Verdict,
    is_late,
    judge_revision,
)
from app.errors import AppError, FieldProblem, Forbidden, Invalid, NotFound, Unauthenticated
from app.security.permissions import ROLE_CAPABILITIES, STAFF, Capability
from question_bank.errors import InvalidResponse
from question_bank.items import ItemType
from question_bank.kinds import AnyKind, Extent, kind_of

_SEEN_EVERY = timedelta(minutes=1)
_SHAPES = 20_000


@dataclass(slots=True)
class Save:
    """One request: the changes it brought, by whom, and when its complete body was in. Without changes it is a look
    at the time: nothing is held, nothing is kept."""

    attempt_id: int
    token_digest: str
    arrived_at: datetime
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A save that stands: how the attempt is, and a result for each change in the order sent."""

    is_open: bool
    deadline_at: datetime
    epoch: int
    writing: bool
    results: list[Result]


Outcome = Kept | AppError
Shape = tuple[tuple[AnyKind, Extent], ...]
"""What may be said at each position of a form: the kind of its item, and how much of it a response can name."""


class _Entry(msgspec.Struct):
    item_type: ItemType
    option_order: list[int] = []
    order: list[int] = []
    slots: int = 0


class _Section(msgspec.Struct):
    entries: list[_Entry]


class _Form(msgspec.Struct):
    """As much of the sealed form's JSON as a save must know; `option_order` in the first schema, `order` since."""

    sections: list[_Section]


class Shapes:
    """The shapes of the forms last used. A sealed form never changes (P17), so that what is remembered stays true."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, Shape] = OrderedDict()

    def of(self, form_id: int, lane: Lane) -> Shape:
        """The shape of that form."""
        known = self._known.get(form_id)
        if known is None:
            form = msgspec.json.decode(lane.form_contents([form_id])[form_id], type=_Form)
            known = tuple(
                (kind_of(entry.item_type), Extent(len(entry.order or entry.option_order), entry.slots))
                for section in form.sections
                for entry in section.entries
            )
            self._known[form_id] = known
            if len(self._known) > _SHAPES:
                self._known.popitem(last=False)
        return known


@dataclass
class Judge:
    """What judging leans on; one for the life of a journal."""

    receipts: ReceiptBook
    grace: timedelta
    idle: timedelta
    shapes: Shapes = field(default_factory=Shapes)

    def judge(self, lane: Lane, saves: Sequence[Save]) -> list[Outcome]:
        """The outcome of each save, in order; what is to be kept has been handed to the lane, which then commits."""
        batch = _Batch(self, lane)
        batch.read(saves)
        outcomes = [batch.settle(save, rows) for save, rows in [(save, batch.admit(save)) for save in saves]]
        batch.write()
        return outcomes


class _Batch:
    """One transaction's worth of judging."""

    def __init__(self, judge: Judge, lane: Lane) -> None:
        self._judge = judge
        self._lane = lane
        self._held: dict[int, Held] = {}
        self._newest: dict[Place, Stored] = {}
        self._rows: list[Row] = []
        self._evidence: list[tuple[Row, RefusedWhy]] = []
        self._seen: set[int] = set()
        self._now: datetime | None = None

    def read(self, saves: Sequence[Save]) -> None:
        """Hold the attempts that are written, look at the others, and read what is stored."""
        written = sorted({save.attempt_id for save in saves if save.changes})
        looked = {save.attempt_id for save in saves}.difference(written)
        if written:
            places = {(save.attempt_id, change.position) for save in saves for change in save.changes}
            self._held, self._newest = self._lane.hold(written, sorted(places))
        if looked:
            self._held |= self._lane.look(sorted(looked))

    def admit(self, save: Save) -> list[Row] | AppError:
        """The rows that a save asks to be kept, or why nothing of it can be."""
        held = self._held.get(save.attempt_id)
        writes = held is not None and held.token_digest == save.token_digest
        writer = held.writer if held is not None and writes else self._lane.writer(save.token_digest)
        refusal = self._refuse_caller(writer, save.arrived_at)
        if refusal is not None or writer is None:
            return refusal or Unauthenticated()
        if held is None or held.person_id != writer.person_id:
            return NotFound()
        if save.arrived_at - writer.seen_at >= _SEEN_EVERY:
            self._seen.add(writer.session_id)
            self._now = save.arrived_at
        rows = self._rows_of(save, held)
        if isinstance(rows, AppError) or not save.changes:
            return rows
        return self._refuse_time_and_place(save, held, rows, writes=writes) or rows

    def _refuse_caller(self, writer: Writer | None, now: datetime) -> AppError | None:
        """The checks of the front door (`app.operation`, `app.accounts.sessions`), in hand-written form."""
        if writer is None or writer.disabled_at is not None:
            return Unauthenticated()
        if session_over(
            created_at=writer.created_at,
            seen_at=writer.seen_at,
            ends_at=writer.ends_at,
            ended_at=writer.ended_at,
            now=now,
            idle=self._judge.idle,
        ):
            return Unauthenticated()
        roles = writer.roles
        if writer.factor_at is None and roles & STAFF:
            roles = frozenset()
        if not any(Capability.ATTEMPT_SIT in ROLE_CAPABILITIES[role] for role in roles):
            return Forbidden()
        return None

    def _refuse_time_and_place(self, save: Save, held: Held, rows: list[Row], *, writes: bool) -> AppError | None:
        refusal: AppError | None = None
        why = RefusedWhy.LATE
        if is_late(deadline=held.deadline_at, grace=self._judge.grace, arrived=save.arrived_at):
            refusal = Late()
        elif not held.is_open:
            refusal, why = Closed(), RefusedWhy.CLOSED
        elif not writes or any(row.epoch != held.epoch for row in rows):
            refusal, why = OtherSession(), RefusedWhy.OTHER_SESSION
        if refusal is not None:
            self._evidence += [(row, why) for row in rows]
        return refusal

    def _rows_of(self, save: Save, held: Held) -> list[Row] | AppError:
        if not save.changes:
            return []
        shape = self._judge.shapes.of(held.form_id, self._lane)
        rows = []
        for index, change in enumerate(save.changes):
            if change.position > len(shape):
                return Invalid(
                    FieldProblem(f"changes.{index}.position", "试卷没有这道题。", "The form has no such item.")
                )
            kind, extent = shape[change.position - 1]
            try:
                response = kind.parse_response(change.response, extent)
            except InvalidResponse as error:
                return Invalid(FieldProblem(f"changes.{index}.response", error.zh, error.en))
            text = msgspec.json.encode(response).decode()
            rows.append(Row(save.attempt_id, change.position, change.revision, change.epoch, text, save.arrived_at))
        return rows

    def settle(self, save: Save, rows: list[Row] | AppError) -> Outcome:
        """Judge the revisions of an admitted save against what is stored and against the saves before it."""
        if isinstance(rows, AppError):
            return rows
        held = self._held[save.attempt_id]
        newest = dict[Place, Stored]()
        results, kept, conflicts = [], [], []
        for index, row in enumerate(rows):
            place = (row.attempt_id, row.position)
            before = newest.get(place) or self._newest.get(place)
            verdict = judge_revision(before, revision=row.revision, response=row.response)
            if verdict is Verdict.CONFLICT:
                conflicts.append(index)
                continue
            if verdict is Verdict.STORED or before is None:
                before = newest[place] = Stored(row.revision, row.response, row.arrived_at)
                kept.append(row)
            receipt = self._judge.receipts.write(*place, before.revision, before.response, before.at)
            results.append(Result(row.position, row.revision, verdict.value, before.revision, before.at, receipt))
        if conflicts:
            problems = (FieldProblem(f"changes.{i}", RevisionConflict.zh, RevisionConflict.en) for i in conflicts)
            return RevisionConflict(*problems)
        self._newest |= newest
        self._rows += kept
        writing = held.is_open and held.token_digest == save.token_digest
        return Kept(held.is_open, held.deadline_at, held.epoch, writing, results)

    def write(self) -> None:
        """Hand everything to the lane."""
        if self._rows:
            self._lane.append(self._rows)
        if self._evidence:
            self._lane.refuse(self._evidence)
        if self._seen and self._now is not None:
            self._lane.see(sorted(self._seen), self._now)
