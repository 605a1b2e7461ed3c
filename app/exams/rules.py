"""Rules of exams: the lifecycles of blueprint, exam, registration and list, the phases that time tells, and the
refusals. What a plan keeps to is in `planning`, who may sit in `eligibility`, who sits where in `seating`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.errors import Conflict, Forbidden, Invalid


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
    """What may be done to an exam. ARRANGE is work on rooms and proctors, REGISTER on registrations; seats are drawn
    before sealing, and after it by another person with a cause."""

    REVISE = "revise"
    SUBMIT = "submit"
    RETURN = "return"
    PUBLISH = "publish"
    ARRANGE = "arrange"
    DRAW_SEATS = "draw_seats"
    REDRAW_SEATS = "redraw_seats"
    REGISTER = "register"
    PROPOSE_SEAL = "propose_seal"
    DECLINE_SEAL = "decline_seal"
    SEAL = "seal"
    CANCEL = "cancel"
    POSTPONE = "postpone"
    CALL_OFF = "call_off"
    ADD_LATE = "add_late"
    DISCLOSE_SEED = "disclose_seed"


EXAM_TRANSITIONS: dict[tuple[ExamState, ExamAction], ExamState] = {
    (ExamState.DRAFT, ExamAction.REVISE): ExamState.DRAFT,
    (ExamState.DRAFT, ExamAction.SUBMIT): ExamState.SUBMITTED,
    (ExamState.SUBMITTED, ExamAction.RETURN): ExamState.DRAFT,
    (ExamState.SUBMITTED, ExamAction.PUBLISH): ExamState.PUBLISHED,
    (ExamState.DRAFT, ExamAction.ARRANGE): ExamState.DRAFT,
    (ExamState.PUBLISHED, ExamAction.ARRANGE): ExamState.PUBLISHED,
    (ExamState.PUBLISHED, ExamAction.REGISTER): ExamState.PUBLISHED,
    (ExamState.PUBLISHED, ExamAction.DRAW_SEATS): ExamState.PUBLISHED,
    (ExamState.PUBLISHED, ExamAction.PROPOSE_SEAL): ExamState.SEAL_PROPOSED,
    (ExamState.SEAL_PROPOSED, ExamAction.DECLINE_SEAL): ExamState.PUBLISHED,
    (ExamState.SEAL_PROPOSED, ExamAction.SEAL): ExamState.SEALED,
    (ExamState.DRAFT, ExamAction.CANCEL): ExamState.CANCELLED,
    (ExamState.SUBMITTED, ExamAction.CANCEL): ExamState.CANCELLED,
    (ExamState.PUBLISHED, ExamAction.CANCEL): ExamState.CANCELLED,
    (ExamState.PUBLISHED, ExamAction.POSTPONE): ExamState.PUBLISHED,
    (ExamState.SEALED, ExamAction.POSTPONE): ExamState.SEALED,
    (ExamState.SEALED, ExamAction.CALL_OFF): ExamState.CANCELLED,
    # What sealing itself provides for; none of it changes anything that was sealed.
    (ExamState.SEALED, ExamAction.REDRAW_SEATS): ExamState.SEALED,
    (ExamState.SEALED, ExamAction.ADD_LATE): ExamState.SEALED,
    (ExamState.SEALED, ExamAction.DISCLOSE_SEED): ExamState.SEALED,
}

PUBLIC_STATES = frozenset({ExamState.PUBLISHED, ExamState.SEAL_PROPOSED, ExamState.SEALED})
"""States in which units see the exam."""


class RegistrationState(StrEnum):
    """Where a registration stands; APPLIED waits for the unit's endorsement."""

    APPLIED = "applied"
    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RegistrationAction(StrEnum):
    """What may be done to a registration."""

    ENDORSE = "endorse"
    DECLINE = "decline"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


REGISTRATION_TRANSITIONS: dict[tuple[RegistrationState, RegistrationAction], RegistrationState] = {
    (RegistrationState.APPLIED, RegistrationAction.ENDORSE): RegistrationState.REGISTERED,
    (RegistrationState.APPLIED, RegistrationAction.DECLINE): RegistrationState.REFUSED,
    (RegistrationState.APPLIED, RegistrationAction.REFUSE): RegistrationState.REFUSED,
    (RegistrationState.APPLIED, RegistrationAction.WITHDRAW): RegistrationState.WITHDRAWN,
    (RegistrationState.REGISTERED, RegistrationAction.CONFIRM): RegistrationState.CONFIRMED,
    (RegistrationState.REGISTERED, RegistrationAction.REFUSE): RegistrationState.REFUSED,
    (RegistrationState.CONFIRMED, RegistrationAction.REFUSE): RegistrationState.REFUSED,  # who lost what was asked
    (RegistrationState.REGISTERED, RegistrationAction.WITHDRAW): RegistrationState.WITHDRAWN,
    (RegistrationState.CONFIRMED, RegistrationAction.WITHDRAW): RegistrationState.WITHDRAWN,
}


