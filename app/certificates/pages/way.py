"""The candidate's own way, and what they may take from its end."""

from datetime import date, datetime

from app.attempts.technical_faults.rules import STATE_WORDS
from app.certificates import queries
from app.certificates.pages.certificates import CREDENTIAL, PDF
from app.certificates.pages.routes import desk
from app.certificates.rules import last_valid_day
from app.certificates.schemas import StationShown, WayShown, WaysShown
from app.certificates.service import papers
from app.certificates.service.candidates import Way, ways
from app.certificates.way import STAGE_WORDS, Station
from app.exams.make_ups.rules import CAUSE_WORDS, Cause
from app.exams.queries import sitting_for
from app.operation import Operation
from app.security.permissions import Capability
from app.web.desk import NavEntry
from app.web.faces import Download


@desk.view(
    "/way",
    Capability.WAY_READ,
    template="certificates/way.html",
    nav=NavEntry("我的进程", 5, under=("/own-rechecks", "/own-signals")),
)
def show_way(op: Operation) -> WaysShown:
    """Each registration of mine: 报名, 考试, 成绩, 审查, 公示, 证书, as far as it is mine to know."""
    return WaysShown(ways=[_way(op, way) for way in ways(op)])


@desk.view("/way/certificates/{certificate_id}/document.pdf", Capability.CERTIFICATE_OWN)
def download_own_document(op: Operation, *, certificate_id: int) -> Download:
    """My certificate as PDF."""
    found = queries.own_certificate(op.db, op.actor, certificate_id)
    return Download(f"{found.number}.pdf", papers.print_one(op, found), PDF)


@desk.view("/way/certificates/{certificate_id}/credential.jwt", Capability.CERTIFICATE_OWN)
def download_own_credential(op: Operation, *, certificate_id: int) -> Download:
    """My signed credential."""
    found = queries.own_certificate(op.db, op.actor, certificate_id)
    return Download(f"{found.number}.jwt", found.credential.encode(), CREDENTIAL)


def _way(op: Operation, way: Way) -> WayShown:
    return WayShown(
        exam_id=way.exam.id,
        exam_name=way.exam.name,
        level=way.exam.level,
        ticket_number=way.registration.ticket_number or "",
        starts_at=sitting_for(op.db, way.registration.id).starts_at,
        stations=[_station(station) for station in way.stations],
        makes_up_for=way.make_up.makes_up_for,
        makes_up_zh=_cause(way.make_up.makes_up_cause)[0],
        makes_up_en=_cause(way.make_up.makes_up_cause)[1],
        due_zh=_cause(way.make_up.due)[0],
        due_en=_cause(way.make_up.due)[1],
        made_up_in=way.make_up.made_up_in,
        fault_zh=STATE_WORDS[way.fault][0] if way.fault else "",
        fault_en=STATE_WORDS[way.fault][1] if way.fault else "",
        certificate_id=way.certificate.id if way.certificate else None,
        certificate_number=way.certificate.number if way.certificate else "",
        valid_until=last_valid_day(way.certificate.valid_until) if way.certificate else None,
    )


def _cause(cause: Cause | None) -> tuple[str, str]:
    return CAUSE_WORDS[cause] if cause else ("", "")


def _station(station: Station) -> StationShown:
    due: date | datetime | None = station.due
    return StationShown(
        stage=station.stage,
        name_zh=STAGE_WORDS[station.stage][0],
        name_en=STAGE_WORDS[station.stage][1],
        state=station.state,
        word=station.word,
        at=station.at,
        due_at=due if isinstance(due, datetime) else None,
        due_on=due if isinstance(due, date) and not isinstance(due, datetime) else None,
        total=station.total,
        counted=station.counted,
    )
