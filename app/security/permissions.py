"""Who may do what at all: capabilities, roles as named sets of them, and the roles that never meet in one person.

The table is that of the organisation department (domain.md, "Who works with it"). Whether an actor may see a row is
decided by `visible()` of each feature's queries, whether they may act on it now by each feature's rules.
"""

from enum import StrEnum


class Capability(StrEnum):
    """权限. `feature.object.act`; every route declares exactly one."""

    ANYONE = "anyone"
    """The public: verification, notices, sign-in. Held by every caller, signed in or not."""
    SIGNED_IN = "signed_in"
    """Own account, own language, own inbox. Held by everyone who is signed in."""

    ACCOUNT_READ = "accounts.account.read"
    ACCOUNT_MANAGE = "accounts.account.manage"
    ROLE_GRANT = "accounts.role.grant"
    FACTOR_RESET = "accounts.factor.reset"
    PERSON_READ = "people.person.read"
    PERSON_CONTACT = "people.person.contact"
    """Reach a person: enter, change or take away their mobile number; print what they are told, and note that they
    signed for it."""
    CALENDAR_WRITE = "people.calendar.write"
    TRAINING_READ = "people.training.read"
    TRAINING_WRITE = "people.training.write"
    TRAINING_CONFIRM = "people.training.confirm"
    CHANGE_READ = "people.change.read"
    CHANGE_FILE = "people.change.file"
    CHANGE_CONFIRM = "people.change.confirm"

    BANK_READ = "authoring.bank.read"
    ITEM_WRITE = "authoring.item.write"
    BANK_IMPORT = "authoring.bank.import"
    ITEM_REVIEW = "authoring.item.review"
    REVIEW_ASSIGN = "authoring.review.assign"
    """Ask a reviewer to review an item."""
    SECRET_READ = "authoring.secret.read"  # noqa: S105 - the name of a capability
    """See secret items without having made them or being asked to review them."""
    REGISTER_WRITE = "authoring.register.write"
    """The register of documents that items rest on, one for all banks."""

    BLUEPRINT_READ = "exams.blueprint.read"
    BLUEPRINT_WRITE = "exams.blueprint.write"
    BLUEPRINT_APPROVE = "exams.blueprint.approve"
    POLICY_READ = "exams.policy.read"
    POLICY_PROPOSE = "exams.policy.propose"
    POLICY_APPROVE = "exams.policy.approve"
    EXAM_READ = "exams.exam.read"
    EXAM_WRITE = "exams.exam.write"
    EXAM_APPROVE = "exams.exam.approve"
    EXAM_PRINT = "exams.exam.print"
    """See the seats of an exam and print what hangs on doors and desks; see its orders of paper, and take what one has
    ordered or granted."""
    ACCOMMODATION_READ = "exams.accommodation.read"
    ACCOMMODATION_PROPOSE = "exams.accommodation.propose"
    ACCOMMODATION_APPROVE = "exams.accommodation.approve"
    REGISTRATION_OWN = "exams.registration.own"
    """Enter oneself, see how one's own registrations stand, accept the privacy notice."""
    REGISTRATION_READ = "exams.registration.read"
    REGISTRATION_WRITE = "exams.registration.write"
    REGISTRATION_CONFIRM = "exams.registration.confirm"

    ROOM_READ = "attempts.room.read"
    ROOM_RUN = "attempts.room.run"
    ABSENCE_CONFIRM = "attempts.absence.confirm"
    """Confirm who is absent, as the second of two; ask for and settle the reopening of a list."""
    TECHNICAL_FAULT_DECIDE = "attempts.technical_fault.decide"
    """Recognise or decline what somebody else has reported of a technical fault."""
    CONTROL_READ = "attempts.control.read"
    """The control room: every room of a day that one may see, and how the service is."""
    CONTROL_RUN = "attempts.control.run"
    """Grant time to, pause and resume all rooms of a sitting."""
    DRILL_RUN = "drill.drill.run"
    """Have an exam rehearsed on the deployment, and stop a drill."""
    SWITCH_READ = "attempts.switch.read"
    """See which rooms were switched to reserve forms, and what was proposed."""
    SWITCH_PROPOSE = "attempts.switch.propose"
    SWITCH_APPROVE = "attempts.switch.approve"
    SHEET_KEY = "attempts.sheet.key"
    """Key sheets of a room that one sees, attach their scans, settle what two keyings tell apart."""
    ATTEMPT_SIT = "attempts.attempt.sit"
    MISCONDUCT_READ = "attempts.misconduct.read"
    """Misconduct cases: those of one's rooms, or all where one handles or decides them."""
    MISCONDUCT_HANDLE = "attempts.misconduct.handle"
    """Give notice of a misconduct case and propose what follows."""
    MISCONDUCT_DECIDE = "attempts.misconduct.decide"
    RESPONSE_FILE_READ = "attempts.response_file.read"
    """Response files that came too late, of every room."""

    RESULT_READ = "grading.result.read"
    RELEASE_PROPOSE = "grading.release.propose"
    RELEASE_APPROVE = "grading.release.approve"
    RESCORING_PROPOSE = "grading.rescoring.propose"
    """Look at an item of an exam that is over, with its key, and propose its correction."""
    RESCORING_APPROVE = "grading.rescoring.approve"
    WAY_READ = "grading.way.read"
    """A candidate's own way, from registration to certificate."""

    DISCIPLINE_HANDLE = "clearance.discipline.handle"
    DISCIPLINE_APPROVE = "clearance.discipline.approve"
    PUBLIC_SECURITY_HANDLE = "clearance.public_security.handle"
    PUBLIC_SECURITY_APPROVE = "clearance.public_security.approve"
    STATEMENT_WRITE = "clearance.statement.write"
    CASE_READ = "clearance.case.read"
    JOINT_REVIEW = "clearance.case.review"
    NOTICE_PROPOSE = "clearance.notice.propose"
    NOTICE_APPROVE = "clearance.notice.approve"
    OBJECTION_DECIDE = "clearance.objection.decide"

    CERTIFICATE_READ = "certificates.certificate.read"
    CERTIFICATE_PROPOSE = "certificates.certificate.propose"
    CERTIFICATE_APPROVE = "certificates.certificate.approve"
    CERTIFICATE_OWN = "certificates.certificate.own"

    PRACTICE_OWN = "practice.attempt.own"
    """Practise: mock exams, one's own book of wrong answers."""
    MOCK_READ = "practice.mock.read"
    MOCK_WRITE = "practice.mock.write"
    """Open mock exams and close them."""

    RETENTION_READ = "retention.read"
    """How long records are kept, what is due and what holds it, destruction lists."""
    RETENTION_PROPOSE = "retention.propose"
    """Propose terms, draw up destruction lists."""
    RETENTION_APPROVE = "retention.approve"
    """Approve terms and destruction lists; a list is approved by two, neither of whom drew it up."""

    FIGURES_READ = "figures.read"
    SERVICE_RUN = "service.run"
    AUDIT_READ = "audit.read"


