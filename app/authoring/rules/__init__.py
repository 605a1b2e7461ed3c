"""Rules of the bank: the lifecycles of an item and of an import, what is a duplicate, and who may review what."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from app.errors import Conflict, Forbidden, Invalid
from question_bank.canonical import stem_fold

LONGEST_TOPIC_PATH = 400
MOST_AT_ONCE = 1000
"""How many items one bulk approval takes at most."""


class ItemState(StrEnum):
    """Where an item stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    RETIRED = "retired"


class ItemAction(StrEnum):
    """What may be done to an item."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REVISE = "revise"
    RETIRE = "retire"
    UNDO = "undo"
    """Taken out with the whole import that brought it in."""


TRANSITIONS: dict[tuple[ItemState, ItemAction], ItemState] = {
    (ItemState.DRAFT, ItemAction.SUBMIT): ItemState.SUBMITTED,
    (ItemState.DRAFT, ItemAction.REVISE): ItemState.DRAFT,
    (ItemState.RETURNED, ItemAction.REVISE): ItemState.DRAFT,
    (ItemState.SUBMITTED, ItemAction.APPROVE): ItemState.APPROVED,
    (ItemState.SUBMITTED, ItemAction.RETURN): ItemState.RETURNED,
    (ItemState.APPROVED, ItemAction.REVISE): ItemState.DRAFT,
    (ItemState.APPROVED, ItemAction.RETIRE): ItemState.RETIRED,
    (ItemState.DRAFT, ItemAction.RETIRE): ItemState.RETIRED,
    (ItemState.RETURNED, ItemAction.RETIRE): ItemState.RETIRED,
    (ItemState.DRAFT, ItemAction.UNDO): ItemState.RETIRED,
    (ItemState.SUBMITTED, ItemAction.UNDO): ItemState.RETIRED,
    (ItemState.RETURNED, ItemAction.UNDO): ItemState.RETIRED,
}


class ImportState(StrEnum):
    """Where an import stands: read and shown, then committed as a whole or put aside; a commit may be undone."""

    READING = "reading"
    """A large file waits for the worker to read it."""
    CHECKED = "checked"
    COMMITTED = "committed"
    DISCARDED = "discarded"
    UNDONE = "undone"


class ImportAction(StrEnum):
    """What may be done to an import."""

    READ = "read"
    MEND = "mend"
    COMMIT = "commit"
    DISCARD = "discard"
    UNDO = "undo"


IMPORT_TRANSITIONS: dict[tuple[ImportState, ImportAction], ImportState] = {
    (ImportState.READING, ImportAction.READ): ImportState.CHECKED,
    (ImportState.READING, ImportAction.DISCARD): ImportState.DISCARDED,
    (ImportState.CHECKED, ImportAction.MEND): ImportState.CHECKED,
    (ImportState.CHECKED, ImportAction.COMMIT): ImportState.COMMITTED,
    (ImportState.CHECKED, ImportAction.DISCARD): ImportState.DISCARDED,
    (ImportState.COMMITTED, ImportAction.UNDO): ImportState.UNDONE,
}


class Involvement(StrEnum):
    """What a person had to do with an item: whoever had anything may not sit an exam drawn from it (回避)."""

    WROTE = "wrote"
    REVIEWED = "reviewed"
    IMPORTED = "imported"
    EXPORTED = "exported"


class Confidentiality(StrEnum):
    """密级 of an item. What is secret is in no bulk export."""

    PUBLIC = "public"
    INTERNAL = "internal"
    SECRET = "secret"  # noqa: S105 - a level of confidentiality


class DocumentKind(StrEnum):
    """What a document is: 党章, 准则, 条例, 规定, 办法 (规则、细则), 法律, 意见, 通知, 其他."""

    CONSTITUTION = "constitution"
    RULES = "rules"
    REGULATIONS = "regulations"
    PROVISIONS = "provisions"
    MEASURES = "measures"
    LAW = "law"
    OPINIONS = "opinions"
    NOTICE = "notice"
    OTHER = "other"


PROMISE_EDITION = 1
"""Raised when the text of the declaration of confidentiality changes: everybody accepts it anew."""

MADE = frozenset({Involvement.WROTE, Involvement.IMPORTED})
"""Whoever made an item does not review it. Asked by `queries.made_item`: an import is noted once for all its items."""


class ItemMoveRefused(Conflict):
    """The item's state does not allow this action."""

    code = "item.move_refused"
    zh = "试题当前状态不能执行此操作。"
    en = "The item's present state does not allow this."


