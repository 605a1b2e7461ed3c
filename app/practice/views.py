"""What the pages of practice show: the paper while it runs, as the page of an exam shows it; the review afterwards."""

from collections.abc import Mapping

import msgspec

from app.attempts.messages import AttemptShown, SavedResponse
from app.attempts.rules import Phase
from app.attempts.service.door import paper_of
from app.attempts.sitting_schemas import PaperShown
from app.authoring.asking_schemas import CaseAsked, WordingShown
from app.exams.queries import blueprint_by_id
from app.exams.queries.accommodations import accommodations_at
from app.exams.service.blueprints import blueprint_of
from app.operation import Operation
from app.people.queries import person_name
from app.practice import queries
from app.practice.models import MockExam, PracticeAttempt, WrongItem
from app.practice.rules import PracticeState
from app.practice.schemas import (
    MockShown,
    ReviewItem,
    ReviewOption,
    ReviewSection,
    RunPage,
    RunShown,
    WrongShown,
)
from app.practice.service.attempts import form_of, items_of_form
from question_bank.canonical import read_json
from question_bank.form import Entry, Form, content_of, key_of, parse_response
from question_bank.items import Basis, Item
from question_bank.kinds import Response, kind_of
from question_bank.kinds.choice import ChoiceKind
from question_bank.presentation import ItemView, candidate_view
from question_bank.wording import Wording


def show_mock(op: Operation, mock: MockExam) -> MockShown:
    """A mock exam with what its blueprint says."""
    blueprint = blueprint_of(blueprint_by_id(op.db, mock.blueprint_id))
    return MockShown(
        id=mock.id,
        name=mock.name,
        level=blueprint.level,
        item_count=blueprint.item_count,
        maximum_hundredths=blueprint.maximum_hundredths,
        cut_score_hundredths=blueprint.cut_score_hundredths,
        duration_minutes=mock.duration_minutes,
        state=mock.state,
        opened_at=mock.opened_at,
        closed_at=mock.closed_at,
    )


def show_run(attempt: PracticeAttempt, names: Mapping[int, str]) -> RunShown:
    """A practice attempt as a line; `names` are those of the mock exams."""
    return RunShown(
        id=attempt.id,
        mock_exam_id=attempt.mock_exam_id,
        name=names[attempt.mock_exam_id] if attempt.mock_exam_id is not None else "",
        state=attempt.state,
        started_at=attempt.started_at,
        deadline_at=attempt.deadline_at,
        closed_at=attempt.closed_at,
        total=attempt.total,
        maximum=attempt.maximum,
    )


def show_page(op: Operation, attempt: PracticeAttempt) -> RunPage:
    """The page of a practice attempt. Its paper holds no key; the review is made once it has ended and is scored."""
    mock_id = attempt.mock_exam_id
    ended = attempt.state is PracticeState.CLOSED
    review = _review(op, attempt) if ended else []
    mock = queries.mock_exam_by_id(op.db, mock_id) if mock_id is not None else None
    person_id = attempt.person_id
    granted = accommodations_at(op.db, [person_id], attempt.started_at).get(person_id)
    return RunPage(
        run=show_run(attempt, {mock.id: mock.name} if mock else {}),
        now=op.now,
        candidate_name=person_name(op.db, person_id),
        large_print=granted is not None and granted.large_print,
        paper=_paper(op, attempt) if not ended and op.now < attempt.deadline_at else None,
        review=review,
        right=sum(item.right for section in review for item in section.items_shown),
        cut_score_hundredths=show_mock(op, mock).cut_score_hundredths if mock else None,
    )


def _paper(op: Operation, attempt: PracticeAttempt) -> PaperShown:
    saved = [
        SavedResponse(place, row.revision, msgspec.Raw(row.response.encode()), row.saved_at)
        for place, row in queries.responses_of(op.db, attempt.id).items()
    ]
    return paper_of(
        AttemptShown(
            attempt_id=attempt.id,
            state=attempt.state.value,
            phase=Phase.OPEN.value,
            epoch=1,
            writing=True,
            now=op.now,
            started_at=attempt.started_at,
            deadline_at=attempt.deadline_at,
            paused=False,
            hand_in_from=attempt.started_at,
            closed_at=None,
            closing=None,
            receipt_code=None,
            view=msgspec.Raw(attempt.view.encode()),
            responses=saved,
        )
    )


def _review(op: Operation, attempt: PracticeAttempt) -> list[ReviewSection]:
    form = form_of(attempt)
    items = items_of_form(op, form)
    stored = queries.responses_of(op.db, attempt.id)
    given = {place: parse_response(form, read_json(row.response), position=place) for place, row in stored.items()}
    points = msgspec.json.decode(attempt.points or "[]", type=list[int])
    views = [view for section in candidate_view(form, items).sections for view in section.items]
    by_place = {view.position: view for view in views}
    return [
        ReviewSection(
            title=section.title,
            items_shown=[
                _review_item(form, items, by_place[entry.position], given.get(entry.position), points)
                for entry in section.entries
            ],
        )
        for section in form.sections
    ]


def _review_item(
    form: Form, items: Mapping[str, Item], view: ItemView, given: "Response | None", points: list[int]
) -> ReviewItem:
    entry: Entry = form.entry_at(view.position)
    kind = kind_of(entry.item_type)
    key = key_of(form, items, position=entry.position)
    response = kind.nothing(entry.extent) if given is None else given
    item, content = items[entry.item_key], content_of(entry, items)
    chooses = isinstance(kind, ChoiceKind)
    return ReviewItem(
        number=entry.position,
        type_name=_words(view.type_name),
        stem=view.stem,
        case=CaseAsked(first=view.case.first, last=view.case.last, stem=view.case.stem, stimulus=view.case.stimulus)
        if view.case
        else None,
        options=[
            ReviewOption(
                key=option.letter, text=option.text, chosen=chooses and at in response, right=chooses and at in key
            )
            for at, option in enumerate(view.options)
        ],
        premises=list(view.premises),
        responded=kind.is_answered(response),
        right=points[entry.position - 1] >= entry.points_hundredths,
        response=_words(kind.summarise(response)),
        key=_words(kind.summarise(key)),
        explanation=content.explanation or item.explanation,
        basis=bases_of(item.basis),
        earned=points[entry.position - 1],
        full=entry.points_hundredths,
    )


def show_wrong(row: WrongItem, item: Item) -> WrongShown:
    """An item of a book, with its key: whoever has it there has met it."""
    kind = kind_of(item.item_type)
    return WrongShown(
        item_id=row.item_id,
        type_name=_words(kind.name),
        stem=item.stem,
        topic=row.topic,
        wrong=row.wrong,
        right_running=row.right_running,
        wrong_at=row.wrong_at,
        key_lines=kind.key_lines(item.body),
        explanation=item.explanation,
        basis=bases_of(item.basis),
    )


def bases_of(bases: tuple[Basis, ...]) -> list[str]:
    """Documents and clauses, one text each."""
    return [f"{one.document} {one.clause}".strip() for one in bases]


def _words(wording: Wording) -> WordingShown:
    return WordingShown(zh=wording.zh, en=wording.en)
