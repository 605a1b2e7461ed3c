"""备用卷 given out: a candidate's form is put aside and the one of the reserve set takes its place. That nobody has
begun with it, and that two people want it, the caller has seen to."""

from collections import Counter
from collections.abc import Collection

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.service import note_usage
from app.exams.models import FormRow
from app.exams.queries.reserve import pairs_of
from app.exams.reading import read_form
from app.operation import Operation


def give_reserve_forms(op: Operation, registration_ids: Collection[int]) -> list[FormRow]:
    """Give each of these candidates the form that stands beside theirs, and count its items as seen; who has it
    already, or has none beside theirs, keeps what they have. Returns the forms given, in the order of numbers."""
    pairs = pairs_of(op.db, registration_ids)
    holders = [form.registration_id for _, form, _ in pairs]
    for pair, form, _ in pairs:
        form.registration_id, pair.used_at = None, op.now
    op.db.flush()  # a registration has one form at any moment
    for holder, (_, _, other) in zip(holders, pairs, strict=True):
        other.registration_id = holder
    op.db.flush()
    seen: dict[int, Counter[int]] = {}
    for holder, (_, form, other) in zip(holders, pairs, strict=True):
        entries = read_form(other.content).entries
        seen.setdefault(other.exam_id, Counter()).update({int(entry.item_key) for entry in entries})
        record(
            op,
            AuditAction.FORM_SWITCH,
            subject=("registration", holder or 0),
            before={"form_number": form.number, "form_hash": form.content_hash},
            after={"form_number": other.number, "form_hash": other.content_hash},
        )
    for exam_id, counts in seen.items():
        note_usage(op, exam_id, counts)
    return [other for _, _, other in pairs]
