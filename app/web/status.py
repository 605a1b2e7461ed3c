"""The status page of the system administrator, and the checks that it shares with /readyz."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.audit.actions import AuditAction
from app.audit.guard import triggers_missing
from app.audit.log import newest_anchor
from app.audit.models import AuditRecord
from app.jobs.queue import count_by_state
from app.jobs.rules import JobState
from app.observability import health
from app.observability.health import Check
from app.operation import House, Operation
from app.outbox.sms.service import SmsStanding, stand
from app.security.permissions import Capability
from app.security.signing_keys import KeyPurpose, SigningKey
from app.settings import Settings
from app.shapes import Shown
from app.web.desk import Desk, NavEntry

desk = Desk("status")
BACKUP_EVERY = timedelta(days=1)
ANCHOR_WITHIN = timedelta(minutes=3)

# What P39 and P46 lose where pages travel in clear beyond this machine.
_LOST = (
    ("密码、动态口令和作答在网络上以明文传输，同网段可截获。", "Passwords, codes and responses travel in clear."),
    ("登录状态的 Cookie 没有 __Host- 和 Secure 保护。", "The session's cookie lacks __Host- and Secure."),
    ("页面可能在途中被改动，浏览器无法察觉。", "Pages may be changed on their way, unnoticed by the browser."),
    ("浏览器不再说明请求来源，跨站请求只能凭 Origin 判断。", "Browsers no longer say where a request comes from."),
)


class LineShown(Shown):
    """One thing that holds or does not, in both languages."""

    name: str
    ok: bool
    zh: str
    en: str


class JobsShown(Shown):
    """How many jobs stand in one state."""

    state: JobState
    count: int


class StatusShown(Shown):
    """How the service is."""

    version: str
    database: str
    ready: bool
    checks: list[LineShown]
    jobs: list[JobsShown]
    last_backup_at: datetime | None
    last_anchor_at: datetime | None
    lost: list[LineShown]


def checks_of(house: House) -> list[Check]:
    """Whether this process can do its work now, check by check; never raises."""
    return health.readiness(
        house.database,
        house.settings,
        house.clock,
        audit_guarded=lambda: _audit_guarded(house),
        signing_ready=lambda: _signing_ready(house),
    )


@desk.view(
    "/status", Capability.SERVICE_RUN, template="status.html", nav=NavEntry("运行状态", 84, under=("/short-messages",))
)
def show_status(op: Operation) -> StatusShown:
    """Checks, jobs, the last backup and anchor, and what is lost where pages travel in clear."""
    made = select(func.max(AuditRecord.at)).where(AuditRecord.action == AuditAction.BACKUP_MAKE.value)
    last_backup = op.db.execute(made).scalar_one_or_none()
    anchor = newest_anchor(op.db)
    anchored = datetime.fromisoformat(anchor.at) if anchor else None
    checks = [LineShown(name=c.name, ok=c.ok, zh=c.zh, en=c.en) for c in checks_of(op.house)]
    checks += [*_duties(op, last_backup, anchored), _short_messages(stand(op))]
    return StatusShown(
        version=health.version().number,
        database="SQLite" if op.house.database.dialect == "sqlite" else "PostgreSQL",
        ready=all(check.ok for check in checks),
        checks=checks,
        jobs=[JobsShown(state=state, count=count) for state, count in count_by_state(op.db).items()],
        last_backup_at=last_backup,
        last_anchor_at=anchored,
        lost=[LineShown(name="plain_http", ok=False, zh=zh, en=en) for zh, en in lost_promises(op.settings)],
    )


def _duties(op: Operation, last_backup: datetime | None, anchored: datetime | None) -> Iterator[LineShown]:
    """What people and the worker must see to."""
    backed_up = last_backup is not None and op.now - last_backup <= BACKUP_EVERY
    yield LineShown(
        name="backup",
        ok=backed_up,
        zh="最近一天内有备份。" if backed_up else "最近一天没有备份：请运行 chizheng backup make，并把密钥另行保管。",
        en="There is a backup of the last day."
        if backed_up
        else "No backup within the last day: run chizheng backup make, and keep the keys elsewhere.",
    )
    fresh = anchored is not None and op.now - anchored <= ANCHOR_WITHIN
    yield LineShown(
        name="anchors",
        ok=fresh,
        zh="审计日志正按时锚定。"
        if fresh
        else "审计日志近三分钟没有锚定：请检查后台作业（chizheng worker）是否在运行。",
        en="The audit log is anchored in time."
        if fresh
        else "The audit log was not anchored within three minutes: see that chizheng worker is running.",
    )


def _short_messages(standing: SmsStanding) -> LineShown:
    if not standing.on:
        return LineShown(
            name="sms",
            ok=True,
            zh="短信未启用，通知只进站内消息。",
            en="Short messages are not set up; notices go to the inbox only.",
        )
    return LineShown(
        name="sms",
        ok=not standing.failed,
        zh=f"短信已启用：等待 {standing.waiting} 条，未能发出 {standing.failed} 条。",
        en=f"Short messages are set up: {standing.waiting} wait, {standing.failed} could not be sent.",
    )


def lost_promises(settings: Settings) -> tuple[tuple[str, str], ...]:
    """What does not hold under plain HTTP beyond loopback (P39), in both languages; empty over TLS."""
    loopback = settings.host in {"127.0.0.1", "::1", "localhost"}
    return () if settings.secure_cookies or loopback else _LOST


def _audit_guarded(house: House) -> bool:
    with house.database.transaction(reading=True) as session:
        return not triggers_missing(session)


def _signing_ready(house: House) -> bool:
    with house.database.transaction(reading=True) as session:
        return session.query(SigningKey).filter_by(purpose=KeyPurpose.CREDENTIAL, retired_at=None).count() == 1