class ListState(StrEnum):
    """Where an uploaded list stands: read and shown, then committed, or put aside."""

    CHECKED = "checked"
    COMMITTED = "committed"
    DISCARDED = "discarded"


class RowOutcome(StrEnum):
    """What the dry run says of one row of a list."""

    GOOD = "good"
    BAD_NUMBER = "bad_number"
    NO_NAME = "no_name"
    NOT_FOUND = "not_found"
    """Not in the register, or of another unit: the two look alike (P21)."""
    OTHER_NAME = "other_name"
    TWICE = "twice"
    REGISTERED = "registered"
    NOT_ELIGIBLE = "not_eligible"


class Phase(StrEnum):
    """What time makes of a published exam."""

    ANNOUNCED = "announced"
    REGISTRATION_OPEN = "registration_open"
    REGISTRATION_CLOSED = "registration_closed"
    WAITING = "waiting"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True)
class Timetable:
    """The moments that matter, all aware UTC; `now` at a bound belongs to what begins there."""

    registration_opens_at: datetime
    registration_closes_at: datetime
    starts_at: datetime
    ends_at: datetime


def phase_of(times: Timetable, *, sealed: bool, now: datetime) -> Phase:
    """The phase at `now`. Between the close of registration and the start: WAITING once sealed, else
    REGISTRATION_CLOSED. The end is that of the sitting; granted time is told by the attempts."""
    if now >= times.ends_at:
        return Phase.OVER
    if now >= times.starts_at:
        return Phase.RUNNING
    if now >= times.registration_closes_at:
        return Phase.WAITING if sealed else Phase.REGISTRATION_CLOSED
    return Phase.REGISTRATION_OPEN if now >= times.registration_opens_at else Phase.ANNOUNCED


class ExamMoveRefused(Conflict):
    """The state does not allow this action."""

    code = "exam.move_refused"
    zh = "当前状态不能执行此操作。"
    en = "The present state does not allow this."


class ExamSealedAlready(ExamMoveRefused):
    """After sealing nothing changes."""

    code = "exam.sealed"
    zh = "考试已封卷，不能再作更改。"
    en = "The exam is sealed; nothing of it changes any more."


class SameOfficer(Forbidden):
    """Who proposed an act never approves it."""

    code = "exam.same_person"
    zh = "提出与审批须由两人分别办理，不能审批自己提出的事项。"
    en = "Proposing and approving are done by two people; one does not approve what one has proposed."


class NameTaken(Invalid):
    """Names of blueprints and of exams are unique."""

    code = "exam.name_taken"
    zh = "已有同名的记录，请换一个名称。"
    en = "There is one of this name already; please choose another."


class ContentRefused(Invalid):
    """The rule book refuses the content; its own sentence says why."""

    code = "exam.content_refused"
    zh = "{zh}"
    en = "{en}"


class NotReady(Conflict):
    """Something must be done first; the sentence lists it."""

    code = "exam.not_ready"
    zh = "还不能办理：{zh}"
    en = "This cannot be done yet: {en}"


class NotSealed(Conflict):
    """Paper is printed from sealed forms only."""

    code = "exam.not_sealed"
    zh = "考试尚未封卷，没有可打印的试卷。"
    en = "The exam is not sealed: there is no form to print."


class PaperGranted(Conflict):
    """The order has been granted already."""

    code = "exam.paper_granted"
    zh = "这份打印申请已经批准。"
    en = "This order of paper has been granted already."


class FormsUneven(Conflict):
    """The forms are not parallel: the report names every cell or form outside its tolerance."""

    code = "exam.forms_uneven"
    zh = "各份试卷不够均衡，未封卷：{zh}"
    en = "The forms are not even enough; nothing was sealed: {en}"


class RegistrationShut(Conflict):
    """Registration is open between two moments only."""

    code = "registration.shut"
    zh = "不在报名时间内，不能报名。"
    en = "Registration is not open at this time."


class AlreadyRegistered(Conflict):
    """One live registration per person and exam."""

    code = "registration.twice"
    zh = "该人员已报名本次考试。"
    en = "This person is registered for this exam already."


