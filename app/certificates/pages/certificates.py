"""Certificates after issue: the list, one of them, its papers, steps upon it."""

from app.accounts.queries import person_of
from app.certificates import queries
from app.certificates.models import Certificate, CertificateAct
from app.certificates.pages.routes import desk
from app.certificates.rules import ActState, CertificateState, actions_from, last_valid_day, standing_of
from app.certificates.schemas import (
    ActGiven,
    ActLineShown,
    ActShown,
    CertificateLineShown,
    CertificateShown,
    CertificatesShown,
    ReasonGiven,
)
from app.certificates.service import acts, papers
from app.operation import Operation
from app.people import queries as people
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry
from app.web.faces import Download

PAGE = 50
PDF = "application/pdf"
CREDENTIAL = "application/vc+jwt"


@desk.view(
    "/certificates",
    Capability.CERTIFICATE_READ,
    template="certificates/certificates.html",
    nav=NavEntry("证书", 70, under=("/certificate-batches",)),
)
def list_certificates(
    op: Operation, *, search: str = "", state: str = "", ending: bool = False, before: int = 0
) -> CertificatesShown:
    """Certificates, the newest first; found by name, pinyin or number; with `ending` those that end soon."""
    wanted = CertificateState(state) if state in set(CertificateState) else None
    found = list(
        queries.list_certificates(
            op.db,
            op.actor,
            search=search.strip(),
            state=wanted,
            before=before,
            limit=PAGE + 1,
            ending=(op.now, max(op.settings.certificate_warning_days)) if ending else None,
        )
    )
    more = len(found) > PAGE
    found = found[:PAGE]
    waiting = queries.waiting_acts(op.db, op.actor)
    names = people.persons_by_id(op.db, {c.person_id for c in found} | {c.person_id for _, c in waiting})
    return CertificatesShown(
        certificates=[_line(op, c, names[c.person_id].name) for c in found],
        search=search,
        state=wanted,
        ending=ending,
        next_before=found[-1].id if more else 0,
        waiting_acts=[
            ActLineShown(
                id=act.id,
                certificate_id=c.id,
                number=c.number,
                name=names[c.person_id].name,
                action=act.action,
                proposed_at=act.proposed_at,
                proposed_by_me=person_of(op.db, act.proposed_by) == op.actor.person_id,
            )
            for act, c in waiting
        ],
    )


@desk.view("/certificates/{certificate_id}", Capability.CERTIFICATE_READ, template="certificates/certificate.html")
def show_certificate(op: Operation, *, certificate_id: int) -> CertificateShown:
    """One certificate, and everything that was done to it."""
    found = queries.find_certificate(op.db, op.actor, certificate_id)
    person = people.person_by_id(op.db, found.person_id)
    steps = queries.acts_of(op.db, found.id)
    path = people.unit_by_id(op.db, person.unit_id).path
    proposes = op.actor.covers(Capability.CERTIFICATE_PROPOSE, path)
    return CertificateShown(
        id=found.id,
        number=found.number,
        check_code=found.check_code,
        name=person.name,
        id_number_masked=person.id_number_masked,
        unit_name=found.unit_name,
        level=found.level,
        ground=found.ground,
        standing=standing_of(found.state, valid_until=found.valid_until, now=op.now),
        moved_at=found.moved_at,
        issued_at=found.issued_at,
        valid_until=last_valid_day(found.valid_until),
        batch_id=found.batch_id,
        acts=[_act(op, act, found) for act in steps],
        possible=list(actions_from(found.state)) if proposes else [],
        waiting=any(act.state is ActState.PROPOSED for act in steps),
        settles=op.actor.covers(Capability.CERTIFICATE_APPROVE, path),
    )


@desk.view("/certificates/{certificate_id}/document.pdf", Capability.CERTIFICATE_READ)
def download_document(op: Operation, *, certificate_id: int) -> Download:
    """The certificate as PDF."""
    found = queries.find_certificate(op.db, op.actor, certificate_id)
    return Download(f"{found.number}.pdf", papers.print_one(op, found), PDF)


@desk.view("/certificates/{certificate_id}/credential.jwt", Capability.CERTIFICATE_READ)
def download_credential(op: Operation, *, certificate_id: int) -> Download:
    """The signed credential."""
    found = queries.find_certificate(op.db, op.actor, certificate_id)
    return Download(f"{found.number}.jwt", found.credential.encode(), CREDENTIAL)


@desk.command(
    "/certificates/{certificate_id}/acts",
    Capability.CERTIFICATE_PROPOSE,
    then="/certificates/{certificate_id}",
    retry=show_certificate,
    fresh=True,
    said="已提请，等待另一人审批。",
)
def propose_act(op: Operation, *, certificate_id: int, given: ActGiven) -> Done:
    """Propose a step upon a certificate."""
    act = acts.propose_act(op, certificate_id=certificate_id, action=given.action, reason=given.reason)
    return Done(id=act.id)


@desk.command(
    "/certificate-acts/{act_id}/approve",
    Capability.CERTIFICATE_APPROVE,
    then="/certificates/{id}",
    fresh=True,
    said="已批准，证书状态即时生效。",
)
def approve_act(op: Operation, *, act_id: int) -> Done:
    """Do what was proposed."""
    return Done(id=acts.approve_act(op, act_id=act_id).id)


@desk.command(
    "/certificate-acts/{act_id}/decline",
    Capability.CERTIFICATE_APPROVE,
    then="/certificates/{id}",
    fresh=True,
    said="已退回。",
)
def decline_act(op: Operation, *, act_id: int, given: ReasonGiven) -> Done:
    """Leave the certificate as it is."""
    return Done(id=acts.decline_act(op, act_id=act_id, reason=given.reason).certificate_id)


def _line(op: Operation, certificate: Certificate, name: str) -> CertificateLineShown:
    return CertificateLineShown(
        id=certificate.id,
        number=certificate.number,
        name=name,
        unit_name=certificate.unit_name,
        level=certificate.level,
        standing=standing_of(certificate.state, valid_until=certificate.valid_until, now=op.now),
        issued_at=certificate.issued_at,
        valid_until=last_valid_day(certificate.valid_until),
    )


def _act(op: Operation, act: CertificateAct, certificate: Certificate) -> ActShown:
    return ActShown(
        id=act.id,
        action=act.action,
        state=act.state,
        reason=acts.reason_of(op, act, person_id=certificate.person_id),
        proposed_by=people.person_name(op.db, person_of(op.db, act.proposed_by)),
        proposed_at=act.proposed_at,
        settled_by="" if act.settled_by is None else people.person_name(op.db, person_of(op.db, act.settled_by)),
        settled_at=act.settled_at,
        proposed_by_me=person_of(op.db, act.proposed_by) == op.actor.person_id,
    )
