"""What is done to blueprints, exams and registrations, one module a use case. What other features call stands here."""

from app.exams.service.blueprints import approve_blueprint, create_blueprint, submit_blueprint
from app.exams.service.candidates import answers_for, still_eligible, still_eligible_among
from app.exams.service.drawing import DrawVerdict, disclose_seed, items_of_pool, recompute_draw
from app.exams.service.exams import cancel_exam, create_exam, publish_exam, submit_exam
from app.exams.service.late import add_late
from app.exams.service.lists import check_list, commit_list
from app.exams.service.registrations import confirm, refuse, register, withdraw
from app.exams.service.rooms import add_room, assign_proctor
from app.exams.service.sealing import decline_seal, propose_seal, seal
from app.exams.service.waiting import waiting

__all__ = [
    "DrawVerdict",
    "add_late",
    "add_room",
    "answers_for",
    "approve_blueprint",
    "assign_proctor",
    "cancel_exam",
    "check_list",
    "commit_list",
    "confirm",
    "create_blueprint",
    "create_exam",
    "decline_seal",
    "disclose_seed",
    "items_of_pool",
    "propose_seal",
    "publish_exam",
    "recompute_draw",
    "refuse",
    "register",
    "seal",
    "still_eligible",
    "still_eligible_among",
    "submit_blueprint",
    "submit_exam",
    "waiting",
    "withdraw",
]
