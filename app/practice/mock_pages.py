"""The officer's page of mock exams."""

from app.exams.queries import blueprints_approved
from app.operation import Operation
from app.practice import queries
from app.practice.schemas import BlueprintChoice, MockGiven, MocksShown
from app.practice.service import mock_exams as service
from app.practice.views import show_mock
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk, NavEntry

desk = Desk("mock_exams")


@desk.view("/mock-exams", Capability.MOCK_READ, template="practice/mocks.html", nav=NavEntry("模拟考试", 32))
def list_mocks(op: Operation) -> MocksShown:
    """The mock exams, and the blueprints that another may be opened with."""
    may_write = op.may(Capability.MOCK_WRITE)
    choices = blueprints_approved(op.db, practice=True) if may_write else []
    return MocksShown(
        mocks=[show_mock(op, mock) for mock in queries.mock_exams(op.db, open_only=False)],
        blueprints=[BlueprintChoice(id=row.id, name=row.name) for row in choices],
        may_write=may_write,
    )


@desk.command("/mock-exams", Capability.MOCK_WRITE, then="/mock-exams", retry=list_mocks, said="模拟考试已开放。")
def open_mock(op: Operation, *, given: MockGiven) -> Done:
    """Open a mock exam over a practice bank."""
    mock = service.open_mock_exam(
        op, name=given.name, blueprint_id=given.blueprint_id, duration_minutes=given.duration_minutes
    )
    return Done(id=mock.id)


@desk.command(
    "/mock-exams/{mock_exam_id}/close",
    Capability.MOCK_WRITE,
    then="/mock-exams",
    retry=list_mocks,
    said="模拟考试已停止开放。",
)
def close_mock(op: Operation, *, mock_exam_id: int) -> Done:
    """Let nobody begin it any more."""
    return Done(id=service.close_mock_exam(op, mock_exam_id=mock_exam_id).id)
