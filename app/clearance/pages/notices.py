"""Public notices: proposed, approved, shown, objected to."""

from datetime import timedelta

from app.audit.sealing import anchor_first
from app.clearance import queries
from app.clearance.pages.routes import desk
from app.clearance.rules import (
    NoticeState,
)
from app.clearance.schemas import (
    EntryShown,
    NoticeGiven,
    NoticesShown,
    ObjectionGiven,
    PublicNoticeShown,
    PublicNoticesShown,
    ReadyShown,
    ReasonGiven,
)
from app.clearance.service import notices
from app.clearance.views import notice_shown
from app.errors import NotFound
from app.exams import queries as exams
from app.operation import Operation
from app.security.derivation import Purpose, derive
from app.security.permissions import Capability
from app.security.throttle import Limit, admit, digest, source_of
from app.shapes import Done
from app.web.desk import NavEntry

OBJECTIONS = Limit(count=10, window=timedelta(hours=1))


@desk.view(
    "/notices/desk",
    Capability.NOTICE_PROPOSE,
    template="clearance/notices.html",
    nav=NavEntry("公示拟办", 65),
)
def show_notices(op: Operation) -> NoticesShown:
    """Notices, and who may be shown next."""
    found = queries.notices(op.db, states=list(NoticeState))
    ready = []
    for exam_id in queries.exams_with_cases(op.db):
        count = len(queries.approved_unshown(op.db, exam_id))
        if count:
            ready.append(ReadyShown(exam_id=exam_id, name=exams.exam_by_id(op.db, exam_id).name, persons=count))
    return NoticesShown(notices=[notice_shown(op, notice) for notice in found], ready=ready)


@desk.view(
    "/notices/approval",
    Capability.NOTICE_APPROVE,
    template="clearance/notices.html",
    nav=NavEntry("公示审批", 66),
)
def show_notices_to_approve(op: Operation) -> NoticesShown:
    """Notices that wait for publication, and those before."""
    found = queries.notices(op.db, states=list(NoticeState))
    return NoticesShown(notices=[notice_shown(op, notice) for notice in found], ready=[])


@desk.command(
    "/notices/desk",
    Capability.NOTICE_PROPOSE,
    then="/notices/desk",
    retry=show_notices,
    said="公示已拟，等待审批。",
)
def propose_notice(op: Operation, *, given: NoticeGiven) -> Done:
    """Put everyone approved and not shown yet on a notice."""
    notice = notices.propose_notice(op, exam_id=given.exam_id, document_number=given.document_number)
    return Done(id=notice.id)


@desk.command(
    "/notices/{notice_id}/publish",
    Capability.NOTICE_APPROVE,
    then="/notices/approval",
    retry=show_notices_to_approve,
    fresh=True,
    said="公示已发布。",
    prepare=anchor_first,
)
def publish_notice(op: Operation, *, notice_id: int) -> Done:
    """Show the notice from now for its working days."""
    return Done(id=notices.publish_notice(op, notice_id=notice_id).id)


@desk.command(
    "/notices/{notice_id}/decline",
    Capability.NOTICE_APPROVE,
    then="/notices/approval",
    retry=show_notices_to_approve,
    said="已退回。",
)
def decline_notice(op: Operation, *, notice_id: int, given: ReasonGiven) -> Done:
    """Send a proposed notice back."""
    return Done(id=notices.decline_notice(op, notice_id=notice_id, reason=given.reason).id)


@desk.view("/notices", Capability.ANYONE, template="clearance/public_notices.html")
def list_public_notices(op: Operation) -> PublicNoticesShown:
    """The notices that are being shown to the public."""
    found = queries.notices(op.db, states=[NoticeState.PUBLISHED])
    shown = [notice_shown(op, notice) for notice in found]
    return PublicNoticesShown(notices=[line for line in shown if line.shown_now])


@desk.view("/notices/{notice_id}", Capability.ANYONE, template="clearance/public_notice.html")
def show_public_notice(op: Operation, *, notice_id: int) -> PublicNoticeShown:
    """One notice, while it is shown; before and after it looks missing: names are not kept in public."""
    notice = queries.find_notice(op.db, notice_id)
    line = notice_shown(op, notice)
    if not line.shown_now:
        raise NotFound
    return PublicNoticeShown(
        notice=line,
        working_days=notice.working_days,
        entries=[
            EntryShown(id=e.id, masked_name=e.masked_name, unit_name=e.unit_name)
            for e in queries.entries_of(op.db, notice.id)
        ],
        authority=op.settings.authority,
    )


@desk.command(
    "/notices/{notice_id}/objections",
    Capability.ANYONE,
    then="/notices/{notice_id}",
    retry=show_public_notice,
    said="异议已收到，将由组织部门核查处理。",
)
def raise_objection(op: Operation, *, notice_id: int, given: ObjectionGiven) -> Done:
    """Object to one person on a notice."""
    key = derive(op.settings.secret_key.get_secret_value(), Purpose.THROTTLE)
    admit(op.db, digest(key, "objection", source_of(op.address)), now=op.now, limit=OBJECTIONS)
    raised = notices.raise_objection(
        op, notice_id=notice_id, entry_id=given.entry_id, text=given.text, contact=given.contact
    )
    return Done(id=raised.id)
