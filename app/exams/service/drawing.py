"""The forms of an exam: drawn when it is sealed, recomputed whenever somebody doubts them (P16)."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams import queries
from app.exams.models import Exam, FormRow
from app.exams.rules import ExamAction, FormsUneven, NotOverYet, move_exam
from app.exams.service.blueprints import blueprint_of
from app.exams.service.deciding import acting_account
from app.exams.service.pooling import Ground, sealed_pool
from app.operation import Operation
from app.security.fields import MasterKey
from app.security.rewrapping import Wrapped
from question_bank.assembly import (
    DrawVersion,
    FairnessReport,
    PoolFacts,
    PoolItem,
    commit,
    draw,
    draw_parallel,
    draw_two_sets,
    facts_from_json,
    fairness_to_json,
    pool_hash,
    report_fairness,
    snapshot_hash,
    supply_of,
)
from question_bank.blueprint import Blueprint
from question_bank.canonical import canonical_json, read_json, sha256_hex
from question_bank.errors import ContentError
from question_bank.form import Form
from question_bank.form_json import form_to_json
from question_bank.items import Item
from question_bank.presentation import candidate_view, view_to_json
from question_bank.wording import Wording

_PARALLEL = frozenset(DrawVersion)
_MOST_NAMED = 8
"""How much of an uneven draw one sentence names; the report has everything."""
_MISSING = Wording("试卷总数或总哈希与封卷时不符。", "Forms are missing or were added.")


@dataclass(frozen=True)
class DrawnForm:
    """A form as it is stored: number, canonical JSON, its SHA-256, the candidate's view, the keys of its items."""

    number: int
    content: str
    content_hash: str
    view: str
    item_keys: tuple[str, ...]


def label_of(exam_id: int) -> str:
    """The exam's name in every stream of numbers."""
    return f"exam-{exam_id}"


def seed_context(exam_id: int) -> str:
    """What the wrapped seed is bound to."""
    return f"seed of exam {exam_id}"


SEEDS = Wrapped(Exam.id, Exam.seed_cipher, (Exam.id,), seed_context)


@dataclass(frozen=True)
class Drawing:
    """The forms of an exam as they are stored, and the JSON of their fairness report (none in version cz1); where there
    is a reserve set, its forms come after the others, as many, and have a report of their own."""

    forms: list[DrawnForm]
    fairness: str | None
    reserve_fairness: str | None = None


def draw_forms(
    ground: Ground, *, blueprint: Blueprint, seed: bytes, exam_id: int, count: int, reserve_set: bool = False
) -> Drawing:
    """Forms 1 to `count` in the version that the facts name, and with a reserve set as many again, of other items as
    far as the pool allows; each item's key is the id of its version.

    Raises ContentError, and FormsUneven naming what is outside its tolerance.
    """
    label = label_of(exam_id)
    if reserve_set:
        sets = draw_two_sets(
            ground.pool, blueprint=blueprint, facts=ground.facts, seed=seed, label=label, form_count=count
        )
        told = fairness_to_json(_even(sets.reserve_report)) | {"common_items": sets.common}
        forms = [*_as_stored(sets.main, ground.pool), *_as_stored(sets.reserve, ground.pool)]
        return Drawing(forms, _fairness(sets.main_report), canonical_json(told).decode())
    supply = supply_of(ground.pool, blueprint, ground.facts)
    drawn = draw_parallel(supply, blueprint=blueprint, seed=seed, label=label, form_count=count)
    fairness = _fairness(report_fairness(drawn))
    return Drawing(_as_stored(drawn, ground.pool), fairness)


def _fairness(report: FairnessReport) -> str:
    return canonical_json(fairness_to_json(_even(report))).decode()


def _even(report: FairnessReport) -> FairnessReport:
    """The report itself. Raises FormsUneven where something is outside its tolerance."""
    if report.within:
        return report
    lacks = report.lacks[:_MOST_NAMED]
    raise FormsUneven(
        zh="；".join(f"{lack.place.zh}：{lack.excess.zh}" for lack in lacks) + "。",
        en="; ".join(f"{lack.place.en}: {lack.excess.en}" for lack in lacks) + ".",
    )


def _as_stored(forms: Iterable[Form], pool: list[PoolItem]) -> list[DrawnForm]:
    items = {entry.key: entry.item for entry in pool}
    stored = []
    for form in forms:
        content = canonical_json(form_to_json(form))
        view = view_to_json(candidate_view(form, items))
        stored.append(
            DrawnForm(
                number=form.number,
                content=content.decode(),
                content_hash=hashlib.sha256(content).hexdigest(),
                view=json.dumps(view, ensure_ascii=False, separators=(",", ":")),
                item_keys=tuple(dict.fromkeys(entry.item_key for entry in form.entries)),
            )
        )
    return stored


def draw_again(exam: Exam, pool: list[PoolItem], *, blueprint: Blueprint, seed: bytes, count: int) -> Drawing:
    """The `count` forms of a sealed exam, its reserve set among them, drawn by the version that it was sealed with.
    Raises ContentError, FormsUneven."""
    if exam.draw_version in _PARALLEL:
        ground = Ground([], pool, _facts_of(exam))
        if exam.reserve_set:
            count //= 2
        return draw_forms(
            ground, blueprint=blueprint, seed=seed, exam_id=exam.id, count=count, reserve_set=exam.reserve_set
        )
    forms = draw(pool, blueprint=blueprint, seed=seed, label=label_of(exam.id), form_count=count)
    return Drawing(_as_stored(forms, pool), None)