class Role(StrEnum):
    """角色. The value is stored; `ROLE_WORDS` has the words of the pages."""

    CANDIDATE = "candidate"
    ITEM_AUTHOR = "item_author"
    ITEM_REVIEWER = "item_reviewer"
    BANK_LEAD = "bank_lead"
    EXAM_OFFICER = "exam_officer"
    EXAM_APPROVER = "exam_approver"
    CHIEF_PROCTOR = "chief_proctor"
    PROCTOR = "proctor"
    DISCIPLINE_HANDLER = "discipline_handler"
    DISCIPLINE_APPROVER = "discipline_approver"
    PUBLIC_SECURITY_HANDLER = "public_security_handler"
    PUBLIC_SECURITY_APPROVER = "public_security_approver"
    PANEL_MEMBER = "panel_member"
    CERTIFICATE_OFFICER = "certificate_officer"
    CERTIFICATE_APPROVER = "certificate_approver"
    UNIT_LIAISON = "unit_liaison"
    LEADER = "leader"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDIT_ADMINISTRATOR = "audit_administrator"


ROLE_WORDS: dict[Role, tuple[str, str]] = {
    Role.CANDIDATE: ("考生", "Candidate"),
    Role.ITEM_AUTHOR: ("命题员", "Item author"),
    Role.ITEM_REVIEWER: ("审题员", "Item reviewer"),
    Role.BANK_LEAD: ("题库负责人", "Bank lead"),
    Role.EXAM_OFFICER: ("考务员", "Exam officer"),
    Role.EXAM_APPROVER: ("考务审批人", "Exam approver"),
    Role.CHIEF_PROCTOR: ("主考", "Chief proctor"),
    Role.PROCTOR: ("监考员", "Proctor"),
    Role.DISCIPLINE_HANDLER: ("纪检经办", "Discipline handler"),
    Role.DISCIPLINE_APPROVER: ("纪检审批", "Discipline approver"),
    Role.PUBLIC_SECURITY_HANDLER: ("公安经办", "Public-security handler"),
    Role.PUBLIC_SECURITY_APPROVER: ("公安审批", "Public-security approver"),
    Role.PANEL_MEMBER: ("综合评审成员", "Panel member"),
    Role.CERTIFICATE_OFFICER: ("发证员", "Certificate officer"),
    Role.CERTIFICATE_APPROVER: ("发证审批", "Certificate approver"),
    Role.UNIT_LIAISON: ("单位联络员", "Unit liaison"),
    Role.LEADER: ("领导", "Leader"),
    Role.SYSTEM_ADMINISTRATOR: ("系统管理员", "System administrator"),
    Role.SECURITY_ADMINISTRATOR: ("安全管理员", "Security administrator"),
    Role.AUDIT_ADMINISTRATOR: ("审计管理员", "Audit administrator"),
}

