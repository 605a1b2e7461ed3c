"""考试浏览器: the settings of an exam with their keys, for those who run it; the page that tells anybody whether their
browser is the right one."""

from app.accounts.queries import person_of
from app.exams import queries
from app.exams.lockdown import NoLockdown
from app.exams.lockdown_models import BrowserExamKey, LockdownFile
from app.exams.pages.desk import desk
from app.exams.queries.lockdown import exam_keys_of, file_marked, file_of
from app.exams.schemas import ReasonGiven
from app.exams.schemas.lockdown import BrowserCheck, ExamKeyGiven, ExamKeyShown, LockdownShown, QuitShown
from app.exams.service import lockdown as service
from app.lockdown.proof import shows
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done
from app.web.faces import Download

MEDIA_TYPE = "application/seb"


@desk.view("/exams/{exam_id}/lockdown", Capability.EXAM_PRINT, template="exams/lockdown.html")
def show_lockdown(op: Operation, *, exam_id: int) -> LockdownShown:
    """The settings file of an exam, its Config Key, and the versions that may be used."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    file = _file_of(op, exam.id)
    sitting = queries.sittings_of(op.db, exam.id)[0]
    listed = exam_keys_of(op.db, exam.id)
    staff = {row.listed_by: person_of(op.db, row.listed_by) for row in listed}
    names = names_of(op.db, set(staff.values()))
    return LockdownShown(
        exam_id=exam.id,
        exam_name=exam.name,
        starts_at=sitting.starts_at,
        config_key=file.config_key,
        quit_password=service.quit_password(op.house, file),
        check_href=service.check_address(op.house, file.mark),
        open_href=service.open_address(op.house, file.mark),
        made_at=file.made_at,
        exam_keys=[
            ExamKeyShown(
                id=row.id,
                platform=row.platform,
                version=row.version,
                exam_key=row.exam_key,
                listed_by=names[staff[row.listed_by]],
                listed_at=row.listed_at,
            )
            for row in listed
        ],
        may_list=op.may(Capability.EXAM_WRITE),
        may_renew=op.may(Capability.EXAM_APPROVE) and op.now < sitting.starts_at,
    )


@desk.view("/exams/{exam_id}/lockdown/settings", Capability.EXAM_PRINT, api=False)
def download_settings(op: Operation, *, exam_id: int) -> Download:
    """The settings file, to be tried out and put on the computers."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    return Download(f"exam-{exam.id}.seb", _file_of(op, exam.id).content, MEDIA_TYPE)


@desk.command(
    "/exams/{exam_id}/lockdown/keys",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}/lockdown",
    retry=show_lockdown,
    said="浏览器密钥已登记，立即生效。",
)
def list_exam_key(op: Operation, *, exam_id: int, given: ExamKeyGiven) -> Done:
    """Let a version of the browser be used."""
    return Done(id=service.list_exam_key(op, exam_id=exam_id, **given.model_dump()).id)


@desk.command(
    "/exams/{exam_id}/lockdown/keys/{key_id}/withdraw",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}/lockdown",
    retry=show_lockdown,
    said="浏览器密钥已停用，立即生效。",
)
def withdraw_exam_key(op: Operation, *, exam_id: int, key_id: int) -> Done:
    """Let a version be used no more."""
    return Done(id=service.withdraw_exam_key(op, exam_id=exam_id, key_id=key_id).id)


@desk.command(
    "/exams/{exam_id}/lockdown/renew",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}/lockdown",
    retry=show_lockdown,
    fresh=True,
    said="设置文件已重新生成，以前的文件全部作废。",
)
def renew_lockdown(op: Operation, *, exam_id: int, given: ReasonGiven) -> Done:
    """Make the settings anew; what was given out before is void."""
    return Done(id=service.renew(op, exam_id=exam_id, reason=given.reason).exam_id)


@desk.view("/lockdown/{mark}", Capability.ANYONE, template="exams/lockdown_check.html")
def check_browser(op: Operation, *, mark: str, config_hash: str = "", exam_hash: str = "") -> BrowserCheck:
    """Whether this browser is the one that the exam asks for; a page whose browser sends no headers gives the hashes
    that it has read of its own address."""
    file, exam = file_marked(op.db, mark)
    page, proof = service.check_address(op.house, mark), op.proof
    shown = [(page, config_hash, exam_hash)]
    if proof is not None:
        shown += [(proof.address, proof.config_hash, proof.exam_hash)]
    configured = any(shows(file.config_key, config, address=address) for address, config, _ in shown)
    listed = exam_keys_of(op.db, exam.id)
    found = [row for row in listed if any(shows(row.exam_key, key, address=address) for address, _, key in shown)]
    return BrowserCheck(
        exam_name=exam.name,
        starts_at=queries.sittings_of(op.db, exam.id)[0].starts_at,
        page=page,
        open_href=service.open_address(op.house, mark),
        checked=any(config or key for _, config, key in shown),
        configured=configured,
        listed=bool(found) if listed else None,
        version=_name(found[0]) if found else "",
        ready=configured and bool(found or not listed),
        now=op.now,
    )


@desk.view("/lockdown/{mark}/settings", Capability.ANYONE, api=False)
def give_settings(op: Operation, *, mark: str) -> Download:
    """The settings file, for whoever was given its address: the browser asks for it itself, without a session."""
    file, exam = file_marked(op.db, mark)
    if op.now >= queries.sittings_of(op.db, exam.id)[0].ends_at:
        raise NoLockdown
    return Download(f"exam-{exam.id}.seb", file.content, MEDIA_TYPE)


@desk.view("/lockdown/{mark}/quit", Capability.ANYONE, template="exams/lockdown_quit.html", api=False)
def quit_browser(op: Operation, *, mark: str) -> QuitShown:
    """Where the browser ends by itself; another browser shows that it may be closed."""
    file_marked(op.db, mark)
    return QuitShown()


def _file_of(op: Operation, exam_id: int) -> LockdownFile:
    file = file_of(op.db, exam_id)
    if file is None:
        raise NoLockdown
    return file


def _name(row: BrowserExamKey) -> str:
    return f"{row.platform} {row.version}"