def _facts_of(exam: Exam) -> PoolFacts:
    return facts_from_json(read_json(exam.draw_facts or ""))


def _is_as_sealed(exam: Exam, pool: list[PoolItem]) -> bool:
    """Whether the pool, what the draw was told of it, and the version that both say are those of the sealing."""
    if exam.draw_version not in _PARALLEL:
        return pool_hash(pool) == exam.pool_hash
    facts = _facts_of(exam)
    return facts.version == exam.draw_version and snapshot_hash(pool, facts) == exam.pool_hash


def hash_of_forms(hashes: list[str]) -> str:
    """The one hash over all forms, as `question_bank.form_json.forms_hash` makes it."""
    return sha256_hex([*hashes])


def count_usage(forms: list[DrawnForm]) -> dict[int, int]:
    """In how many forms each item version stands."""
    counts = Counter(key for form in forms for key in form.item_keys)
    return {int(key): number for key, number in counts.items()}


def items_of_pool(op: Operation, exam_id: int) -> dict[str, Item]:
    """The items of a sealed exam's pool by the keys that its forms use."""
    return {entry.key: entry.item for entry in sealed_pool(op, exam_id)}


@dataclass(frozen=True)
class DrawVerdict:
    """What recomputing an exam's forms says: how many were compared, and the first difference (empty: none)."""

    forms: int
    zh: str = ""
    en: str = ""

    @property
    def agrees(self) -> bool:
        """Whether everything is as it was drawn."""
        return not self.zh


def recompute_draw(op: Operation, exam_id: int) -> DrawVerdict:
    """Draw a sealed exam's forms again from pool, blueprint and seed, and compare with what is stored, byte for byte:
    commitment, pool, every form, its hash, its view, and the hash over all. Raises NotFound, and ExamMoveRefused
    where the exam is not sealed."""
    exam = queries.exam_by_id(op.db, exam_id)
    move_exam(exam.state, ExamAction.DISCLOSE_SEED)
    stored = queries.forms_of(op.db, exam_id)
    seed = open_seed(op, exam)
    if commit(seed) != exam.seed_commitment:
        return DrawVerdict(0, "种子与公布的承诺值不符。", "The seed does not match the commitment.")
    try:
        pool = sealed_pool(op, exam_id)
        if not _is_as_sealed(exam, pool):
            return DrawVerdict(0, "备选题集与封卷时不符。", "The pool is not the one that was sealed.")
        blueprint = blueprint_of(queries.blueprint_by_id(op.db, exam.blueprint_id))
        drawing = draw_again(exam, pool, blueprint=blueprint, seed=seed, count=len(stored))
    except FormsUneven as error:
        return DrawVerdict(0, error.sentence("zh"), error.sentence("en"))
    except ContentError as error:
        return DrawVerdict(0, error.zh, error.en)
    return _compare(exam, stored, drawing)


def _compare(exam: Exam, stored: Sequence[FormRow], drawing: Drawing) -> DrawVerdict:
    forms = drawing.forms
    if len(stored) != len(forms):
        return DrawVerdict(len(forms), _MISSING.zh, _MISSING.en)
    for row, form in zip(stored, forms, strict=True):
        # Of a form that was destroyed at the end of its term the hash is kept, and it is that of the one drawn again.
        kept = (row.content, row.view) if row.content else (form.content, form.view)
        if (row.number, *kept, row.content_hash) != (form.number, form.content, form.view, form.content_hash):
            return DrawVerdict(
                form.number,
                f"第 {form.number} 份试卷与重新抽取的结果不符。",
                f"Form {form.number} differs from the one recomputed.",
            )
    if hash_of_forms([form.content_hash for form in forms]) != exam.forms_hash:
        return DrawVerdict(len(forms), _MISSING.zh, _MISSING.en)
    reports = drawing.fairness, drawing.reserve_fairness
    if drawing.fairness is not None and reports != (exam.fairness, exam.reserve_fairness):
        return DrawVerdict(
            len(forms), "公平性报告与重新计算的结果不符。", "The fairness report is not that of the forms."
        )
    return DrawVerdict(len(forms))


def open_seed(op: Operation, exam: Exam) -> bytes:
    """The seed of a sealed exam; only for drawing, checking and disclosing."""
    return op.house.tool(MasterKey).unwrap(exam.seed_cipher or "", context=seed_context(exam.id))


def disclose_seed(op: Operation, *, exam_id: int) -> Exam:
    """Make the seed public, so that everybody can recompute the draw. Raises NotOverYet before every sitting has
    ended, ExamMoveRefused where it was done."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.DISCLOSE_SEED)
    ends: list[datetime] = [sitting.ends_at for sitting in queries.sittings_of(op.db, exam.id)]
    if op.now < max(ends):
        raise NotOverYet
    acting_account(op)
    exam.seed_disclosed = open_seed(op, exam).hex()
    op.db.flush()
    after = {"seed_commitment": exam.seed_commitment}
    record(op, AuditAction.EXAM_DISCLOSE_SEED, subject=("exam", exam.id), after=after)
    return exam