class ImportMoveRefused(Conflict):
    """The import's state does not allow this action."""

    code = "import.move_refused"
    zh = "该导入已处理，不能再执行此操作。"
    en = "This import has been settled; this cannot be done any more."


class ItemChanged(Conflict):
    """The version that was looked at is not the newest, or not waiting, any more."""

    code = "item.changed"
    zh = "所选试题中有 {count} 道已被更新或已有审题结论，请刷新后再试。"
    en = "{count} of these items have changed or been reviewed meanwhile; please reload and try again."


class OwnItem(Forbidden):
    """Author and reviewer of one item are two people."""

    code = "item.own"
    zh = "所选试题中有 {count} 道由本人命制或导入，须由另一位审题员审核；本次未作任何改动。"
    en = "{count} of these items were written or imported by yourself; somebody else reviews them. Nothing was changed."


class TooManyItems(Invalid):
    """More than one act may hold."""

    code = "item.too_many"
    zh = "一次最多处理 {limit} 道试题。"
    en = "At most {limit} items can be dealt with at once."


class ImportUnderWay(Conflict):
    """The worker is bringing the items in, or reading the file; until it is done nobody else may."""

    code = "import.under_way"
    zh = "该导入正由后台作业处理，请等待其完成或先取消。"
    en = "A background job is working on this import; please wait for it, or cancel it first."


class NotOwnImport(Forbidden):
    """An import is finished by the one who uploaded it: the items enter in their name."""

    code = "import.not_own"
    zh = "只有上传者本人可以处理该导入。"
    en = "Only the one who uploaded this file can go on with it."


class DoubtsOpen(Conflict):
    """Items that need a person's word have none."""

    code = "import.doubts_open"
    zh = "还有 {count} 道存疑试题未处理：请逐题补正、确认采用或不导入。"
    en = "{count} doubtful items wait for a word: mend them, accept them or leave them out."


class BankBusy(Conflict):
    """One large import at a time is written into a bank: what it brings in counts for the duplicates of the next."""

    code = "import.bank_busy"
    zh = "该题库正在写入另一批试题，请稍后再确认导入。"
    en = "Another import is being written into this bank; please confirm this one a little later."


class NothingToImport(Conflict):
    """Every item of the file is left out."""

    code = "import.nothing"
    zh = "没有可以导入的试题。"
    en = "There is no item left to import."


class BankChanged(Conflict):
    """Somebody else brought in some of the same items since the author looked."""

    code = "import.bank_changed"
    zh = "预览之后情况有变：现在将导入 {now} 道，预览时为 {seen} 道。请重新查看后再确认。"
    en = "Things changed since the preview: {now} items would be imported now, {seen} then. Please look again."


class UndoRefused(Conflict):
    """Some item of the import has gone too far to take the whole back."""

    code = "import.undo_refused"
    zh = "其中 {count} 道试题已审定、已停用或已用于考试，不能整批撤回。"
    en = "{count} of its items have been approved, retired or used; the import cannot be taken back as a whole."


class FileRefused(Invalid):
    """The file cannot be read as a bank; the sentence names the place and what to do."""

    code = "import.file_refused"
    zh = "{sentence_zh}"
    en = "{sentence_en}"


class CommitRefused(Invalid):
    """A commit by the worker met what a second try would meet again; the sentence says what."""

    code = "import.commit_refused"
    zh = "{sentence_zh}"
    en = "{sentence_en}"


class PictureRefused(Invalid):
    """The file is no picture that an item can show; the sentence says why and what to do."""

    code = "picture.refused"
    zh = "{sentence_zh}"
    en = "{sentence_en}"


class PasteTooLarge(Invalid):
    """More was pasted than an item could ever hold."""

    code = "paste.too_large"
    zh = "粘贴的内容超过 {megabytes} MB，请分几次粘贴。"
    en = "What was pasted is larger than {megabytes} MB; please paste it in parts."


class ItemRefused(Invalid):
    """The item could not be presented and scored as it is."""

    code = "item.refused"
    zh = "试题内容有误，请按提示改正。"
    en = "Something in the item is not right; please mend the fields named below."


