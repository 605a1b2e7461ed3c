"""作答相似比对: an officer asks for it, officers and approvers read it."""

import json

from app.errors import NotFound
from app.exams import queries as exams
from app.grading import queries as grading
from app.grading.similarity import service
from app.grading.similarity.queries import newest_report
from app.grading.similarity.rules import one_in
from app.grading.similarity.schemas import (
    ComparisonAsked,
    SimilarityShown,
    SimilarPairShown,
    SimilarSeat,
    TimedPairShown,
)
from app.jobs.queue import is_living
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.web.desk import Desk
from question_bank.statistics.similarity import Nearness

desk = Desk("grading")


@desk.view("/results/{exam_id}/similarity", Capability.RESULT_READ, template="grading/similarity.html")
def show_similarity(op: Operation, *, exam_id: int) -> SimilarityShown:
    """Pairs whose wrong responses, or whose times, agree more than chance lets expect, as last compared."""
    if grading.release_of(op.db, exam_id) is None:
        raise NotFound
    report = newest_report(op.db, op.actor, exam_id)
    content = json.loads(report.content) if report else {"compared": {}, "pairs": []}
    timed = content.get("timed")
    listed = [*content["pairs"], *(timed or ())]
    seats = _seats(op, exam_id, {pair[who] for pair in listed for who in ("one", "other")})
    return SimilarityShown(
        exam_id=exam_id,
        exam_name=exams.exam_by_id(op.db, exam_id).name,
        busy=is_living(op.db, f"{service.JOB}/{exam_id}"),
        may_ask=op.may(Capability.RELEASE_PROPOSE),
        made_at=report.made_at if report else None,
        candidates=report.candidates if report else 0,
        compared=sum(content["compared"].values()),
        pairs=[
            SimilarPairShown(
                one=seats[pair["one"]],
                other=seats[pair["other"]],
                nearness=Nearness(pair["nearness"]),
                both_wrong=pair["both_wrong"],
                same=pair["same"],
                expected=pair["expected"],
                one_in=one_in(float(pair["chance"])),
                soon=pair["soon"],
            )
            for pair in content["pairs"]
        ],
        timed=None
        if timed is None
        else [
            TimedPairShown(
                one=seats[pair["one"]],
                other=seats[pair["other"]],
                nearness=Nearness(pair["nearness"]),
                shared=pair["shared"],
                correlation=pair["correlation"],
                one_in=one_in(float(pair["chance"])),
            )
            for pair in timed
        ],
    )


@desk.command(
    "/results/{exam_id}/similarity",
    Capability.RELEASE_PROPOSE,
    then="/results/{exam_id}/similarity",
    retry=show_similarity,
    said="已开始比对，完成后刷新本页查看。",
)
def ask_similarity(op: Operation, *, exam_id: int) -> ComparisonAsked:
    """Have the responses of an exam compared."""
    return ComparisonAsked(id=service.ask(op, exam_id=exam_id), exam_id=exam_id)


def _seats(op: Operation, exam_id: int, registration_ids: set[int]) -> dict[int, SimilarSeat]:
    if not registration_ids:
        return {}
    rows = [row for row in exams.confirmed_registrations(op.db, exam_id) if row.id in registration_ids]
    names = names_of(op.db, {row.person_id for row in rows})
    rooms = exams.room_names(op.db, {row.room_id for row in rows if row.room_id})
    return {
        row.id: SimilarSeat(
            name=names[row.person_id],
            ticket_number=row.ticket_number or "",
            room_name=rooms.get(row.room_id or 0, ""),
            seat=row.seat,
        )
        for row in rows
    }
