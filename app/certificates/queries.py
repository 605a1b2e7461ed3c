"""Everything that is read from the tables of certificates."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.certificates.models import BatchEntry, Certificate, CertificateAct, CertificateBatch, NumberCounter
from app.certificates.rules import LIVE, ActState, BatchState, CertificateState
from app.database import find_one, locked
from app.exams.queries.over import registrations_of_persons
from app.people.queries import ids_named, ids_within
from app.people.units import ROOT
from app.security.actor import Actor
from app.security.permissions import Capability
from question_bank.items import Level


def visible(actor: Actor, *, by: Capability = Capability.CERTIFICATE_READ) -> Select[Certificate]:
    """The certificates this actor may see, one's own among them; or may do to what `by` says: those of persons within
    its scopes."""
    allowed: list[ColumnElement[bool]] = [Certificate.person_id.in_(ids_within(actor.scopes(by)))]
    reading = by is Capability.CERTIFICATE_READ
    if reading and actor.may(Capability.CERTIFICATE_OWN) and actor.person_id is not None:
        allowed.append(Certificate.person_id == actor.person_id)
    return select(Certificate).where(or_(*allowed))


def reaches_all(actor: Actor, by: Capability) -> bool:
    """Whether this actor has the capability over the whole county, as far as a batch reaches."""
    return ROOT in actor.scopes(by)


def visible_batches(actor: Actor, *, by: Capability = Capability.CERTIFICATE_READ) -> Select[CertificateBatch]:
    """The batches this actor may see, or do to what `by` says: all or none."""
    query = select(CertificateBatch)
    return query if reaches_all(actor, by) else query.where(false())


def count_holders(db: Session, scopes: Collection[str], *, now: datetime) -> dict[Level, int]:
    """How many persons in post within these parts of the unit tree hold a certificate valid now, by level."""
    query = (
        select(Certificate.level, func.count(func.distinct(Certificate.person_id)))
        .where(Certificate.state == CertificateState.ACTIVE, Certificate.valid_until > now)
        .where(Certificate.person_id.in_(ids_within(scopes, in_post=True)))
        .group_by(Certificate.level)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def find_certificate(
    db: Session, actor: Actor, certificate_id: int, *, by: Capability = Capability.CERTIFICATE_READ
) -> Certificate:
    """One certificate that is visible by this capability. Raises NotFound."""
    return find_one(db, visible(actor, by=by).where(Certificate.id == certificate_id))


def own_certificate(db: Session, actor: Actor, certificate_id: int) -> Certificate:
    """One certificate of the actor themself. Raises NotFound."""
    own = Certificate.person_id == (actor.person_id or 0)
    return find_one(db, select(Certificate).where(Certificate.id == certificate_id, own))


def lock_certificate(db: Session, certificate_id: int) -> Certificate:
    """One certificate, its row held until the transaction ends, for the service's own work. Raises NotFound."""
    return find_one(db, locked(select(Certificate).where(Certificate.id == certificate_id)))


def find_batch(
    db: Session, actor: Actor, batch_id: int, *, by: Capability = Capability.CERTIFICATE_READ, lock: bool = False
) -> CertificateBatch:
    """One batch that is visible by this capability; with `lock` its row is held. Raises NotFound."""
    query = visible_batches(actor, by=by).where(CertificateBatch.id == batch_id)
    return find_one(db, locked(query) if lock else query)


def batch_by_id(db: Session, batch_id: int, *, lock: bool = False) -> CertificateBatch:
    """One batch, for the service's own work. Raises NotFound."""
    query = select(CertificateBatch).where(CertificateBatch.id == batch_id)
    return find_one(db, locked(query) if lock else query)


def list_batches(db: Session, actor: Actor) -> Sequence[CertificateBatch]:
    """Every visible batch, the newest first."""
    return db.scalars(visible_batches(actor).order_by(CertificateBatch.id.desc())).all()


def batches_to_approve(db: Session, actor: Actor) -> Sequence[CertificateBatch]:
    """The proposed batches that this actor may approve, whoever proposed them."""
    query = visible_batches(actor, by=Capability.CERTIFICATE_APPROVE).where(
        CertificateBatch.state == BatchState.PROPOSED
    )
    return db.scalars(query.order_by(CertificateBatch.id)).all()


def entries_of(db: Session, batch_id: int) -> Sequence[BatchEntry]:
    """The entries of a batch, in the order of its list."""
    return db.scalars(select(BatchEntry).where(BatchEntry.batch_id == batch_id).order_by(BatchEntry.id)).all()