class SameExporter(Forbidden):
    """One person proposes an export, another approves it (P19)."""

    code = "export.same_person"
    zh = "导出题库须由另一人批准。"
    en = "An export of a bank is approved by another person."


class ExportGranted(Conflict):
    """The export was granted already."""

    code = "export.granted"
    zh = "该导出申请已经批准。"
    en = "This export has been granted already."


def move(state: ItemState, action: ItemAction) -> ItemState:
    """The state after `action`; raises ItemMoveRefused where the table has no such move."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise ItemMoveRefused from None


def move_import(state: ImportState, action: ImportAction) -> ImportState:
    """The state after `action`; raises ImportMoveRefused where the table has no such move."""
    try:
        return IMPORT_TRANSITIONS[state, action]
    except KeyError:
        raise ImportMoveRefused from None


def states_for(action: ItemAction) -> frozenset[ItemState]:
    """The states in which `action` is possible."""
    return frozenset(state for state, possible in TRANSITIONS if possible is action)


def refuse_own(own: Collection[int]) -> None:
    """Raise OwnItem where any of the items to be reviewed was made by the reviewer (`own`: their ids)."""
    if own:
        raise OwnItem(count=len(own))


def topic_names(topic: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a topic path as the tree holds them: without "/", which joins them."""
    return tuple(name.strip().replace("/", "／") for name in topic)


def name_fold(name: str) -> str:
    """A document's or an article's name as it is compared: without 《》, punctuation, width and case; "" for none."""
    return stem_fold(name)[:200]


def stale_day(superseded: Collection[date | None]) -> date | None:
    """The first day on which an item does not rest on what holds: the earliest of the days on which the documents that
    it cites are superseded (None: one that holds)."""
    return min((day for day in superseded if day is not None), default=None)


class PromiseNeeded(Forbidden):
    """Whoever works with a bank has accepted the declaration of confidentiality first."""

    code = "bank.promise_needed"
    zh = "使用题库前，请先阅读并签署保密承诺。"
    en = "Please read and accept the declaration of confidentiality before using a bank."
    first = "/confidentiality"


class PromiseChanged(Conflict):
    """The declaration was worded anew since it was read."""

    code = "bank.promise_changed"
    zh = "保密承诺已更新，请重新阅读后签署。"
    en = "The declaration has been worded anew; please read it again."


class DocumentNameTaken(Invalid):
    """Two documents of one name could not be told apart where they are cited."""

    code = "document.name_taken"
    zh = "登记簿中已有同名文件（修订的文件请注明版本，如“（2024年修订）”）。"
    en = "The register has a document of this name already; name the edition of a revised one."


class DocumentDates(Invalid):
    """A document is superseded after it came into force, by another one that is in force then."""

    code = "document.dates"
    zh = "废止或被替代的日期应晚于施行日期；替代文件应为另一份文件，且届时已施行。"
    en = "It is superseded after it came into force, by another document that is in force by then."


class DocumentSettled(Conflict):
    """It was superseded already."""

    code = "document.settled"
    zh = "该文件已登记废止日期。"
    en = "The end of this document has been registered already."


class NotStale(Conflict):
    """The item rests on documents that hold, or somebody else confirmed it meanwhile."""

    code = "item.not_stale"
    zh = "该试题没有待复核的依据，可能已由他人复核。"
    en = "Nothing of this item is stale; somebody else may have confirmed it."


class EnemyRefused(Invalid):
    """Two different items of one bank, declared once."""

    code = "item.enemy_refused"
    zh = "互斥题应为同一题库中的另一道试题，且尚未登记。"
    en = "An enemy is another item of the same bank, and is declared once."


class FilterNameTaken(Invalid):
    """A saved filter replaces none."""

    code = "bank.filter_name_taken"
    zh = "已有同名的筛选，请换一个名称。"
    en = "You have a filter of this name already."


class TopicRefused(Invalid):
    """The tree would not be one any more."""

    code = "topic.refused"
    zh = "知识点名称不能为空、不能与同级重名；不能移到自己之下，最多 8 级。"
    en = "A topic has a name of its own among its neighbours, not below itself, in at most eight levels."


class BankNameTaken(Invalid):
    """Two banks of one name could not be told apart."""

    code = "bank.name_taken"
    zh = "已有同名题库。"
    en = "There is a bank of this name already."
