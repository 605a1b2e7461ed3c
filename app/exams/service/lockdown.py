"""考试浏览器: the settings of an exam made, made anew, given out; versions that may be used listed and withdrawn."""

import os
import secrets

from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams import queries
from app.exams.lockdown import (
    MOST_EXAM_KEYS,
    ExamKeyKnown,
    ExamKeysTooMany,
    LockdownBegun,
    NoLockdown,
    Platform,
    read_exam_key,
)
from app.exams.lockdown_models import BrowserExamKey, LockdownFile
from app.exams.models import Exam
from app.exams.queries.lockdown import exam_key_by_id, exam_keys_of, file_of
from app.exams.rules import PUBLIC_STATES
from app.exams.service.deciding import acting_account
from app.lockdown.config_key import config_key, property_list
from app.lockdown.profile import Terms, settings_of
from app.operation import House, Operation
from app.security.fields import MasterKey
from app.security.one_time_codes import ALPHABET
from app.security.rewrapping import Wrapped

_SALT_BYTES = 32
_PASSWORD_LENGTH = 16
"""Seventy-eight bits: every candidate holds the file, and with it a digest at which to guess."""


def check_address(house: House, mark: str) -> str:
    """Where the browser begins: the page that says whether it is the right one."""
    return f"{house.settings.public_base_url.rstrip('/')}/lockdown/{mark}"


def open_address(house: House, mark: str) -> str:
    """The settings file by the scheme that opens it in the browser itself: seb:// for http, sebs:// for https."""
    return f"seb{check_address(house, mark).removeprefix('http')}/settings"


def make_file(op: Operation, exam: Exam) -> LockdownFile:
    """Make the settings of an exam whose row is held, with new salts, password and address. What was given out before,
    and every version that was listed for it, is void from now on."""
    for row in exam_keys_of(op.db, exam.id):
        row.withdrawn_by, row.withdrawn_at = acting_account(op), op.now
    mark, password = secrets.token_hex(16), _draw_password()
    begin = check_address(op.house, mark)
    settings = settings_of(
        Terms(
            start_url=begin,
            quit_url=f"{begin}/quit",
            exam_key_salt=os.urandom(_SALT_BYTES),
            config_key_salt=os.urandom(_SALT_BYTES),
            quit_password=password,
            admin_password=_draw_password(),  # told to nobody: the settings are changed here or not at all
        )
    )
    file = file_of(op.db, exam.id) or LockdownFile(exam_id=exam.id)
    file.mark, file.content, file.config_key = mark, property_list(settings), config_key(settings)
    file.quit_cipher = op.house.tool(MasterKey).wrap(password.encode(), context=_context(exam.id))
    file.made_at, file.made_by = op.now, acting_account(op)
    op.db.add(file)
    op.db.flush()
    return file


def renew(op: Operation, *, exam_id: int, reason: str) -> LockdownFile:
    """Make the settings anew before the exam begins: the public address has changed, or the password is known.

    Raises NotFound, NoLockdown, LockdownBegun.
    """
    exam, old = _hold(op, exam_id)
    if op.now >= queries.sittings_of(op.db, exam.id)[0].starts_at:
        raise LockdownBegun
    before = {"config_key": old.config_key}
    file = make_file(op, exam)
    after = {"config_key": file.config_key}
    record(op, AuditAction.LOCKDOWN_RENEW, subject=("exam", exam.id), before=before, after=after, reason=reason)
    return file


def quit_password(house: House, file: LockdownFile) -> str:
    """The password to leave the browser, for those who run the exam."""
    return house.tool(MasterKey).unwrap(file.quit_cipher, context=_context(file.exam_id)).decode()


def list_exam_key(op: Operation, *, exam_id: int, platform: Platform, version: str, exam_key: str) -> BrowserExamKey:
    """Let a version be used: from the first on that is listed, none that is not listed is let in.

    Raises NotFound, NoLockdown, Invalid naming `exam_key`, ExamKeyKnown, ExamKeysTooMany.
    """
    exam, _ = _hold(op, exam_id)
    key = read_exam_key(exam_key)
    listed = exam_keys_of(op.db, exam.id)
    if any(row.exam_key == key for row in listed):
        raise ExamKeyKnown
    if len(listed) >= MOST_EXAM_KEYS:
        raise ExamKeysTooMany(most=MOST_EXAM_KEYS)
    row = BrowserExamKey(
        exam_id=exam.id,
        platform=platform,
        version=version,
        exam_key=key,
        listed_by=acting_account(op),
        listed_at=op.now,
    )
    op.db.add(row)
    op.db.flush()
    after = {"key_id": row.id, "platform": platform, "exam_key": key}
    record(op, AuditAction.LOCKDOWN_LIST_KEY, subject=("exam", exam.id), after=after)
    return row


def withdraw_exam_key(op: Operation, *, exam_id: int, key_id: int) -> BrowserExamKey:
    """A version is not let in any more. Raises NotFound, NoLockdown."""
    exam, _ = _hold(op, exam_id)
    row = exam_key_by_id(op.db, exam.id, key_id)
    row.withdrawn_by, row.withdrawn_at = acting_account(op), op.now
    op.db.flush()
    before = {"platform": row.platform, "exam_key": row.exam_key}
    after = {"key_id": row.id}
    record(op, AuditAction.LOCKDOWN_WITHDRAW_KEY, subject=("exam", exam.id), before=before, after=after)
    return row


def _hold(op: Operation, exam_id: int) -> tuple[Exam, LockdownFile]:
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    file = file_of(op.db, exam.id)
    if file is None or exam.state not in PUBLIC_STATES:
        raise NoLockdown
    return exam, file


def _draw_password() -> str:
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(_PASSWORD_LENGTH))
    return "-".join(drawn[place : place + 4] for place in range(0, _PASSWORD_LENGTH, 4))


def _context(exam_id: int) -> str:
    return f"lockdown:{exam_id}"


QUIT_PASSWORDS = Wrapped(LockdownFile.exam_id, LockdownFile.quit_cipher, (LockdownFile.exam_id,), _context)
