"""Banks and their items: lists, one item with its history, writing and revising, the moves of its lifecycle."""

from app.authoring import service
from app.authoring.bank_schemas import BankGiven, BankShown, BanksShown, UnitChoice
from app.authoring.form_schemas import DraftGiven, ItemFormShown, ItemGiven, RevisionGiven
from app.authoring.listing_schemas import OwnItemsShown
from app.authoring.pages.front import PAGE, chosen, desk, item_form, typed_item
from app.authoring.queries import find_bank, read_content, visible_banks
from app.authoring.queries.calibrations import calibrations_of
from app.authoring.queries.items import (
    find_item,
    made_by,
    newest_version,
    reviews_of,
    state_counts,
    usages_of,
    versions_of,
)
from app.authoring.queries.listing import own_items
from app.authoring.queries.topics import topic_paths
from app.authoring.review_views import show_assignments, show_enemies, show_reviewers, show_threads
from app.authoring.rules import ItemState
from app.authoring.schemas import (
    ClassGiven,
    ItemShown,
    ReasonGiven,
    ReviewShown,
    UsageShown,
    VersionShown,
)
from app.authoring.service import items
from app.authoring.views import (
    as_filed,
    may_over,
    names_of,
    page_of,
    show_calibration,
    show_changes,
    show_content,
    show_row,
)
from app.authoring.writing import form_values, spread
from app.errors import NotFound
from app.operation import Operation
from app.people.queries import unit_by_id, units_within
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry


@desk.view(
    "/banks",
    Capability.BANK_READ,
    template="authoring/banks.html",
    nav=NavEntry("题库", 20, under=("/items", "/imports", "/topics")),
)
def list_banks(op: Operation) -> BanksShown:
    """The banks of my author group."""
    found = visible_banks(op.db, op.actor)
    counts = state_counts(op.db, [bank.id for bank in found])
    owners = units_within(op.db, op.actor.scopes(Capability.BANK_IMPORT))
    importing = {unit.id for unit in owners}
    return BanksShown(
        banks=[
            BankShown(
                id=b.id,
                name=b.name,
                practice=b.practice,
                counts=counts[b.id],
                total=sum(counts[b.id].values()),
                imports=b.owner_unit_id in importing,
            )
            for b in found
        ],
        owners=[UnitChoice(id=unit.id, name=unit.name) for unit in owners],
    )


@desk.command("/banks", Capability.BANK_IMPORT, then="/banks", retry=list_banks, said="题库已建立。")
def create_bank(op: Operation, *, given: BankGiven) -> Done:
    """Open a new bank for a unit within my scope."""
    owner = unit_by_id(op.db, given.owner_unit_id)
    if not op.actor.covers(Capability.BANK_IMPORT, owner.path):
        raise NotFound
    bank = service.create_bank(op, name=given.name, owner_unit_id=owner.id, practice=given.practice)
    return Done(id=bank.id)


@desk.view("/items", Capability.ITEM_WRITE, template="authoring/own_items.html")
def list_own(op: Operation, *, state: str = "draft", after: int = 0) -> OwnItemsShown:
    """My own items in one state: what I have to go on with."""
    wanted = chosen("state", state, ItemState) or ItemState.DRAFT
    rows, next_after = page_of(own_items(op.db, op.actor, wanted, after=after, limit=PAGE + 1), PAGE)
    topics = topic_paths(op.db, {row.topic_id for row in rows if row.topic_id is not None})
    return OwnItemsShown(state=wanted, rows=[show_row(row, topics) for row in rows], next_after=next_after)


@desk.view("/items/{item_id}", Capability.BANK_READ, template="authoring/item.html")
def show_item(op: Operation, *, item_id: int, compare: int = 0, base: int = 0) -> ItemShown:
    """One item with its versions, reviews, usage and calibration; `compare` shows what a version changed: since version
    `base`, or since the one before it."""
    row = find_item(op.db, op.actor, item_id)
    bank = find_bank(op.db, op.actor, row.bank_id)
    may = may_over(op.actor, unit_by_id(op.db, bank.owner_unit_id).path)
    versions = versions_of(op.db, item_id)
    reviews = reviews_of(op.db, item_id)
    names = names_of(op.db, {v.author_id for v in versions} | {r.reviewer_id for r in reviews})
    contents = {v.number: read_content(v.content) for v in versions}
    older, newer = sorted((base or compare - 1, compare))
    compared = (older, newer) if older < newer and {older, newer} <= contents.keys() else None
    return ItemShown(
        id=row.id,
        bank_id=bank.id,
        bank_name=bank.name,
        state=row.state,
        version=row.version,
        version_id=versions[0].id,
        content=show_content(as_filed(op.db, row, contents[row.version])),
        versions=[
            VersionShown(
                id=v.id,
                number=v.number,
                author=names[v.author_id],
                at=v.created_at,
                reason=v.reason,
                content_hash=v.content_hash,
            )
            for v in versions
        ],
        reviews=[
            ReviewShown(
                version=r.version, reviewer=names[r.reviewer_id], approved=r.approved, comment=r.comment, at=r.at
            )
            for r in reviews
        ],
        usages=[UsageShown(exam_id=u.exam_id, forms=u.forms, at=u.at) for u in usages_of(op.db, item_id)],
        calibration=show_calibration(calibrations_of(op.db, versions[0].id)),
        compared=compared,
        changes=show_changes(contents[compared[0]], contents[compared[1]]) if compared else [],
        own=bool(made_by(op.db, [item_id], op.actor.person_id)),
        import_id=row.import_id,
        forms_seen=row.forms_seen,
        last_seen_at=row.last_seen_at,
        stale_from=row.stale_from,
        confidentiality=row.confidentiality,
        enemies=show_enemies(op, item_id),
        threads=show_threads(op, row, may),
        assignment=show_assignments(op, [item_id]).get(item_id),
        reviewers=show_reviewers(op, row, may),
        may=may,
    )


