"""The closed vocabulary of audited acts, `subject:verb`, each with what its record must say afterwards.

To add an act, add one line to its feature's group: NAME = "subject:verb", then the keys that `after` must have.
Words are never renamed or reused: the log keeps them for years. P31 is computed from these records alone, so whatever
the validity of a certificate depends on is required here.
"""

from enum import StrEnum
from typing import Self


class AuditAction(StrEnum):
    """An audited act; `required` are the keys that `after` must have."""

    required: tuple[str, ...]

    def __new__(cls, word: str, *required: str) -> Self:
        """A member that is its own word."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.required = required
        return member

    # accounts
    ACCOUNT_CREATE = "account:create", "person_id"
    ACCOUNT_ACTIVATE = "account:activate"
    ACCOUNT_DISABLE = "account:disable"
    ACCOUNT_ENABLE = "account:enable"
    ACCOUNT_LOCK = "account:lock"
    ACCOUNT_CHANGE_PASSWORD = "account:change_password"  # noqa: S105 - the name of an act
    ACCOUNT_RESET_FACTOR = "account:reset_factor", "proposed_by"
    ACCOUNT_ENROL_FACTOR = "account:enrol_factor"
    ACCOUNT_PRINT_CODES = "account:print_codes", "codes"
    ACCOUNT_PROPOSE_RESET = "account:propose_reset", "reset_id"
    ROLE_GRANT = "role:grant", "account_id", "role", "unit_id"
    ROLE_WITHDRAW = "role:withdraw", "account_id", "role", "unit_id"
    SESSION_OPEN = "session:open", "account_id"
    SESSION_REFUSE = "session:refuse", "cause"
    SESSION_CONFIRM = "session:confirm"
    SESSION_END = "session:end", "cause"

    # people
    UNIT_CREATE = "unit:create"
    UNIT_CHANGE = "unit:change"
    PERSON_CREATE = "person:create", "unit_id"
    PERSON_CHANGE = "person:change"
    PERSON_MOVE = "person:move", "unit_id"
    PERSON_UNMASK = "person:unmask", "fields"
    PERSON_PHOTOGRAPH = "person:photograph", "sha256"
    PERSON_ERASE = "person:erase"
    PERSON_BAR = "person:bar", "until"
    PERSON_FACT = "person:fact", "fact", "reference", "level", "first_day", "last_day"
    CHANGE_FILE = "change:file", "person_id", "kind"
    PARTY_ORGANISATION_CREATE = "party_organisation:create", "unit_id", "kind"
    CALENDAR_SET = "calendar:set", "workday"
    CALENDAR_CLEAR = "calendar:clear"

    # authoring
    BANK_CREATE = "bank:create"
    BANK_PROPOSE_EXPORT = "bank:propose_export", "export_id", "format"
    BANK_GRANT_EXPORT = "bank:grant_export", "export_id", "proposed_by"
    BANK_EXPORT = "bank:export", "items", "proposed_by"
    PICTURE_KEEP = "picture:keep", "sha256"
    ITEM_CREATE = "item:create", "version_id", "content_hash"
    ITEM_CHANGE = "item:change", "version_id", "content_hash"
    ITEM_SUBMIT = "item:submit", "version_id"
    ITEM_APPROVE = "item:approve", "version_id"
    ITEM_RETURN = "item:return", "version_id"
    ITEM_RETIRE = "item:retire"
    ITEM_CALIBRATE = "item:calibrate", "versions", "responses"
    IMPORT_PREPARE = "import:prepare", "file_hash"
    IMPORT_REFUSE = "import:refuse", "bank_id", "file_hash", "cause"
    IMPORT_MEND = "import:mend", "decision", "items"
    IMPORT_COMMIT = "import:commit", "file_hash", "items", "contents"
    IMPORT_CANCEL = "import:cancel", "job_id"
    IMPORT_DISCARD = "import:discard"
    IMPORT_UNDO = "import:undo", "items"
    DOCUMENT_REGISTER = "document:register", "effective_on"
    DOCUMENT_SETTLE_NAME = "document:settle_name", "items"
    DOCUMENT_ADD_CLAUSE = "document:add_clause", "clause_id"
    DOCUMENT_SUPERSEDE = "document:supersede", "on", "by_id", "items"
    PROMISE_ACCEPT = "promise:accept", "edition"
    ITEM_DECLARE_ENEMY = "item:declare_enemy", "pair_id", "other_id"
    ITEM_WITHDRAW_ENEMY = "item:withdraw_enemy", "pair_id", "other_id"
    ITEM_CONFIRM = "item:confirm", "document_id", "version"
    ITEM_CLASSIFY = "item:classify", "confidentiality"
    ITEM_ASSIGN = "item:assign", "assignment_id", "version_id", "reviewer_id", "due_on"
    ITEM_UNASSIGN = "item:unassign", "assignment_id", "reviewer_id"
    ITEM_TAKE_OVER = "item:take_over", "assignment_id", "version_id", "reviewer_id"
    ITEM_TAG = "item:tag", "tag_hash"
    ITEM_UNTAG = "item:untag", "tag_hash"
    ITEM_FILE = "item:file", "topic_id"
    BULK_START = "bulk:start", "act", "items", "bank_id"
    BULK_CANCEL = "bulk:cancel", "job_id"
    THREAD_OPEN = "thread:open", "item_id", "version", "comment_id"
    THREAD_REPLY = "thread:reply", "item_id", "comment_id"
    THREAD_RESOLVE = "thread:resolve", "item_id", "comment_id"
    THREAD_REOPEN = "thread:reopen", "item_id", "comment_id"
    COMMENT_WITHDRAW = "comment:withdraw", "item_id", "comment_id"
    TOPIC_CREATE = "topic:create", "bank_id"
    TOPIC_RENAME = "topic:rename", "path_hash", "topics"
    TOPIC_MOVE = "topic:move", "parent_id", "path_hash", "topics"
    TOPIC_MERGE = "topic:merge", "into_id", "items"
    BLUEPRINT_WARN = "blueprint:warn", "from_day", "short"

    # exams
    BLUEPRINT_CREATE = "blueprint:create"
    BLUEPRINT_CHANGE = "blueprint:change"
    BLUEPRINT_SUBMIT = "blueprint:submit"
    BLUEPRINT_APPROVE = "blueprint:approve"
    BLUEPRINT_RETURN = "blueprint:return"
    EXAM_CREATE = "exam:create", "level", "blueprint_id"
    EXAM_CHANGE = "exam:change"
    EXAM_SUBMIT = "exam:submit"
    EXAM_RETURN = "exam:return"
    EXAM_PUBLISH = "exam:publish"
    EXAM_OPEN_REGISTRATION = "exam:open_registration"
    EXAM_CLOSE_REGISTRATION = "exam:close_registration"
    EXAM_PROPOSE_SEALING = "exam:propose_sealing"
    EXAM_DECLINE_SEALING = "exam:decline_sealing"
    EXAM_PROPOSE_PAPER = "exam:propose_paper", "order_id"
    EXAM_GRANT_PAPER = "exam:grant_paper", "order_id", "proposed_by", "forms"
    EXAM_SEAL = "exam:seal", "seed_commitment", "pool_hash", "forms_hash", "forms"
    EXAM_CANCEL = "exam:cancel"
    EXAM_ADD_LATE = "exam:add_late", "registration_id", "form_number"
    EXAM_DISCLOSE_SEED = "exam:disclose_seed", "seed_commitment"
    ROOM_CREATE = "room:create", "exam_id", "capacity"
    ROOM_REMOVE = "room:remove", "exam_id"
    ROOM_ASSIGN_PROCTOR = "room:assign_proctor", "account_id"
    ROOM_RELEASE_PROCTOR = "room:release_proctor", "account_id"
    SITTING_CREATE = "sitting:create", "exam_id", "starts_at"
    SITTING_CHANGE = "sitting:change"
    SITTING_ASSIGN_PROCTOR = "sitting:assign_proctor", "account_id"
    LIST_CHECK = "list:check", "exam_id", "file_hash"
    LIST_COMMIT = "list:commit", "exam_id", "registered", "left_out"
    LIST_DISCARD = "list:discard", "exam_id"
    REGISTRATION_CREATE = "registration:create", "exam_id", "person_id", "eligible"
    REGISTRATION_ACCEPT = "registration:accept"
    REGISTRATION_REFUSE = "registration:refuse", "rules"
    REGISTRATION_WITHDRAW = "registration:withdraw"
    REGISTRATION_SEAT = "registration:seat", "room_id", "seat"
    ACCOMMODATION_PROPOSE = "accommodation:propose", "person_id"
    ACCOMMODATION_APPROVE = "accommodation:approve", "person_id", "proposed_by"
    ACCOMMODATION_DECLINE = "accommodation:decline", "person_id"
    ACCOMMODATION_WITHDRAW = "accommodation:withdraw", "person_id"
    TICKET_PRINT = "ticket:print", "prints"
    EXAM_SET_TICKETS = "exam:set_tickets", "tickets_from", "tickets_until"
    EXAM_PROPOSE_CHANGE = "exam:propose_change", "change_id", "kind"
    EXAM_DECLINE_CHANGE = "exam:decline_change", "change_id"
    EXAM_POSTPONE = "exam:postpone", "change_id", "starts_at", "ends_at", "proposed_by"
    EXAM_CALL_OFF = "exam:call_off", "change_id", "state", "proposed_by"
    EXAM_DRAW_SEATS = "exam:draw_seats", "number", "draw_seed", "places_hash", "clashes"
    EXAM_VOID_SEATS = "exam:void_seats", "room_id"
    REGISTRATION_CHECK_IN = "registration:check_in"
    REGISTRATION_ISSUE_CODE = "registration:issue_code", "code"

    # attempts
    DECLARATION_ACCEPT = "declaration:accept", "version", "text_hash"
    ATTEMPT_START = "attempt:start", "registration_id", "form_hash"
    ATTEMPT_TAKE_OVER = "attempt:take_over"
    ATTEMPT_RELEASE = "attempt:release"
    ATTEMPT_GRANT_TIME = "attempt:grant_time", "seconds", "cause"
    ATTEMPT_PAUSE = "attempt:pause", "cause"
    ATTEMPT_RESUME = "attempt:resume", "seconds", "deadline_at"
    ROOM_PAUSE = "room:pause", "cause", "attempts"
    ROOM_RESUME = "room:resume", "seconds", "attempts"
    ATTEMPT_HAND_IN = "attempt:hand_in", "responses_hash"
    ATTEMPT_CLOSE = "attempt:close", "responses_hash", "as_of"
    ATTEMPT_END = "attempt:end", "cause"
    RESPONSE_FILE_UPLOAD = "response_file:upload", "attempt_id", "state", "newer", "file_hash"
    RESPONSE_FILE_PROPOSE = "response_file:propose", "state", "proposal"
    RESPONSE_FILE_SETTLE = "response_file:settle", "state", "attempt_id", "proposed_by"
    RECEIPT_CHECK = "receipt:check", "genuine", "agrees"
    ANNOUNCEMENT_MAKE = "announcement:make", "exam_id", "number", "words_hash"
    INCIDENT_NOTE = "incident:note", "kind"

    # grading
    SCORING_RUN = "scoring:run", "exam_id", "attempts"
    RESULT_SCORE = "result:score", "attempt_id", "points", "passed"
    RESULT_ABSENT = "result:absent", "exam_id"
    RESULT_PROPOSE_RELEASE = "result:propose_release", "exam_id"
    RESULT_DECLINE_RELEASE = "result:decline_release", "exam_id"
    RESULT_RELEASE = "result:release", "exam_id", "released_at", "proposed_by"
    RESULT_CHANGE = "result:change", "attempt_id", "points", "passed", "proposed_by"

    # clearance
    CASE_OPEN = "case:open", "person_id", "result_id", "level"
    CASE_SUSPEND = "case:suspend", "cause"
    CASE_RESUME = "case:resume"
    CASE_CLOSE = "case:close", "state"
    CHECK_ASSIGN = "check:assign", "case_id", "office", "account_id"
    CHECK_DISPATCH = "check:dispatch", "case_id", "file_hash"
    CHECK_REPLY = "check:reply", "case_id", "file_hash"
    CHECK_GIVE_OPINION = "check:give_opinion", "case_id", "office", "outcome", "findings_hash"
    CHECK_SIGN_OFF = "check:sign_off", "case_id", "office", "outcome", "valid_until"
    CHECK_RETURN = "check:return", "case_id", "office"
    CHECK_RECUSE = "check:recuse", "case_id", "account_id"
    STATEMENT_INVITE = "statement:invite", "case_id", "until"
    STATEMENT_FILE = "statement:file", "case_id", "content_hash"
    REVIEW_DECIDE = "review:decide", "case_id", "approved"
    NOTICE_PUBLISH = "notice:publish", "cases", "begins_on", "ends_on"
    CHECK_REOPEN = "check:reopen", "case_id", "office", "round"
    REVIEW_VOTE = "review:vote", "case_id", "approve"
    CASE_ASK_AGAIN = "case:ask_again", "review"
    CASE_MOVE = "case:move", "state"
    NOTICE_PROPOSE = "notice:propose", "exam_id", "cases"
    NOTICE_DECLINE = "notice:decline", "exam_id"
    NOTICE_END = "notice:end"
    OBJECTION_FILE = "objection:file", "case_id", "content_hash"
    OBJECTION_DECIDE = "objection:decide", "case_id", "upheld"

    # certificates
    BATCH_PROPOSE = "batch:propose", "exam_id", "cases"
    BATCH_APPROVE = "batch:approve", "cases", "proposed_by"
    BATCH_DECLINE = "batch:decline", "exam_id"
    BATCH_HOLD_BACK = "batch:hold_back", "case_id", "conditions"
    BATCH_FINISH = "batch:finish", "issued", "held_back"
    ACT_PROPOSE = "act:propose", "certificate_id", "step"
    ACT_DECLINE = "act:decline", "certificate_id", "step"
    CERTIFICATE_ISSUE = (
        "certificate:issue",
        "person_id",
        "level",
        "ground",
        "ground_id",
        "number",
        "valid_from",
        "valid_until",
        "proposed_by",
    )
    CERTIFICATE_SUSPEND = "certificate:suspend", "cause"
    CERTIFICATE_RESTORE = "certificate:restore", "proposed_by"
    CERTIFICATE_SUPERSEDE = "certificate:supersede", "by_certificate_id"
    CERTIFICATE_CANCEL = "certificate:cancel", "proposed_by"
    CERTIFICATE_REVOKE = "certificate:revoke", "proposed_by"
    CERTIFICATE_RETIRE = "certificate:retire", "proposed_by"
    CERTIFICATE_VOID_NUMBER = "certificate:void_number", "number"
    CREDENTIAL_SIGN = "credential:sign", "certificate_id", "credential_hash", "key_id"

    # operation
    KEY_ROTATE = "key:rotate", "purpose", "key_id"
    KEY_REWRAP = "key:rewrap", "key_id", "left"
    BACKUP_MAKE = "backup:make", "file_hash", "tree_size"
    BACKUP_RESTORE = "backup:restore", "file_hash"
    DEMO_LOAD = "demo:load"
    SETTING_CHANGE = "setting:change"
    AUDIT_EXPORT = "audit:export", "tree_size"
    AUDIT_VERIFY = "audit:verify", "ok", "kind", "first_bad_record", "sealed", "unsealed"
    AUDIT_EXPLAIN_GAP = "audit:explain_gap", "cause", "last_anchor_hash", "lost_from", "lost_to"
