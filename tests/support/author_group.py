"""An author group: a bank, two authors and a reviewer of its unit; strangers who must see nothing of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.accounts.queries import grants_of
from app.audit.models import AuditRecord
from app.authoring.child_reading import read_here
from app.authoring.models import ItemInvolvement, ItemRow, ItemVersion
from app.authoring.queries import importers_of
from app.authoring.rules import Involvement
from app.authoring.service import create_bank
from app.authoring.service.imports import start_import
from app.operation import House, Operation, acting_as
from app.people.models import Unit
from app.security.actor import Actor, ActorKind
from app.security.permissions import Role
from tests.support.personas import Persona, make_staff, make_unit


@dataclass(frozen=True)
class Group:
    """The bank and its people. `acting(persona)` opens a transaction in that person's name."""

    house: House
    bank_id: int
    unit: Unit
    author: Persona
    colleague: Persona
    reviewer: Persona

    @contextmanager
    def acting(self, persona: Persona) -> Iterator[Operation]:
        """One transaction in the name of a signed-in person."""
        with self.house.database.transaction(reading=True) as db:
            grants = grants_of(db, persona.account_id)
        actor = Actor(
            ActorKind.PERSON, account_id=persona.account_id, person_id=persona.person_id, name="", grants=grants
        )
        with acting_as(self.house, "test", actor=actor) as op:
            yield op

    def start(self, data: bytes, name: str = "题库.docx", *, by: Persona | None = None) -> int:
        """Read a file here, without the child process, and keep what was found; returns the import's id."""
        with self.acting(by or self.author) as op:
            return start_import(op, bank_id=self.bank_id, file=read_here((name, data))).id

    def items(self) -> list[ItemRow]:
        """Every item of the bank, oldest first."""
        with self.house.database.transaction(reading=True) as db:
            return list(db.query(ItemRow).filter_by(bank_id=self.bank_id).order_by(ItemRow.id))

    def versions(self, item_id: int) -> list[ItemVersion]:
        """Every version of an item, oldest first."""
        with self.house.database.transaction(reading=True) as db:
            return list(db.query(ItemVersion).filter_by(item_id=item_id).order_by(ItemVersion.number))

    def acts(self, *words: str) -> list[AuditRecord]:
        """The audit records of these acts, oldest first."""
        with self.house.database.transaction(reading=True) as db:
            return list(db.query(AuditRecord).filter(AuditRecord.action.in_(words)).order_by(AuditRecord.id))

    def involved(self, item_id: int) -> set[tuple[int, str]]:
        """Who had what to do with an item."""
        with self.house.database.transaction(reading=True) as db:
            rows = db.query(ItemInvolvement).filter_by(item_id=item_id)
            noted = {(row.person_id, row.involvement.value) for row in rows}
            return noted | {(person, Involvement.IMPORTED.value) for person in importers_of(db, [item_id])}


def make_group(house: House) -> Group:
    """The bank and its people."""
    with acting_as(house, "test") as op:
        unit = make_unit(op)
        bank = create_bank(op, name=f"党务题库{unit.id}", owner_unit_id=unit.id)
    return Group(
        house,
        bank.id,
        unit,
        make_staff(house, Role.ITEM_AUTHOR, unit=unit, name="命题甲"),
        make_staff(house, Role.ITEM_AUTHOR, Role.ITEM_REVIEWER, unit=unit, name="命题乙"),
        make_staff(house, Role.ITEM_REVIEWER, unit=unit, name="审题丙"),
    )
