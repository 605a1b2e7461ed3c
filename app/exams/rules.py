"""Rules of exams: the lifecycles of blueprint, exam and registration."""

from enum import StrEnum

from app.errors import Conflict, Forbidden


class BlueprintState(StrEnum):
    """Where a blueprint stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"


class BlueprintAction(StrEnum):
    """What may be done to a blueprint."""

    REVISE = "revise"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"


BLUEPRINT_TRANSITIONS: dict[tuple[BlueprintState, BlueprintAction], BlueprintState] = {
    (BlueprintState.DRAFT, BlueprintAction.REVISE): BlueprintState.DRAFT,
    (BlueprintState.RETURNED, BlueprintAction.REVISE): BlueprintState.DRAFT,
    (BlueprintState.DRAFT, BlueprintAction.SUBMIT): BlueprintState.SUBMITTED,
    (BlueprintState.SUBMITTED, BlueprintAction.APPROVE): BlueprintState.APPROVED,
    (BlueprintState.SUBMITTED, BlueprintAction.RETURN): BlueprintState.RETURNED,
}


class ExamState(StrEnum):
    """Where an exam stands. What time can tell (registration open, running, over) is computed, never stored."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    SEAL_PROPOSED = "seal_proposed"
    SEALED = "sealed"
    CANCELLED = "cancelled"


class ExamAction(StrEnum):
    """What may be done to an exam."""

    REVISE = "revise"
    SUBMIT = "submit"
    RETURN = "return"
    PUBLISH = "publish"
    PROPOSE_SEAL = "propose_seal"
    DECLINE_SEAL = "decline_seal"
    SEAL = "seal"
    CANCEL = "cancel"


EXAM_TRANSITIONS: dict[tuple[ExamState, ExamAction], ExamState] = {
    (ExamState.DRAFT, ExamAction.REVISE): ExamState.DRAFT,
    (ExamState.DRAFT, ExamAction.SUBMIT): ExamState.SUBMITTED,
    (ExamState.SUBMITTED, ExamAction.RETURN): ExamState.DRAFT,
    (ExamState.SUBMITTED, ExamAction.PUBLISH): ExamState.PUBLISHED,
    (ExamState.PUBLISHED, ExamAction.PROPOSE_SEAL): ExamState.SEAL_PROPOSED,
    (ExamState.SEAL_PROPOSED, ExamAction.DECLINE_SEAL): ExamState.PUBLISHED,
    (ExamState.SEAL_PROPOSED, ExamAction.SEAL): ExamState.SEALED,
    (ExamState.DRAFT, ExamAction.CANCEL): ExamState.CANCELLED,
    (ExamState.SUBMITTED, ExamAction.CANCEL): ExamState.CANCELLED,
    (ExamState.PUBLISHED, ExamAction.CANCEL): ExamState.CANCELLED,
}


class RegistrationState(StrEnum):
    """Where a registration stands."""

    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RegistrationAction(StrEnum):
    """What may be done to a registration."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


REGISTRATION_TRANSITIONS: dict[tuple[RegistrationState, RegistrationAction], RegistrationState] = {
    (RegistrationState.REGISTERED, RegistrationAction.CONFIRM): RegistrationState.CONFIRMED,
    (RegistrationState.REGISTERED, RegistrationAction.REFUSE): RegistrationState.REFUSED,
    (RegistrationState.REGISTERED, RegistrationAction.WITHDRAW): RegistrationState.WITHDRAWN,
    (RegistrationState.CONFIRMED, RegistrationAction.WITHDRAW): RegistrationState.WITHDRAWN,
}


class ExamMoveRefused(Conflict):
    """The state does not allow this action."""

    code = "exam.move_refused"
    zh = "当前状态不能执行此操作。"
    en = "The present state does not allow this."


class SameOfficer(Forbidden):
    """Who proposed an act never approves it."""

    code = "exam.same_person"
    zh = "提出与审批须由两人分别办理，不能审批自己提出的事项。"
    en = "Proposing and approving are done by two people; one does not approve what one has proposed."
