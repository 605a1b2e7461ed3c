"""What the lists of a bank may be narrowed by."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, bindparam, cast, exists, func, literal, select, union_all
from sqlalchemy.orm import Session

from app.authoring.filing import reading_order
from app.authoring.models import Bank, BankImport, ItemRow, SavedFilter, Topic
from app.authoring.queries import ENTERED, owned_within
from app.authoring.queries.sight import SECRET, Sight, needed, sight_of
from app.authoring.register_models import Citation, Document
from app.authoring.rules import ImportState
from app.errors import NotFound
from app.people.models import Unit
from app.security.actor import Actor
from app.security.permissions import Capability
from app.statements import Statement


@dataclass(frozen=True)
class Choices:
    """The bank, (kind, id, words) of everything that its lists may be narrowed by (`kind`: topic, document, import or
    saved), the actor's saved filters by id, and how many secret items of the bank they may not see."""

    bank_id: int
    bank_name: str
    owner_path: str
    """The path of the unit that owns the bank."""
    known: Sequence[tuple[str, int, str]]
    saved: dict[int, dict[str, str]]
    hidden: int


def choices_of(db: Session, actor: Actor, bank_id: int) -> Choices:
    """A bank that the actor may look into and what its lists may be narrowed by, in one statement. Raises NotFound."""
    asked = _statement(sight_of(actor), actor.scopes(Capability.BANK_READ))
    rows = asked.rows(db, bank_id=bank_id, person=actor.person_id, account_id=actor.account_id)
    banks = [row for row in rows if row[0] == "bank"]
    if not banks:
        raise NotFound
    return Choices(
        bank_id=bank_id,
        bank_name=banks[0][2],
        owner_path=banks[0][3],
        known=sorted([tuple(row[:3]) for row in rows if row[0] not in {"bank", "hidden"}], key=_in_order),
        saved={row[1]: json.loads(row[3]) for row in rows if row[0] == "saved"},
        hidden=sum(row[1] for row in rows if row[0] == "hidden"),
    )


def _in_order(choice: tuple[str, int, str]) -> tuple[Any, ...]:
    kind, id_, words = choice
    return kind, reading_order(words) if kind == "topic" else words, id_


@lru_cache(maxsize=64)
def _statement(sight: Sight, within: tuple[str, ...]) -> Statement:
    bank_id = bindparam("bank_id", type_=Bank.id.type)

    def part(kind: str, id_: Any, words: Any, more: Any = None) -> Select[Any]:
        shown = cast(words, String).label("words"), cast(literal("") if more is None else more, String).label("more")
        return select(literal(kind).label("kind"), id_.label("id"), *shown)

    cited = exists().where(Citation.document_id == Document.id)
    own = SavedFilter.account_id == bindparam("account_id")
    banks = owned_within(within).with_only_columns(Bank.id)
    parts = (
        part("bank", Bank.id, Bank.name, Unit.path)
        .join_from(Bank, Unit, Bank.owner_unit_id == Unit.id)
        .where(Bank.id == bank_id, Bank.id.in_(banks)),
        part("topic", Topic.id, Topic.path).where(Topic.bank_id == bank_id),
        part("document", Document.id, Document.title).where(cited),
        part("import", BankImport.id, BankImport.file_name).where(
            BankImport.bank_id == bank_id,
            BankImport.state == ImportState.COMMITTED,
        ),
        part("hidden", _hidden(sight), literal("")),
        part("saved", SavedFilter.id, SavedFilter.name, SavedFilter.query).where(SavedFilter.bank_id == bank_id, own),
    )
    return Statement(union_all(*parts))


def _hidden(sight: Sight) -> ScalarSelect[int]:
    """How many items are secret and out of sight.

    A column is counted that the covering index of the lists lacks: SQLite would walk that index of the whole bank
    otherwise, and not take the one of the few secret items.
    """
    person = bindparam("person", type_=ItemRow.id.type)
    secret = ItemRow.bank_id == bindparam("bank_id"), SECRET, ~needed(sight, person)
    return select(func.count(ItemRow.version)).where(*secret, ENTERED).scalar_subquery()
