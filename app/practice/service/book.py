"""错题本 and progress: what a practice attempt that has ended teaches them, and what is taken out by hand."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.authoring.queries.filings import filings_of
from app.errors import NotFound
from app.operation import Operation
from app.practice import queries
from app.practice.models import TopicProgress, WrongItem
from app.practice.rules import Done, Standing, Tally, settle, tally
from question_bank.form import Form
from question_bank.kinds import Response, kind_of


def learn(
    op: Operation, person_id: int, form: Form, points: Sequence[int | None], responses: Mapping[int, Response]
) -> None:
    """Take up in the person's book and progress what became of each item of an attempt, whose row is held."""
    done = done_by_item(form, points, responses)
    filed = filings_of(op.db, [int(key) for key in done])
    rows = queries.wrong_among(op.db, person_id, {item_id for item_id, _ in filed.values()})
    for key, one in done.items():
        item_id, topic = filed[int(key)]
        row = rows.get(item_id)
        before = Standing(row.wrong, row.right_running) if row else None
        after = settle(before, one)
        if after is None:
            if row is not None:
                op.db.delete(row)
            continue
        if row is None:
            row = WrongItem(person_id=person_id, item_id=item_id)
            op.db.add(row)
        if before is None or after.wrong > before.wrong:
            row.item_version_id, row.wrong_at = int(key), op.now
        row.topic, row.wrong, row.right_running = topic, after.wrong, after.right_running
    _add_up(op.db, person_id, tally(done, {key: filed[int(key)][1] for key in done}))
    op.db.flush()


def done_by_item(form: Form, points: Sequence[int | None], responses: Mapping[int, Response]) -> dict[str, Done]:
    """What became of each item of a form, by its key: a case counts as one."""
    found: dict[str, Done] = {}
    for entry in form.entries:
        given = responses.get(entry.position)
        responded = given is not None and kind_of(entry.item_type).is_answered(given)
        before = found.get(entry.item_key, Done(0, 0, responded=False))
        found[entry.item_key] = Done(
            before.earned + (points[entry.position - 1] or 0),
            before.full + entry.points_hundredths,
            responded=before.responded or responded,
        )
    return found


def _add_up(db: Session, person_id: int, more: Mapping[str, Tally]) -> None:
    known = {row.topic: row for row in queries.progress_of(db, person_id)}
    for topic, one in more.items():
        row = known.get(topic)
        if row is None:
            db.add(TopicProgress(person_id=person_id, topic=topic, responded=one.responded, right_count=one.right))
        else:
            row.responded += one.responded
            row.right_count += one.right


def take_out(op: Operation, *, item_id: int) -> None:
    """Take an item out of one's book. Raises NotFound where it does not stand there."""
    person_id = op.actor.person_id or 0
    if not queries.wrong_among(op.db, person_id, [item_id]):
        raise NotFound
    op.db.execute(delete(WrongItem).where(WrongItem.person_id == person_id, WrongItem.item_id == item_id))
