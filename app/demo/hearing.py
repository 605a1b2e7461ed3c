"""A breach of discipline in the demo: written down in the room, told, answered, and decided by two other people."""

from collections.abc import Sequence

from app.attempts.misconduct import queries, service
from app.attempts.misconduct.rules import Category, MisconductState, Ruling
from app.demo.invigilating import proctors_of
from app.demo.registering import Planned
from app.demo.sitting import Sitter
from app.demo.stage import Player, Stage
from app.exams.queries.seats import find_seat
from app.security.permissions import Role

_STEP = 6
"""Which of those in the room: not the first, who sits right before the proctor."""


def catch(stage: Stage, planned: Planned, sitters: Sequence[Sitter]) -> set[int]:
    """A candidate of the first room looked at a telephone: the proctor writes it down and ends the attempt, the
    candidate signs the record. Returns the registration, which writes no more."""
    room_id, proctors = next(iter(proctors_of(stage, planned).items()))
    sitter = [one for one in sitters if one.seat.room_id == room_id][_STEP]
    with stage.acting(proctors[0], factor=True) as op:
        case_id = service.record_case(
            op,
            room_id=room_id,
            registration_id=sitter.seat.registration_id,
            category=Category.DEVICE,
            happened_at=op.now,
            facts="考生将手机放在抽屉内，低头翻看，经提醒后交出。",
            evidence="手机一部，已由监考员当场封存，考后发还。",
            end=True,
        ).id
    with stage.acting(sitter.player) as op:
        service.sign_own(op, case_id=case_id)
    return {sitter.seat.registration_id}


def tell(stage: Stage) -> None:
    """An officer gives the notice of the open case."""
    case_id, _ = _open_case(stage)
    with stage.by(Role.EXAM_OFFICER) as op:
        service.notify(op, case_id=case_id, document_number=f"示组考〔{stage.today().year}〕3号")


def answer(stage: Stage) -> None:
    """The person says what they have to say."""
    case_id, player = _open_case(stage)
    with stage.acting(player) as op:
        words = "手机忘记上交，低头是在看时间，没有查看与考试有关的内容。愿意接受组织处理。"
        service.file_statement(op, case_id=case_id, text=words)


def propose(stage: Stage) -> None:
    """Another officer proposes what follows."""
    case_id, _ = _open_case(stage)
    with stage.by(Role.EXAM_OFFICER, 1) as op:
        service.propose(
            op,
            case_id=case_id,
            ruling=Ruling.VOID,
            document_number=f"示组考〔{stage.today().year}〕4号",
            reason="考试期间使用电子设备，事实清楚，本人签字认可；其申辩不影响事实认定。",
        )


def settle(stage: Stage) -> None:
    """An approver decides as was proposed."""
    case_id, _ = _open_case(stage)
    with stage.by(Role.EXAM_APPROVER) as op:
        service.settle(op, case_id=case_id, agreed=True, note="同意拟办意见")


def _open_case(stage: Stage) -> tuple[int, Player]:
    """The case that is not settled, and whose it is."""
    open_states = set(MisconductState) - {MisconductState.SETTLED}
    with stage.by(Role.EXAM_OFFICER) as op:
        (case,) = queries.list_cases(op.db, op.actor, states=open_states, before=0, limit=1)
        person_id = find_seat(op.db, case.registration_id).person_id
    return case.id, next(worker for worker in stage.workers if worker.person_id == person_id)
