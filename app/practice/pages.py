"""Practice from the candidate's side: what may be begun, an attempt and what its page asks for, one's own book."""

import re
from collections.abc import Sequence

from app.authoring.queries import read_content, versions_by_id
from app.authoring.queries.pictures import picture_by_hash
from app.errors import NotFound
from app.operation import Operation
from app.practice import queries
from app.practice.rules import PracticeState
from app.practice.schemas import (
    BegunShown,
    BookShown,
    EndedShown,
    HandInGiven,
    PracticeShown,
    ProgressShown,
    RedoGiven,
    ResultShown,
    RunPage,
    SavedShown,
    SavesGiven,
    TimeShown,
    TopicCount,
)
from app.practice.service import attempts
from app.practice.service.book import take_out
from app.practice.views import show_mock, show_page, show_run, show_wrong
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk, NavEntry
from app.web.faces import Download

desk = Desk("practice")

_HASH = re.compile("[0-9a-f]{64}")
_ENDED_SHOWN = 20
_PAGE = 50
_OWN = Capability.PRACTICE_OWN


@desk.view("/practice", _OWN, template="practice/practice.html", nav=NavEntry("模拟练习", 25))
def show_practice(op: Operation) -> PracticeShown:
    """My practice: open mock exams, what I am at, what I have done, how far I am with each topic."""
    running = queries.running_of(op.db, op.actor)
    ended = queries.ended_of(op.db, op.actor, limit=_ENDED_SHOWN)
    ids = {one.mock_exam_id for one in [*ended, *([running] if running else [])] if one.mock_exam_id is not None}
    names = queries.mock_names(op.db, ids)
    return PracticeShown(
        mocks=[show_mock(op, mock) for mock in queries.mock_exams(op.db, open_only=True)],
        running=show_run(running, names) if running else None,
        ended=[show_run(one, names) for one in ended],
        wrong=sum(queries.wrong_topics(op.db, op.actor).values()),
        progress=[
            ProgressShown(topic=row.topic, responded=row.responded, right=row.right_count)
            for row in queries.progress_of(op.db, op.actor.person_id)
        ],
    )


@desk.command("/practice/mock-exams/{mock_exam_id}/start", _OWN, then="/practice/attempts/{id}", retry=show_practice)
def start_mock(op: Operation, *, mock_exam_id: int) -> BegunShown:
    """Begin a mock exam, or go on with it."""
    return BegunShown(id=attempts.start(op, mock_exam_id=mock_exam_id).id)


@desk.view("/practice/attempts/{attempt_id}", _OWN, template="practice/attempt.html")
def show_attempt(op: Operation, *, attempt_id: int) -> RunPage:
    """One of my practice attempts: the paper while it runs, then the review with keys and explanations."""
    return show_page(op, queries.find_attempt(op.db, op.actor, attempt_id))


@desk.command("/practice/attempts/{attempt_id}/saves", _OWN, page=False)
def save(op: Operation, *, attempt_id: int, given: SavesGiven) -> SavedShown:
    """Keep responses of a practice attempt; answered once they are on disk."""
    changes = [attempts.Change(one.position, one.revision, one.response) for one in given.changes]
    attempt, kept = attempts.save(op, attempt_id=attempt_id, changes=changes)
    return SavedShown(
        now=op.now,
        deadline_at=attempt.deadline_at,
        results=[
            ResultShown(
                position=one.change.position,
                revision=one.change.revision,
                status=one.verdict.value,
                newest=one.stored.revision,
                at=one.stored.at,
                receipt=f"{attempt.id}.{one.change.position}.{one.stored.revision}",
            )
            for one in kept
        ],
    )


@desk.view("/practice/attempts/{attempt_id}/time", _OWN)
def show_time(op: Operation, *, attempt_id: int) -> TimeShown:
    """The server's time, and whether my practice attempt still runs."""
    attempt = queries.find_attempt(op.db, op.actor, attempt_id)
    return TimeShown(
        now=op.now,
        deadline_at=attempt.deadline_at,
        state=attempt.state,
        epoch=1,
        writing=attempt.state is PracticeState.OPEN,
        paused=False,
    )


@desk.command("/practice/attempts/{attempt_id}/hand-in", _OWN, page=False)
def hand_in(op: Operation, *, attempt_id: int, given: HandInGiven) -> EndedShown:  # noqa: ARG001 - the page sends it
    """Hand in my practice attempt; it is scored at once."""
    attempt = attempts.hand_in(op, attempt_id=attempt_id)
    return EndedShown(id=attempt.id, state=attempt.state, closed_at=attempt.closed_at or op.now)


@desk.view("/practice/attempts/{attempt_id}/pictures/{sha256}", _OWN, api=False)
def show_picture(op: Operation, *, attempt_id: int, sha256: str) -> Download:
    """A picture of a form that I practise or have practised."""
    attempt = queries.find_attempt(op.db, op.actor, attempt_id)
    texts = [attempt.view]
    if attempt.state is PracticeState.CLOSED:
        found = attempts.items_of_form(op, attempts.form_of(attempt))
        texts += [item.explanation for item in found.values()]
    return _picture(op, sha256, texts)


def _picture(op: Operation, sha256: str, texts: Sequence[str]) -> Download:
    """A picture that stands in one of these texts. Raises NotFound."""
    if not _HASH.fullmatch(sha256) or not any(f"(picture:{sha256})" in text for text in texts):
        raise NotFound
    picture = picture_by_hash(op.db, sha256)
    return Download("picture", picture.data, picture.media_type, inline=True)


@desk.view("/practice/wrong", _OWN, template="practice/book.html")
def show_book(op: Operation, *, topic: str = "", after: int = 0) -> BookShown:
    """My book of wrong answers, with keys and explanations."""
    wanted = topic or None
    rows = queries.wrong_page(op.db, op.actor, topic=wanted, after=after, limit=_PAGE + 1)
    versions = versions_by_id(op.db, {row.item_version_id for row in rows})
    items = {version.item_version_id: read_content(version.content) for version in versions}
    topics = queries.wrong_topics(op.db, op.actor)
    running = queries.running_of(op.db, op.actor)
    return BookShown(
        topics=[TopicCount(topic=name, count=count) for name, count in topics.items() if name],
        total=sum(topics.values()),
        topic=wanted,
        rows=[show_wrong(row, items[row.item_version_id]) for row in rows[:_PAGE]],
        next_after=rows[_PAGE - 1].item_id if len(rows) > _PAGE else None,
        running_id=running.id if running else None,
    )


@desk.view("/practice/wrong/{item_id}/pictures/{sha256}", _OWN, api=False)
def show_wrong_picture(op: Operation, *, item_id: int, sha256: str) -> Download:
    """A picture of an item of my book."""
    row = queries.find_wrong(op.db, op.actor, item_id)
    return _picture(op, sha256, [one.content for one in versions_by_id(op.db, [row.item_version_id])])


@desk.command("/practice/wrong/redo", _OWN, then="/practice/attempts/{id}", retry=show_book)
def redo(op: Operation, *, given: RedoGiven) -> BegunShown:
    """Do items of my book again."""
    return BegunShown(id=attempts.start_redo(op, topic=given.topic or None).id)


@desk.command("/practice/wrong/{item_id}/remove", _OWN, then="/practice/wrong", retry=show_book, said="已移出错题本。")
def remove(op: Operation, *, item_id: int) -> Done:
    """Take an item out of my book."""
    take_out(op, item_id=item_id)
    return Done(id=item_id)