@desk.view("/banks/{bank_id}/write", Capability.ITEM_WRITE, template="authoring/item_form.html")
def show_writing(op: Operation, *, bank_id: int) -> ItemFormShown:
    """The form for a new item."""
    return item_form(op, find_bank(op.db, op.actor, bank_id, Capability.ITEM_WRITE))


@desk.command(
    "/banks/{bank_id}/write", Capability.ITEM_WRITE, then="/items/{id}", retry=show_writing, said="试题已保存为草稿。"
)
def write_item(op: Operation, *, bank_id: int, given: ItemGiven) -> Done:
    """Write a new item; it is a draft."""
    return Done(id=items.write_item(op, bank_id=bank_id, item=typed_item(given)))


@desk.command("/banks/{bank_id}/form", Capability.ITEM_WRITE, template="authoring/item_form.html", retry=show_writing)
def show_filled(
    op: Operation, *, bank_id: int, given: DraftGiven, item_id: int = 0, import_id: int = 0, position: int = 0
) -> ItemFormShown:
    """The form again with everything that was typed: with the fields of another type, or one more row."""
    bank = find_bank(op.db, op.actor, bank_id, Capability.ITEM_WRITE)
    typed = given.model_dump(mode="json", exclude={"base_version", "more"})
    return item_form(
        op,
        bank,
        item_id=item_id or None,
        import_id=import_id or None,
        position=position,
        base_version=given.base_version,
        values=spread(typed),
        more=given.more,
    )


@desk.view("/items/{item_id}/revise", Capability.ITEM_WRITE, template="authoring/item_form.html")
def show_revising(op: Operation, *, item_id: int) -> ItemFormShown:
    """The form for a new version of an item."""
    row = find_item(op.db, op.actor, item_id, capability=Capability.ITEM_WRITE)
    # As it is filed: what is saved anew would go back to a topic of an old name otherwise.
    item = as_filed(op.db, row, read_content(newest_version(op.db, row).content))
    return item_form(
        op,
        find_bank(op.db, op.actor, row.bank_id),
        item_id=item_id,
        base_version=row.version,
        values=form_values(item),
    )


@desk.command(
    "/items/{item_id}/revise",
    Capability.ITEM_WRITE,
    then="/items/{item_id}",
    retry=show_revising,
    said="新版本已保存为草稿，提交审题后方可使用。",
)
def revise_item(op: Operation, *, item_id: int, given: RevisionGiven) -> Done:
    """Add a version; the item is a draft again, its earlier versions stay as they are."""
    row = find_item(op.db, op.actor, item_id, capability=Capability.ITEM_WRITE)
    item = typed_item(given, read_content(newest_version(op.db, row).content))
    items.revise_item(op, item_id=item_id, item=item, base_version=given.base_version, reason=given.reason)
    return Done(id=item_id)


@desk.command(
    "/items/{item_id}/submit", Capability.ITEM_WRITE, then="/items/{item_id}", retry=show_item, said="已提交审题。"
)
def submit_item(op: Operation, *, item_id: int) -> Done:
    """Hand an item to review."""
    items.submit_item(op, item_id=item_id)
    return Done(id=item_id)


@desk.command(
    "/items/{item_id}/retire", Capability.ITEM_WRITE, then="/items/{item_id}", retry=show_item, said="试题已停用。"
)
def retire_item(op: Operation, *, item_id: int, given: ReasonGiven) -> Done:
    """Take an item out of use, saying why."""
    items.retire_item(op, item_id=item_id, reason=given.reason)
    return Done(id=item_id)


@desk.command(
    "/items/{item_id}/classify", Capability.ITEM_WRITE, then="/items/{item_id}", retry=show_item, said="密级已设定。"
)
def classify_item(op: Operation, *, item_id: int, given: ClassGiven) -> Done:
    """Set an item's confidentiality."""
    items.classify_item(op, item_id=item_id, confidentiality=given.confidentiality)
    return Done(id=item_id)