class NotEligible(Conflict):
    """A rule says no; the sentence names the person and the rule."""

    code = "registration.not_eligible"
    zh = "不符合报考资格：{zh}"
    en = "Not eligible: {en}"


class PersonNotFound(Invalid):
    """Not in the register, or not of the caller's units: the two answer alike (P21)."""

    code = "registration.person_not_found"
    zh = "本单位人员库中没有此人：可能尚未入库，或不属于本单位。"
    en = "No such person among those of the unit: not in the register yet, or of another unit."


class OtherName(Invalid):
    """The ID number belongs to somebody of another name."""

    code = "registration.other_name"
    zh = "姓名与身份证号不符，请核对。"
    en = "Name and ID number do not belong together; please check both."


class NobodyChosen(Conflict):
    """A bulk act on nobody."""

    code = "registration.nobody_chosen"
    zh = "请先勾选人员。"
    en = "Please choose at least one person."


class ListChanged(Conflict):
    """Between dry run and commit something else happened; nothing was registered."""

    code = "registration.list_changed"
    zh = "核对之后情况有变（第 {rows} 行），未登记任何人，请重新上传名单。"
    en = "Things have changed since the check (rows {rows}); nobody was registered, please upload the list again."


class LeftOutDiffers(Conflict):
    """The caller consented to leaving out another number of rows than there are."""

    code = "registration.left_out_differs"
    zh = "名单中有 {left_out} 行不能登记，须明确同意略去这些行才能登记其余人员；未登记任何人。"
    en = "{left_out} rows of the list cannot be registered; nobody was registered without consent to leave them out."


class ProctorOfOwnUnit(Conflict):
    """A proctor never runs the room of candidates of the own unit."""

    code = "room.proctor_of_own_unit"
    zh = "{unit}有 {count} 名考生，而其他考场容纳不下，{name}不能在此考场监考本单位考生。"
    en = (
        "{unit} has {count} candidates and the other rooms cannot take them: {name} may not run a room of the own unit."
    )


class ProctorSeesOwnUnit(Conflict):
    """Seats are drawn, and candidates of the proctor's unit sit in the room (回避)."""

    code = "room.proctor_sees_own_unit"
    zh = "{room}已排有{unit}的 {count} 名考生，{name}须回避。请另选监考员，或重抽座位。"
    en = "{count} candidates of {unit} sit in {room}: {name} may not run it. Choose another proctor, or draw again."


class SeatsNotYet(Conflict):
    """Seats are drawn between the close of registration and the start."""

    code = "seating.not_yet"
    zh = "报名截止后、开考前 1 小时以前可以抽座位。"
    en = "Seats are drawn after registration has closed and until an hour before the start."


class SeatsTooFew(Conflict):
    """There are more candidates than seats that they may take."""

    code = "room.seats_too_few"
    zh = "考场座位不足：{zh}"
    en = "There are not enough seats: {en}"


class NoReserveForm(Conflict):
    """Every reserve form has been given out."""

    code = "exam.no_reserve_form"
    zh = "备用卷已用完，不能再补报。"
    en = "Every reserve form has been given out; nobody can be added any more."


class NotOverYet(Conflict):
    """The seed stays closed until every sitting is over."""

    code = "exam.not_over"
    zh = "所有场次结束后才能公开随机种子。"
    en = "The seed is disclosed when every sitting is over."


def move_blueprint(state: BlueprintState, action: BlueprintAction) -> BlueprintState:
    """The state after `action`; raises ExamMoveRefused where the table has no such move."""
    try:
        return BLUEPRINT_TRANSITIONS[state, action]
    except KeyError:
        raise ExamMoveRefused from None


def move_exam(state: ExamState, action: ExamAction) -> ExamState:
    """The state after `action`; where there is none raises ExamSealedAlready after sealing, else ExamMoveRefused."""
    try:
        return EXAM_TRANSITIONS[state, action]
    except KeyError:
        raise (ExamSealedAlready if state is ExamState.SEALED else ExamMoveRefused) from None


def move_registration(state: RegistrationState, action: RegistrationAction) -> RegistrationState:
    """The state after `action`; raises ExamMoveRefused where the table has no such move."""
    try:
        return REGISTRATION_TRANSITIONS[state, action]
    except KeyError:
        raise ExamMoveRefused from None


def check_two_people(*proposers: int | None, decider: int | None) -> None:
    """Raises SameOfficer where the natural person who decides is one of those who proposed (P29)."""
    if decider is not None and decider in proposers:
        raise SameOfficer