def unsettled_entries(db: Session, batch_id: int) -> Sequence[int]:
    """Entries of a batch that were neither issued nor held back yet, in the order of its list."""
    issued = select(Certificate.case_id).where(Certificate.case_id.is_not(None))
    return db.scalars(
        select(BatchEntry.id)
        .where(BatchEntry.batch_id == batch_id, BatchEntry.held_back.is_(None), BatchEntry.case_id.not_in(issued))
        .order_by(BatchEntry.id)
    ).all()


def entry_by_id(db: Session, entry_id: int) -> BatchEntry:
    """One entry as it stands, for the service's own work."""
    query = select(BatchEntry).where(BatchEntry.id == entry_id).execution_options(populate_existing=True)
    return db.scalars(query).one()


def taken_cases(db: Session, case_ids: Collection[int]) -> set[int]:
    """Which of these cases have a certificate, or stand in a batch that is not settled."""
    issued = db.scalars(select(Certificate.case_id).where(Certificate.case_id.in_(case_ids)))
    waiting = db.scalars(
        select(BatchEntry.case_id)
        .join(CertificateBatch, CertificateBatch.id == BatchEntry.batch_id)
        .where(
            BatchEntry.case_id.in_(case_ids),
            BatchEntry.held_back.is_(None),
            CertificateBatch.state.in_((BatchState.PROPOSED, BatchState.APPROVED)),
        )
    )
    return {*(case_id for case_id in issued if case_id is not None), *waiting}


def certificate_of_case(db: Session, case_id: int) -> Certificate | None:
    """The certificate that was issued for a case."""
    return db.scalars(select(Certificate).where(Certificate.case_id == case_id)).one_or_none()


def certificates_of_cases(db: Session, case_ids: Collection[int]) -> dict[int, Certificate]:
    """The certificates that were issued for these cases, by case."""
    rows = db.scalars(select(Certificate).where(Certificate.case_id.in_(case_ids)))
    return {row.case_id: row for row in rows if row.case_id is not None}


def certificates_of_batch(db: Session, batch_id: int) -> Sequence[Certificate]:
    """What a batch has issued, in the order of numbers."""
    return db.scalars(select(Certificate).where(Certificate.batch_id == batch_id).order_by(Certificate.id)).all()


def certificates_of_person(db: Session, person_id: int) -> Sequence[Certificate]:
    """Every certificate of a person, the newest first."""
    return db.scalars(
        select(Certificate).where(Certificate.person_id == person_id).order_by(Certificate.id.desc())
    ).all()


def lower_in_force(db: Session, person_id: int, level: Level) -> Sequence[Certificate]:
    """A person's active certificates of lower levels, held: a new level supersedes them."""
    lower = [other for other in Level if other.rank < level.rank]
    return db.scalars(
        locked(
            select(Certificate).where(
                Certificate.person_id == person_id,
                Certificate.level.in_(lower),
                Certificate.state == CertificateState.ACTIVE,
            )
        ).order_by(Certificate.id)
    ).all()


def active_certificates(db: Session, person_id: int) -> Sequence[int]:
    """The ids of a person's active certificates, in order."""
    active = Certificate.person_id == person_id, Certificate.state == CertificateState.ACTIVE
    return db.scalars(select(Certificate.id).where(*active).order_by(Certificate.id)).all()


def held_persons(db: Session, person_ids: Collection[int]) -> set[int]:
    """Which of these persons have a suspended certificate: a hold that keeps back a new one."""
    return set(
        db.scalars(
            select(Certificate.person_id).where(
                Certificate.person_id.in_(person_ids), Certificate.state == CertificateState.SUSPENDED
            )
        )
    )


def list_certificates(
    db: Session,
    actor: Actor,
    *,
    search: str,
    state: CertificateState | None,
    before: int,
    limit: int,
    ending: tuple[datetime, int] | None = None,
) -> Sequence[Certificate]:
    """Visible certificates, the newest first, from behind `before` (0: from the top); with `ending`, a moment and a
    number of days, those that end so soon after it.

    `search` is a name (characters, pinyin or initials) or the beginning of a number.
    """
    query = visible(actor)
    if before:
        query = query.where(Certificate.id < before)
    if state is not None:
        query = query.where(Certificate.state == state)
    if ending is not None:
        query = query.where(_ends(now=ending[0], days=ending[1]))
    if search:
        numbered = Certificate.number.startswith(search.upper(), autoescape=True)
        query = query.where(or_(numbered, Certificate.person_id.in_(ids_named(search))))
    return db.scalars(query.order_by(Certificate.id.desc()).limit(limit)).all()


def _ends(*, now: datetime, days: int) -> ColumnElement[bool]:
    """That a certificate that nobody ended is valid at `now` and no longer so after these days."""
    until = now + timedelta(days=days)
    return and_(Certificate.state.in_(LIVE), Certificate.valid_until > now, Certificate.valid_until <= until)


