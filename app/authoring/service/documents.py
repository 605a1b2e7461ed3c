"""The register of documents: entered, superseded, its names settled; items confirmed after a document has gone."""

from datetime import date

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.events import SupplyRestored, SupplyShrinks
from app.authoring.queries.documents import banks_of, citations_of, citing, find_document, items_with_fold
from app.authoring.queries.items import find_item, made_by
from app.authoring.register_models import Citation, Document, DocumentClause, DocumentName
from app.authoring.rules import (
    DocumentDates,
    DocumentKind,
    DocumentNameTaken,
    DocumentSettled,
    Involvement,
    ItemState,
    NotStale,
    name_fold,
    refuse_own,
)
from app.authoring.service.entering import account_of, involve
from app.authoring.service.indexing import judge_stale
from app.errors import FieldProblem
from app.operation import Operation
from app.security.permissions import Capability


def register_document(
    op: Operation, *, title: str, issuer: str, kind: DocumentKind, number: str, effective_on: date
) -> int:
    """Enter a document; items that cite its title rest on it from now on. Returns its id. Raises DocumentNameTaken."""
    document = Document(
        title=title,
        issuer=issuer,
        kind=kind,
        number=number,
        effective_on=effective_on,
        registered_by=account_of(op),
        registered_at=op.now,
    )
    op.db.add(document)
    op.db.flush()
    record(op, AuditAction.DOCUMENT_REGISTER, subject=("document", document.id), after={"effective_on": effective_on})
    _name(op, document.id, title)
    return document.id


def settle_name(op: Operation, *, document_id: int, name: str) -> int:
    """Say that a name which items cite means this document, now and later; returns how many items it concerns.

    Raises NotFound, DocumentNameTaken.
    """
    document = find_document(op.db, document_id, lock=True)
    touched = _name(op, document.id, name)
    after = {"items": len(touched)}
    record(op, AuditAction.DOCUMENT_SETTLE_NAME, subject=("document", document_id), after=after)
    if touched and document.superseded_on is not None:
        op.publish(SupplyShrinks(frozenset(banks_of(op.db, touched)), document.superseded_on))
    return len(touched)


def _name(op: Operation, document_id: int, name: str) -> list[int]:
    fold = name_fold(name)
    if not fold:
        raise DocumentNameTaken(FieldProblem("title", DocumentNameTaken.zh, DocumentNameTaken.en))
    try:
        with op.db.begin_nested():
            op.db.add(DocumentName(document_id=document_id, fold=fold))
    except IntegrityError:
        raise DocumentNameTaken(FieldProblem("title", DocumentNameTaken.zh, DocumentNameTaken.en)) from None
    touched = items_with_fold(op.db, fold)
    op.db.execute(
        update(Citation).where(Citation.fold == fold, Citation.document_id.is_(None)).values(document_id=document_id)
    )
    judge_stale(op.db, touched)
    return touched


def add_clause(op: Operation, *, document_id: int, label: str, summary: str) -> int:
    """Enter an article of a document; returns its id. Raises NotFound, DocumentNameTaken."""
    document = find_document(op.db, document_id, lock=True)
    clause = DocumentClause(document_id=document.id, label=label, fold=name_fold(label) or label, summary=summary)
    try:
        with op.db.begin_nested():
            op.db.add(clause)
    except IntegrityError:
        raise DocumentNameTaken(FieldProblem("label", "该条款已登记。", "This article is entered already.")) from None
    record(op, AuditAction.DOCUMENT_ADD_CLAUSE, subject=("document", document_id), after={"clause_id": clause.id})
    return clause.id


def supersede_document(op: Operation, *, document_id: int, on: date, by_id: int | None, reason: str) -> int:
    """Say from which day a document does not hold, and what holds instead; every item that rests on it is stale from
    that day. Returns how many items that are; tells SupplyShrinks. Raises NotFound, DocumentSettled, DocumentDates."""
    document = find_document(op.db, document_id, lock=True)
    if document.superseded_on is not None:
        raise DocumentSettled
    by = find_document(op.db, by_id) if by_id else None
    if on <= document.effective_on or (by is not None and (by.id == document.id or by.effective_on > on)):
        raise DocumentDates(FieldProblem("on", DocumentDates.zh, DocumentDates.en))
    document.superseded_on, document.superseded_by_id = on, by_id
    op.db.flush()
    touched = citing(op.db, document_id)
    judge_stale(op.db, touched)
    record(
        op,
        AuditAction.DOCUMENT_SUPERSEDE,
        subject=("document", document_id),
        after={"on": on, "by_id": by_id, "items": len(touched)},
        reason=reason,
    )
    if touched:
        op.publish(SupplyShrinks(frozenset(banks_of(op.db, touched)), on))
    return len(touched)


def confirm_item(op: Operation, *, item_id: int, version: int, document_id: int, reason: str) -> None:
    """Say that an item is right still, and which document it rests on now in place of those that have gone.

    `version` is the number of the version that was looked at. Raises NotFound, OwnItem for who made it, NotStale,
    DocumentDates where the named document ends as well.
    """
    row = find_item(op.db, op.actor, item_id, capability=Capability.ITEM_REVIEW, lock=True)
    refuse_own(made_by(op.db, [item_id], op.actor.person_id))
    if row.stale_from is None or row.version != version or row.state is ItemState.RETIRED:
        raise NotStale
    document = find_document(op.db, document_id)
    if document.superseded_on is not None:
        raise DocumentDates(FieldProblem("document_id", DocumentDates.zh, DocumentDates.en))
    before = row.stale_from
    for citation, cited in citations_of(op.db, [item_id]):
        if cited is not None and cited.superseded_on is not None:
            citation.document_id = document.id
            citation.confirmed_by, citation.confirmed_at, citation.reason = account_of(op), op.now, reason
    op.db.flush()
    judge_stale(op.db, [item_id])
    op.db.refresh(row)
    involve(op, [item_id], Involvement.REVIEWED)
    after = {"document_id": document.id, "version": row.version, "stale_from": row.stale_from}
    record(
        op,
        AuditAction.ITEM_CONFIRM,
        subject=("item", item_id),
        before={"stale_from": before},
        after=after,
        reason=reason,
    )
    op.publish(SupplyRestored(frozenset({row.bank_id})))
