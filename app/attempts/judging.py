"""What becomes of each act of a batch, judged inside its transaction: who, whose, open, in time, in which epoch, which
revision. Knows no thread and no queue; `app.attempts.journal` calls it with a lane that has begun.

Saves and hand-ins are judged in the order of their arrival: a save before a hand-in is among what is marked, one after
it is refused (P2). A save stands or falls as a whole: one refused change refuses the request that brought it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import msgspec
from msgspec import structs

from app.attempts.acts import SEEN_EVERY, Act, CheckIn, HandIn, Save, Start, refuse_caller
from app.attempts.check_ins import CheckedIn, CheckIns
from app.attempts.endings import EndingBatch, Mark
from app.attempts.envelopes import FormSealer
from app.attempts.lanes import Held, Lane, Place, Row, Writer
from app.attempts.lockdown.guard import Guard
from app.attempts.messages import AttemptShown, HandInShown, Result
from app.attempts.receipts import ReceiptBook
from app.attempts.response_files.book import FileBook
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
    reckon,
)
from app.attempts.starts import StartBatch
from app.attempts.wires import moment_said
from app.errors import AppError, FieldProblem, Invalid, NotFound, Unauthenticated
from app.lockdown.proof import Proof
from app.settings import Settings
from question_bank.errors import InvalidResponse
from question_bank.items import ItemType
from question_bank.kinds import AnyKind, Extent, kind_of

_SHAPES = 20_000
_REMEMBERED, _CHOSEN, _SHORT = 512, 8, 32
"""Responses remembered for a spot; the members, and the characters of canonical JSON, of the longest of them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A save that stands: how the attempt is, and a result for each change in the order sent. During a pause
    `deadline_at` is what it would be if the clock went on now."""

    is_open: bool
    deadline_at: datetime
    epoch: int
    writing: bool
    paused: bool
    results: list[Result]
    registration_id: int = 0
    announced: int = 0
    turns: int = 0
    """Told to a look at the time; see `Held`."""


Outcome = Kept | AttemptShown | HandInShown | CheckedIn | AppError
Shape = tuple["Spot", ...]
"""What may be said at each position of a form."""


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


_read_form = msgspec.json.Decoder(_Form).decode


class Spot:
    """What may be said where an item of this kind stands, and how much of it a response can name; one for all forms."""

    __slots__ = ("_extent", "_kind", "_known")

    def __init__(self, kind: AnyKind, extent: Extent) -> None:
        self._kind = kind
        self._extent = extent
        self._known: dict[tuple[object, ...], str] = {}

    def read(self, given: object) -> str:
        """The canonical JSON of a response, as strict JSON gave it (no true where a number stands). Raises
        InvalidResponse. Choices come back with every candidate and are remembered."""
        chosen = tuple(given) if isinstance(given, list) and len(given) <= _CHOSEN else None
        text = None if chosen is None else self._known.get(chosen)
        if text is None:
            text = msgspec.json.encode(self._kind.parse_response(given, self._extent)).decode()
            if chosen is not None and len(text) <= _SHORT and len(self._known) < _REMEMBERED:
                self._known[chosen] = text
        return text


class Shapes:
    """The shapes of the forms last used. A sealed form never changes (P17), so that what is remembered stays true.
    `learn` is told of each form that is read."""

    def __init__(self, learn: Callable[[int, int, str], None]) -> None:
        self._learn = learn
        self._known: OrderedDict[int, Shape] = OrderedDict()

    def of(self, form_id: int, lane: Lane) -> Shape:
        """The shape of that form."""
        known = self._known.get(form_id)
        if known is None:
            exam_id, content = lane.form_contents([form_id])[form_id]
            self._learn(exam_id, form_id, content)
            known = tuple(
                _spot(entry.item_type, len(entry.order or entry.option_order), entry.slots)
                for section in _read_form(content).sections
                for entry in section.entries
            )
            self._known[form_id] = known
            if len(self._known) > _SHAPES:
                self._known.popitem(last=False)
        return known


@cache
def _spot(item_type: ItemType, size: int, slots: int) -> Spot:
    return Spot(kind_of(item_type), Extent(size, slots))


class Judge:
    """What judging leans on; one for the life of a journal."""

    def __init__(self, receipts: ReceiptBook, settings: Settings, mark: Mark) -> None:
        self.receipts = receipts
        self.settings = settings
        self.mark = mark
        self.grace = timedelta(seconds=settings.grace_seconds)
        self.idle = timedelta(minutes=settings.session_idle_minutes)
        self.sealer = FormSealer(settings.secret_key.get_secret_value())
        self.book = FileBook(settings.secret_key.get_secret_value())
        self.shapes = Shapes(mark.learn)
        self.guard = Guard(settings)
        self.check_ins = CheckIns(settings, self.guard)

    def endings(self, lane: Lane) -> EndingBatch:
        """What ends attempts in a transaction over `lane`."""
        return EndingBatch(lane, settings=self.settings, receipts=self.receipts, mark=self.mark)

    def judge(self, lane: Lane, acts: Sequence[Act]) -> list[Outcome]:
        """The outcome of each act, in order; what is to be kept has been handed to the lane, which then commits."""
        written = [act for act in acts if isinstance(act, Save | HandIn)]
        entering = [act for act in acts if isinstance(act, CheckIn)]
        starts = [act for act in acts if isinstance(act, Start)]
        settled = self._settle(lane, written)
        if not entering and not starts:
            return settled
        told: dict[type[Act], Iterator[Outcome]] = {Save: iter(settled)}
        told[HandIn] = told[Save]
        told[CheckIn] = iter(self.check_ins.judge(lane, entering) if entering else ())
        told[Start] = iter(self._begin(lane, starts) if starts else ())
        return [next(told[type(act)]) for act in acts]

    def _settle(self, lane: Lane, acts: Sequence[Save | HandIn]) -> list[Outcome]:
        batch = _Batch(self, lane)
        batch.read(acts)
        settled = [batch.settle(act) for act in acts]
        batch.write()
        return settled

    def _begin(self, lane: Lane, starts: Sequence[Start]) -> list[AttemptShown | AppError]:
        begun = StartBatch(lane, starts, settings=self.settings, sealer=self.sealer, book=self.book, guard=self.guard)
        shown = begun.judge()
        if begun.seen:
            lane.see(sorted(begun.seen), max(start.caller.arrived_at for start in starts))
        return shown


class _Batch:
    """One transaction's worth of saves and hand-ins."""

    def __init__(self, judge: Judge, lane: Lane) -> None:
        self._judge = judge
        self._lane = lane
        self._endings = judge.endings(lane)
        self._held: dict[int, Held] = {}
        self._newest: dict[Place, Stored] = {}  # of places where something that was sent is not newer
        self._kept: dict[Place, Stored] = {}
        self._rows: list[Row] = []
        self._evidence: list[tuple[Row, RefusedWhy]] = []
        self._seen: set[int] = set()
        self._now: datetime | None = None

    def read(self, acts: Sequence[Save | HandIn]) -> None:
        """Hold the attempts that are written, look at the others, and read what is stored."""
        ended = sorted({act.attempt_id for act in acts if isinstance(act, HandIn)})
        saves = [act for act in acts if isinstance(act, Save)]
        written = sorted({save.attempt_id for save in saves if save.changes}.union(ended))
        looked = {save.attempt_id for save in saves}.difference(written)
        if written:
            least = dict[Place, int]()
            for save in saves:
                for change in save.changes:
                    place = save.attempt_id, change.position
                    least[place] = min(change.revision, least.get(place, change.revision))
            sent = [(*place, revision) for place, revision in sorted(least.items())]
            more = self._endings.questions(ended) if ended else []
            self._held, self._newest, told = self._lane.hold(written, sent, *more)
            if ended:
                self._endings.take(*told)
        if looked:
            self._held |= self._lane.look(sorted(looked))

    def settle(self, act: Save | HandIn) -> Outcome:
        """The outcome of one act, after all that came before it in the batch."""
        if isinstance(act, HandIn):
            return self._settle_hand_in(act)
        return self._settle_save(act, self.admit(act))

    def _settle_hand_in(self, act: HandIn) -> Outcome:
        now = act.caller.arrived_at
        writer, held, writes = self._caller(act.attempt_id, act.token_digest)
        refusal = refuse_caller(writer, now=now, idle=self._judge.idle)
        if refusal is not None or writer is None:
            return refusal or Unauthenticated()
        if held is None or held.person_id != writer.person_id:
            return NotFound()
        if (unproved := self._refuse_browser(held, writer, lambda: act.caller.proof, now)) is not None:
            return unproved
        self._note_seen(writer, now)
        outcome = self._endings.settle(act, writer, writes=writes, newest=self._kept)
        if self._endings.is_closed(act.attempt_id):
            self._held[act.attempt_id] = structs.replace(held, is_open=False)
        return outcome

    def _caller(self, attempt_id: int, token_digest: str) -> tuple[Writer | None, Held | None, bool]:
        """Whose token it is, the attempt it speaks of, and whether it is that attempt's writing session."""
        held = self._held.get(attempt_id)
        if held is not None and held.token_digest == token_digest:
            return held.writer, held, True
        return self._lane.writer(token_digest), held, False

    def _refuse_browser(
        self, held: Held, writer: Writer, prove: Callable[[], Proof | None], now: datetime
    ) -> AppError | None:
        if held.browser_of is None:
            return None
        wire, asked = self._lane.wire, held.browser_of
        return self._judge.guard.refuse(wire, exam_id=asked, session_id=writer.session_id, proof=prove(), now=now)

    def _note_seen(self, writer: Writer, now: datetime) -> None:
        if now - writer.seen_at >= SEEN_EVERY:
            self._seen.add(writer.session_id)
            self._now = now

    def admit(self, save: Save) -> list[Row] | AppError:
        """The rows that a save asks to be kept, or why nothing of it can be."""
        writer, held, writes = self._caller(save.attempt_id, save.token_digest)
        refusal = refuse_caller(writer, now=save.arrived_at, idle=self._judge.idle)
        if refusal is not None or writer is None:
            return refusal or Unauthenticated()
        if held is None or held.person_id != writer.person_id:
            return NotFound()
        if (unproved := self._refuse_browser(held, writer, save.prove, save.arrived_at)) is not None:
            rows = self._rows_of(save, held)
            self._evidence += [] if isinstance(rows, AppError) else [(row, RefusedWhy.BROWSER) for row in rows]
            return unproved
        self._note_seen(writer, save.arrived_at)
        rows = self._rows_of(save, held)
        if isinstance(rows, AppError) or not save.changes:
            return rows
        return self._refuse_time_and_place(save, held, rows, writes=writes) or rows

    def _refuse_time_and_place(self, save: Save, held: Held, rows: list[Row], *, writes: bool) -> AppError | None:
        refusal: AppError | None = None
        why = RefusedWhy.LATE
        # What arrives during a pause was typed before it, or costs nobody anything: it is kept (P1).
        arrived = reckon(save.arrived_at, paused_at=held.paused_at)
        if is_late(deadline=held.deadline_at, grace=self._judge.grace, arrived=arrived):
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
        rows, arrived_at = [], moment_said(save.arrived_at)
        for index, change in enumerate(save.changes):
            if change.position > len(shape):
                return Invalid(
                    FieldProblem(f"changes.{index}.position", "试卷没有这道题。", "The form has no such item.")
                )
            try:
                text = shape[change.position - 1].read(change.response)
            except InvalidResponse as error:
                return Invalid(FieldProblem(f"changes.{index}.response", error.zh, error.en))
            rows.append(Row(save.attempt_id, change.position, change.revision, change.epoch, text, arrived_at))
        return rows

    def _settle_save(self, save: Save, rows: list[Row] | AppError) -> Outcome:
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
                before = newest[place] = Stored(row.revision, row.response, save.arrived_at)
                kept.append(row)
            receipt = self._judge.receipts.write(*place, before.revision, before.response, before.at)
            results.append(Result(row.position, row.revision, str(verdict), before.revision, before.at, receipt))
        if conflicts:
            problems = (FieldProblem(f"changes.{i}", RevisionConflict.zh, RevisionConflict.en) for i in conflicts)
            return RevisionConflict(*problems)
        self._newest |= newest
        self._kept |= newest
        self._rows += kept
        writing = held.is_open and held.token_digest == save.token_digest
        still = held.is_open and held.paused_at is not None
        stood = save.arrived_at - reckon(save.arrived_at, paused_at=held.paused_at) if still else timedelta()
        news = held.registration_id, held.announced, held.turns
        return Kept(held.is_open, held.deadline_at + stood, held.epoch, writing, still, results, *news)

    def write(self) -> None:
        """Hand everything to the lane."""
        if self._rows:
            self._lane.append(self._rows)
        if self._evidence:
            self._lane.refuse(self._evidence)
        if self._seen and self._now is not None:
            self._lane.see(sorted(self._seen), self._now)
        self._endings.write()