def hold_unwarned(db: Session, *, now: datetime, days: Collection[int], limit: int) -> Sequence[Certificate]:
    """Certificates within one of these terms of their end that was not told of, by id, their rows held."""
    told = Certificate.warned_days
    due = or_(false(), *(and_(_ends(now=now, days=term), or_(told.is_(None), told > term)) for term in days))
    return db.scalars(locked(select(Certificate).where(due).order_by(Certificate.id).limit(limit))).all()


def list_ending(
    db: Session, persons: Select[int], *, now: datetime, days: int, after: int, limit: int
) -> Sequence[Certificate]:
    """The certificates of these persons that end within these days, by id, from behind `after`."""
    query = select(Certificate).where(_ends(now=now, days=days), Certificate.person_id.in_(persons))
    return db.scalars(query.where(Certificate.id > after).order_by(Certificate.id).limit(limit)).all()


def count_ending(db: Session, persons: Select[int], *, now: datetime, days: int) -> int:
    """How many certificates of these persons end within these days."""
    query = select(func.count(Certificate.id)).where(_ends(now=now, days=days), Certificate.person_id.in_(persons))
    return db.execute(query).scalar_one()


def certificate_by_number(db: Session, number: str) -> Certificate | None:
    """The certificate with this number; for the public check, which asks for the check code too."""
    return db.scalars(select(Certificate).where(Certificate.number == number)).one_or_none()


def places_of(db: Session, states: Collection[CertificateState]) -> tuple[int, ...]:
    """The places in the status lists of every certificate that was ever brought into these states, in order."""
    query = select(Certificate.status_index).where(Certificate.state.in_(states))
    return tuple(db.scalars(query.order_by(Certificate.status_index)))


def next_in(db: Session, series: str) -> int:
    """The next number of a series. The counter's row is held until the transaction ends: numbers have no gaps (P34)."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(NumberCounter)
        .values(series=series, last=1)
        .on_conflict_do_update(index_elements=["series"], set_={"last": NumberCounter.last + 1})
        .returning(NumberCounter.last)
    )
    place: int = db.execute(statement).scalar_one()
    return place


class PlacesTaken(Collection[int]):
    """The places of the status lists that certificates have, as a set that asks the table when it is asked."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def __len__(self) -> int:
        return self._db.execute(select(func.count(Certificate.id))).scalar_one()

    def __contains__(self, place: object) -> bool:
        query = select(Certificate.id).where(Certificate.status_index == place)
        return self._db.scalars(query).one_or_none() is not None

    def __iter__(self) -> Iterator[int]:
        return iter(self._db.scalars(select(Certificate.status_index)))


def find_act(db: Session, actor: Actor, act_id: int) -> CertificateAct:
    """One act on a certificate that this actor may approve acts on, held. Raises NotFound."""
    ids = visible(actor, by=Capability.CERTIFICATE_APPROVE).with_only_columns(Certificate.id)
    query = select(CertificateAct).where(CertificateAct.id == act_id, CertificateAct.certificate_id.in_(ids))
    return find_one(db, locked(query))


def acts_of(db: Session, certificate_id: int) -> Sequence[CertificateAct]:
    """What was proposed and done upon a certificate, oldest first."""
    query = select(CertificateAct).where(CertificateAct.certificate_id == certificate_id)
    return db.scalars(query.order_by(CertificateAct.id)).all()


def waiting_act(db: Session, certificate_id: int) -> CertificateAct | None:
    """The act on a certificate that waits for a second person, if there is one."""
    waits = and_(CertificateAct.certificate_id == certificate_id, CertificateAct.state == ActState.PROPOSED)
    return db.scalars(select(CertificateAct).where(waits)).one_or_none()


def waiting_acts(
    db: Session, actor: Actor, *, by: Capability = Capability.CERTIFICATE_READ
) -> list[tuple[CertificateAct, Certificate]]:
    """Acts on certificates visible by this capability that wait for a second person, oldest first."""
    rows = db.execute(
        visible(actor, by=by)
        .add_columns(CertificateAct)
        .join(CertificateAct, CertificateAct.certificate_id == Certificate.id)
        .where(CertificateAct.state == ActState.PROPOSED)
        .order_by(CertificateAct.id)
    )
    return [(act, certificate) for certificate, act in rows]


def live_certificates(db: Session, now: datetime) -> Sequence[Certificate]:
    """Every certificate that is valid at `now`: what the checker of the audit log must find (P31)."""
    active = and_(Certificate.state == LIVE[0], Certificate.issued_at <= now, Certificate.valid_until > now)
    return db.scalars(select(Certificate).where(active).order_by(Certificate.id)).all()


def suspended_holders() -> Select[int]:
    """The registrations of everybody who holds a suspended certificate."""
    return registrations_of_persons(
        select(Certificate.person_id).where(Certificate.state == CertificateState.SUSPENDED)
    )
