"""What stands on a certificate and on the distribution list of a batch, gathered for the printer."""

from collections.abc import Sequence

from app.certificates import queries
from app.certificates.document import ListRow, Paper, print_certificates, print_distribution
from app.certificates.models import Certificate, CertificateBatch
from app.certificates.rules import last_valid_day
from app.clearance import queries as clearance
from app.exams import queries as exams
from app.operation import Operation
from app.people.calendar import local_date
from app.people.models import Person
from app.people.queries import persons_by_id
from app.settings import Settings
from question_bank.items import Level

LEVEL_NAMES: dict[Level, tuple[str, str]] = {
    Level.PRIMARY: ("初级", "Primary"),
    Level.INTERMEDIATE: ("中级", "Intermediate"),
    Level.ADVANCED: ("高级", "Advanced"),
}


def verify_url(settings: Settings, certificate: Certificate) -> str:
    """Where the QR code leads: the public page with number and check code filled in."""
    return f"{settings.public_base_url.rstrip('/')}/verify/{certificate.number}/{certificate.check_code}"


def print_one(op: Operation, certificate: Certificate) -> bytes:
    """The certificate as PDF, the same bytes each time."""
    return _print(op, [certificate])


def print_batch(op: Operation, batch: CertificateBatch) -> bytes:
    """Every certificate of a batch as one PDF, in the order of numbers, for the ceremony."""
    return _print(op, queries.certificates_of_batch(op.db, batch.id))


def print_list(op: Operation, batch: CertificateBatch) -> bytes:
    """颁证花名册 of a batch: who receives which certificate, with a column to sign in."""
    issued = queries.certificates_of_batch(op.db, batch.id)
    persons = persons_by_id(op.db, [certificate.person_id for certificate in issued])
    exam = exams.exam_by_id(op.db, batch.exam_id)
    return print_distribution(
        [ListRow(persons[c.person_id].name, c.unit_name, c.number) for c in issued],
        authority=op.settings.authority,
        title="资格证书颁证花名册",
        subtitle=f"{exam.name}　{LEVEL_NAMES[batch.level][0]}　共 {len(issued)} 人",
        document_number=batch.document_number,
        made_on=local_date(batch.proposed_at),
    )


def _print(op: Operation, issued: Sequence[Certificate]) -> bytes:
    persons = persons_by_id(op.db, [certificate.person_id for certificate in issued])
    cases = clearance.cases_by_id(op.db, [c.case_id for c in issued if c.case_id is not None])
    sat = {
        exam_id: sitting.starts_at
        for exam_id, sitting in exams.sittings_by_exam(op.db, {case.exam_id for case in cases.values()}).items()
    }
    papers = []
    for certificate in issued:
        day = local_date(sat[cases[certificate.case_id or 0].exam_id])
        papers.append(_paper(op.settings, certificate, persons[certificate.person_id], year=day.year, month=day.month))
    return print_certificates(
        papers,
        authority=op.settings.authority,
        title="资格证书",
        made_on=local_date(max(certificate.issued_at for certificate in issued)) if issued else local_date(op.now),
    )


def _paper(settings: Settings, certificate: Certificate, person: Person, *, year: int, month: int) -> Paper:
    level = LEVEL_NAMES[certificate.level][0]
    issued, until = local_date(certificate.issued_at), last_valid_day(certificate.valid_until)
    return Paper(
        name=person.name,
        level=f"{level}党务工作者",
        sentence=f"同志于 {year} 年 {month} 月参加{settings.county}党务工作者资格认证考试（{level}），成绩合格，"
        "经纪检、公安等部门综合评审并公示无异议，准予持证上岗。",
        facts=(
            ("证书编号", certificate.number),
            ("校 验 码", certificate.check_code),
            ("所在单位", certificate.unit_name),
            ("有效期至", f"{until.year} 年 {until.month} 月 {until.day} 日"),
        ),
        issued_on=f"{issued.year} 年 {issued.month} 月 {issued.day} 日",
        verify_url=verify_url(settings, certificate),
        photo=person.photo,
    )