C = Capability
ROLE_CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.CANDIDATE: frozenset(
        {C.REGISTRATION_OWN, C.ATTEMPT_SIT, C.PRACTICE_OWN, C.WAY_READ, C.STATEMENT_WRITE, C.CERTIFICATE_OWN}
    ),
    Role.ITEM_AUTHOR: frozenset({C.BANK_READ, C.ITEM_WRITE, C.BANK_IMPORT}),
    Role.ITEM_REVIEWER: frozenset({C.BANK_READ, C.ITEM_REVIEW, C.REGISTER_WRITE}),
    Role.BANK_LEAD: frozenset({C.BANK_READ, C.REVIEW_ASSIGN, C.SECRET_READ, C.REGISTER_WRITE}),
    Role.EXAM_OFFICER: frozenset(
        {
            C.BLUEPRINT_READ,
            C.BLUEPRINT_WRITE,
            C.MOCK_READ,
            C.MOCK_WRITE,
            C.POLICY_READ,
            C.POLICY_PROPOSE,
            C.TRAINING_READ,
            C.TRAINING_WRITE,
            C.TRAINING_CONFIRM,
            C.CHANGE_READ,
            C.CHANGE_FILE,
            C.CHANGE_CONFIRM,
            C.EXAM_READ,
            C.EXAM_WRITE,
            C.EXAM_PRINT,
            C.ACCOMMODATION_READ,
            C.ACCOMMODATION_PROPOSE,
            C.REGISTRATION_READ,
            C.REGISTRATION_CONFIRM,
            C.ROOM_READ,
            C.ABSENCE_CONFIRM,
            C.TECHNICAL_FAULT_DECIDE,
            C.RESPONSE_FILE_READ,
            C.MISCONDUCT_READ,
            C.MISCONDUCT_HANDLE,
            C.CONTROL_READ,
            C.DRILL_RUN,
            C.SWITCH_READ,
            C.SWITCH_PROPOSE,
            C.SHEET_KEY,
            C.RESULT_READ,
            C.RELEASE_PROPOSE,
            C.RESCORING_PROPOSE,
            C.NOTICE_PROPOSE,
        }
    ),
    Role.EXAM_APPROVER: frozenset(
        {
            C.BLUEPRINT_READ,
            C.BLUEPRINT_APPROVE,
            C.MOCK_READ,
            C.POLICY_READ,
            C.POLICY_APPROVE,
            C.EXAM_READ,
            C.EXAM_APPROVE,
            C.EXAM_PRINT,
            C.ACCOMMODATION_READ,
            C.ACCOMMODATION_APPROVE,
            C.REGISTRATION_READ,
            C.RESPONSE_FILE_READ,
            C.SWITCH_READ,
            C.SWITCH_APPROVE,
            C.MISCONDUCT_READ,
            C.MISCONDUCT_DECIDE,
            C.RESULT_READ,
            C.RELEASE_APPROVE,
            C.RESCORING_APPROVE,
            C.NOTICE_APPROVE,
        }
    ),
    Role.CHIEF_PROCTOR: frozenset(
        {
            C.ROOM_READ,
            C.ROOM_RUN,
            C.ABSENCE_CONFIRM,
            C.TECHNICAL_FAULT_DECIDE,
            C.MISCONDUCT_READ,
            C.CONTROL_READ,
            C.CONTROL_RUN,
            C.SWITCH_READ,
            C.SWITCH_PROPOSE,
            C.SHEET_KEY,
        }
    ),
    Role.PROCTOR: frozenset({C.ROOM_READ, C.ROOM_RUN, C.ABSENCE_CONFIRM, C.MISCONDUCT_READ, C.SHEET_KEY}),
    Role.DISCIPLINE_HANDLER: frozenset({C.DISCIPLINE_HANDLE}),
    Role.DISCIPLINE_APPROVER: frozenset({C.DISCIPLINE_APPROVE}),
    Role.PUBLIC_SECURITY_HANDLER: frozenset({C.PUBLIC_SECURITY_HANDLE}),
    Role.PUBLIC_SECURITY_APPROVER: frozenset({C.PUBLIC_SECURITY_APPROVE}),
    Role.PANEL_MEMBER: frozenset({C.CASE_READ, C.JOINT_REVIEW, C.OBJECTION_DECIDE}),
    Role.CERTIFICATE_OFFICER: frozenset({C.CERTIFICATE_READ, C.CERTIFICATE_PROPOSE}),
    Role.CERTIFICATE_APPROVER: frozenset({C.CERTIFICATE_READ, C.CERTIFICATE_APPROVE}),
    Role.UNIT_LIAISON: frozenset(
        {
            C.PERSON_READ,
            C.PERSON_CONTACT,
            C.TRAINING_READ,
            C.TRAINING_WRITE,
            C.CHANGE_READ,
            C.CHANGE_FILE,
            C.POLICY_READ,
            C.EXAM_READ,
            C.REGISTRATION_READ,
            C.REGISTRATION_WRITE,
        }
    ),
    Role.LEADER: frozenset({C.FIGURES_READ, C.PERSON_READ}),
    Role.SYSTEM_ADMINISTRATOR: frozenset(
        {C.SERVICE_RUN, C.CALENDAR_WRITE, C.CONTROL_READ, C.RETENTION_READ, C.RETENTION_PROPOSE}
    ),
    Role.SECURITY_ADMINISTRATOR: frozenset(
        {C.ACCOUNT_READ, C.ACCOUNT_MANAGE, C.ROLE_GRANT, C.FACTOR_RESET, C.RETENTION_READ, C.RETENTION_APPROVE}
    ),
    Role.AUDIT_ADMINISTRATOR: frozenset({C.AUDIT_READ, C.RETENTION_READ, C.RETENTION_APPROVE}),
}

