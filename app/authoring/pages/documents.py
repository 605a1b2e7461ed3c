"""依据文件: the register, one document with its articles, and the desk of stale items."""

from app.authoring.pages.front import PAGE, desk
from app.authoring.queries import find_bank, read_content
from app.authoring.queries.documents import (
    citation_counts,
    citations_of,
    clauses_of,
    find_document,
    list_documents,
    stale_items,
    unmatched,
)
from app.authoring.queries.items import newest_versions
from app.authoring.register_models import Document
from app.authoring.register_schemas import (
    CitationShown,
    ClauseGiven,
    ClauseShown,
    ConfirmGiven,
    DocumentGiven,
    DocumentListed,
    DocumentShown,
    RegisterShown,
    SettleGiven,
    StaleQueueShown,
    StaleShown,
    SupersedeGiven,
    UnmatchedShown,
)
from app.authoring.service import documents
from app.authoring.views import page_of, show_content
from app.operation import Operation
from app.people.calendar import local_date
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry

_MOST_UNMATCHED = 100


@desk.view(
    "/documents",
    Capability.BANK_READ,
    template="authoring/documents.html",
    nav=NavEntry("依据文件", 22, under=("/stale",)),
)
def list_register(op: Operation) -> RegisterShown:
    """The register of documents, and the names that items cite and it does not know."""
    counts = citation_counts(op.db)
    known = list_documents(op.db)
    return RegisterShown(
        documents=[_line(one, counts.get(one.id, 0)) for one in known],
        unmatched=[
            UnmatchedShown(name=name, items=items)
            for _, name, items in unmatched(op.db, op.actor, limit=_MOST_UNMATCHED)
        ],
    )


@desk.command("/documents", Capability.REGISTER_WRITE, then="/documents/{id}", retry=list_register, said="文件已登记。")
def register_document(op: Operation, *, given: DocumentGiven) -> Done:
    """Enter a document."""
    return Done(id=documents.register_document(op, **given.model_dump()))


@desk.command(
    "/documents/settle", Capability.REGISTER_WRITE, then="/documents", retry=list_register, said="名称已对应到文件。"
)
def settle_name(op: Operation, *, given: SettleGiven) -> Done:
    """Say which document a name means that items cite."""
    documents.settle_name(op, document_id=given.document_id, name=given.title)
    return Done(id=given.document_id)


@desk.view("/documents/{document_id}", Capability.BANK_READ, template="authoring/document.html")
def show_document(op: Operation, *, document_id: int) -> DocumentShown:
    """One document with its articles."""
    found = find_document(op.db, document_id)
    by = find_document(op.db, found.superseded_by_id) if found.superseded_by_id else None
    return DocumentShown(
        document=_line(found, citation_counts(op.db).get(found.id, 0)),
        superseded_by=_line(by, 0) if by else None,
        clauses=[ClauseShown(label=one.label, summary=one.summary) for one in clauses_of(op.db, document_id)],
        others=[_line(one, 0) for one in list_documents(op.db) if one.id != document_id],
        today=local_date(op.now),
    )


@desk.command(
    "/documents/{document_id}/clauses",
    Capability.REGISTER_WRITE,
    then="/documents/{document_id}",
    retry=show_document,
    said="条款已登记。",
)
def add_clause(op: Operation, *, document_id: int, given: ClauseGiven) -> Done:
    """Enter an article."""
    return Done(id=documents.add_clause(op, document_id=document_id, label=given.label, summary=given.summary))


@desk.command(
    "/documents/{document_id}/supersede",
    Capability.REGISTER_WRITE,
    then="/documents/{document_id}",
    retry=show_document,
    said="已登记废止日期，引用该文件的试题转入待复核。",
)
def supersede_document(op: Operation, *, document_id: int, given: SupersedeGiven) -> Done:
    """Say from which day it does not hold any more, and what holds instead."""
    documents.supersede_document(op, document_id=document_id, on=given.on, by_id=given.by_id, reason=given.reason)
    return Done(id=document_id)


def _line(one: Document, items: int) -> DocumentListed:
    return DocumentListed(
        id=one.id,
        title=one.title,
        issuer=one.issuer,
        kind=one.kind,
        number=one.number,
        effective_on=one.effective_on,
        superseded_on=one.superseded_on,
        items=items,
    )


@desk.view("/stale", Capability.BANK_READ, template="authoring/stale.html")
def list_stale(op: Operation, *, own: str = "", after: int = 0) -> StaleQueueShown:
    """待复核: items whose basis ends; for a reviewer those that others made, for an author (`own`: "yes") their own."""
    mine = own == "yes" or not op.actor.scopes(Capability.ITEM_REVIEW)
    capability = Capability.ITEM_WRITE if mine else Capability.ITEM_REVIEW
    rows, next_after = page_of(stale_items(op.db, op.actor, capability, after=after, limit=PAGE + 1), PAGE)
    versions = newest_versions(op.db, [row.id for row in rows])
    cited: dict[int, list[CitationShown]] = {}
    for citation, document in citations_of(op.db, [row.id for row in rows]):
        cited.setdefault(citation.item_id, []).append(
            CitationShown(
                document=document.title if document else citation.document_words,
                clause=citation.clause_words,
                document_id=citation.document_id,
                superseded_on=document.superseded_on if document else None,
                successor_id=document.superseded_by_id if document else None,
            )
        )
    banks = {bank_id: find_bank(op.db, op.actor, bank_id) for bank_id in {row.bank_id for row in rows}}
    return StaleQueueShown(
        own=mine,
        items=[
            StaleShown(
                id=row.id,
                version=row.version,
                bank_id=row.bank_id,
                bank_name=banks[row.bank_id].name,
                state=row.state,
                stale_from=row.stale_from,
                content=show_content(read_content(versions[row.id].content)),
                citations=cited.get(row.id, []),
            )
            for row in rows
        ],
        documents=[_line(one, 0) for one in list_documents(op.db) if one.superseded_on is None],
        next_after=next_after,
    )


@desk.command("/items/{item_id}/confirm", Capability.ITEM_REVIEW, then="/stale", said="已确认，试题仍然正确。")
def confirm_item(op: Operation, *, item_id: int, given: ConfirmGiven) -> Done:
    """Confirm that an item is right still, by the document that holds now."""
    documents.confirm_item(
        op, item_id=item_id, version=given.version, document_id=given.document_id, reason=given.reason
    )
    return Done(id=item_id)