SCOPED = frozenset(
    {
        C.PERSON_READ,
        C.PERSON_CONTACT,
        C.TRAINING_READ,
        C.TRAINING_WRITE,
        C.TRAINING_CONFIRM,
        C.CHANGE_READ,
        C.CHANGE_FILE,
        C.CHANGE_CONFIRM,
        C.BANK_READ,
        C.ITEM_WRITE,
        C.BANK_IMPORT,
        C.ITEM_REVIEW,
        C.REVIEW_ASSIGN,
        C.SECRET_READ,
        C.REGISTER_WRITE,
        C.ACCOMMODATION_READ,
        C.ACCOMMODATION_PROPOSE,
        C.ACCOMMODATION_APPROVE,
        C.REGISTRATION_READ,
        C.REGISTRATION_WRITE,
        C.REGISTRATION_CONFIRM,
        C.CERTIFICATE_READ,
        C.CERTIFICATE_PROPOSE,
        C.CERTIFICATE_APPROVE,
        C.FIGURES_READ,
    }
)
"""What is held within parts of the unit tree: over persons and banks. It is asked by `Actor.scopes` and `covers`, each
act by its own capability: what another role sees elsewhere lends it nothing. Every other capability is held over the
whole, within the bounds of rooms (ROOM_…) or of what is one's own."""

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR})
DISCIPLINE = frozenset({Role.DISCIPLINE_HANDLER, Role.DISCIPLINE_APPROVER})
PUBLIC_SECURITY = frozenset({Role.PUBLIC_SECURITY_HANDLER, Role.PUBLIC_SECURITY_APPROVER})
EXAM_STAFF = frozenset(
    {
        Role.ITEM_AUTHOR,
        Role.ITEM_REVIEWER,
        Role.BANK_LEAD,
        Role.EXAM_OFFICER,
        Role.EXAM_APPROVER,
        Role.CHIEF_PROCTOR,
        Role.PROCTOR,
        Role.PANEL_MEMBER,
    }
)
STAFF = frozenset(Role) - {Role.CANDIDATE}
"""Everyone on staff signs in with a second factor (P39)."""


def _never_together() -> frozenset[frozenset[Role]]:
    pairs = {frozenset({a, b}) for a in ADMINISTRATORS for b in STAFF if a is not b}
    pairs |= {frozenset({a, b}) for a in DISCIPLINE for b in PUBLIC_SECURITY}
    pairs |= {frozenset({a, b}) for a in DISCIPLINE | PUBLIC_SECURITY for b in EXAM_STAFF}
    return frozenset(pairs)


NEVER_TOGETHER = _never_together()
"""Pairs of roles that one person never holds at all. Pairs that must not meet over the *same* item, act, case or
certificate (author and reviewer, officer and approver, handler and approver, panel and handler) are rules of those
features, for one person may hold both over different things."""


def clash(held: frozenset[Role], wanted: Role) -> Role | None:
    """The first role among `held` that may never meet `wanted` in one person, or None (P24)."""
    return next((role for role in sorted(held) if frozenset({role, wanted}) in NEVER_TOGETHER), None)
