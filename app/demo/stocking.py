"""The bank of the county: two files imported by authors, approved by a reviewer, and blueprints drawn from them."""

import random
from collections.abc import Mapping, Sequence

from app.authoring.child_reading import ReadFile
from app.authoring.models import Bank
from app.authoring.queries.imports import find_import
from app.authoring.queries.reviews import queue
from app.authoring.reading import Decision, Duplicates
from app.authoring.rules import PROMISE_EDITION
from app.authoring.service import create_bank
from app.authoring.service.imports import choose, commit_import, decide_doubtful, look_ahead, start_import
from app.authoring.service.items import submit_item, write_item
from app.authoring.service.promises import accept_promise
from app.authoring.service.reviews import approve_import, review_versions
from app.authoring.uploads import read_file
from app.demo.bank_files import TOPICS, bank_docx, bank_xlsx, intermediate_items, primary_items
from app.demo.stage import Stage
from app.exams.service import approve_blueprint, create_blueprint, submit_blueprint
from app.security.permissions import Role
from question_bank.blueprint import Blueprint, Cell, Section
from question_bank.items import Basis, Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.starter import read_file as read_starter

BANK = "示范县党务工作者题库"
DOCX = "党务工作者初级题库（2025年版）.docx"
XLSX = "党务工作者中级题库.xlsx"
STARTER = "党务知识题库（随附）"
STARTER_FILES = (
    ("primary.txt", "党务知识题库（初级）.txt"),
    ("intermediate.docx", "党务知识题库（中级）.docx"),
    ("advanced.xlsx", "党务知识题库（高级）.xlsx"),
)
"""What ships, and the name under which an author uploads it."""
_POINTS = 200


def stock(stage: Stage) -> int:
    """Import both files through the importer, have a second person approve them; returns the bank's id."""
    stage.told("题库：导入与审题")
    for role in (Role.ITEM_AUTHOR, Role.ITEM_REVIEWER):
        for player in stage.staff[role]:
            with stage.acting(player, factor=True) as op:
                accept_promise(op, edition=PROMISE_EDITION)
    files = random.Random(stage.draw.random())  # noqa: S311 - no secret
    with stage.by(Role.ITEM_AUTHOR) as op:
        bank: Bank = create_bank(op, name=BANK, owner_unit_id=stage.root_unit_id)
    stage.workday(1, hour=10)
    primary = _bring(stage, 0, bank.id, (DOCX, bank_docx(primary_items(files))), Level.PRIMARY)
    stage.workday(1, hour=15)
    intermediate = _bring(stage, 1, bank.id, (XLSX, bank_xlsx(intermediate_items(files))), Level.INTERMEDIATE)
    stage.workday(2, hour=9)
    approve(stage, (primary, intermediate))
    return bank.id


def bring_starter(stage: Stage) -> list[int]:
    """The bank that ships, as a bank beside the county's own: its three files, read as uploads; the imports' ids."""
    with stage.by(Role.ITEM_AUTHOR) as op:
        bank_id = create_bank(op, name=STARTER, owner_unit_id=stage.root_unit_id).id
    return [
        _bring(stage, author, bank_id, (shown, read_starter(name)), None)
        for author, (name, shown) in zip((0, 1, 0), STARTER_FILES, strict=True)
    ]


def approve(stage: Stage, import_ids: Sequence[int]) -> None:
    """A reviewer, who wrote none of it, approves what these imports brought."""
    for import_id in import_ids:
        with stage.by(Role.ITEM_REVIEWER) as op:
            waiting = queue(op.db, op.actor, import_id=import_id, limit=1000)
            approve_import(
                op, import_id=import_id, count=len(waiting), newest=waiting[-1][1].id, comment="逐题审核，同意入库"
            )


def _bring(stage: Stage, author: int, bank_id: int, file: tuple[str, bytes], level: Level | None) -> int:
    import_id = preview(stage, author, bank_id, file, level)
    with stage.by(Role.ITEM_AUTHOR, author) as op:
        decide_doubtful(op, import_id=import_id, decision=Decision.TAKE)
    with stage.by(Role.ITEM_AUTHOR, author) as op:
        ahead = look_ahead(op, find_import(op.db, op.actor, import_id))
        commit_import(op, import_id=import_id, seen=ahead.taken, submit=True)
    return import_id


def preview(stage: Stage, author: int, bank_id: int, uploaded: tuple[str, bytes], level: Level | None) -> int:
    """Read a file (name and bytes) as an upload is read, and say what level it is for; nothing is in the bank yet.

    Where no level is given, level and difficulty of each item are what the file says.
    """
    name, content = uploaded
    settings = stage.house.settings
    file: ReadFile = read_file(name, content, seconds=settings.import_seconds, memory_mb=settings.import_memory_mb)
    with stage.by(Role.ITEM_AUTHOR, author) as op:
        import_id = start_import(op, bank_id=bank_id, file=file).id
    with stage.by(Role.ITEM_AUTHOR, author) as op:
        difficulty = Difficulty.MEDIUM if level else None
        choose(op, import_id=import_id, level=level, difficulty=difficulty, duplicates=Duplicates.KEEP_FIRST)
    return import_id


def blueprint(name: str, level: Level, counts: Mapping[ItemType, Sequence[int]]) -> Blueprint:
    """Items by type, and for each type so many from each topic; every item for two points, 60 of 100 to pass."""
    titles = {
        ItemType.SINGLE_CHOICE: "一、单项选择题",
        ItemType.MULTIPLE_CHOICE: "二、多项选择题",
        ItemType.TRUE_FALSE: "三、判断题",
    }
    sections = tuple(
        Section(
            titles[item_type],
            tuple(
                Cell((topic,), item_type, count, _POINTS)
                for topic, count in zip(TOPICS, by_topic, strict=True)
                if count
            ),
        )
        for item_type, by_topic in counts.items()
    )
    return Blueprint(name, level, sections, 6000)


def agree_blueprint(stage: Stage, bank_id: int, wanted: Blueprint) -> int:
    """Written and submitted by an officer, approved by an approver; returns its id."""
    with stage.by(Role.EXAM_OFFICER) as op:
        row = create_blueprint(op, bank_id=bank_id, blueprint=wanted)
        submit_blueprint(op, blueprint_id=row.id)
    stage.workday(1, hour=10)
    with stage.by(Role.EXAM_APPROVER) as op:
        approve_blueprint(op, blueprint_id=row.id)
    return row.id


FIFTY = {
    ItemType.SINGLE_CHOICE: (6, 6, 6, 6),
    ItemType.MULTIPLE_CHOICE: (3, 2, 2, 3),
    ItemType.TRUE_FALSE: (4, 4, 4, 4),
}
"""24 single-choice, 10 multiple-choice, 16 true-or-false: 50 items, 100 points."""


def leave_unfinished(stage: Stage, bank_id: int) -> None:
    """What lies on the authors' and the reviewers' desks today: drafts, a returned item, a queue, an open import."""
    with stage.by(Role.ITEM_AUTHOR) as op:
        ids = [write_item(op, bank_id=bank_id, item=item) for item in _new_items()]
        for item_id in ids[1:]:
            submit_item(op, item_id=item_id)
    with stage.by(Role.ITEM_REVIEWER, 1) as op:
        version = queue(op.db, op.actor, limit=1)[0][1]
        review_versions(op, version_ids=[version.id], approve=False, comment="选项之间有交叉，请修改后再报")
    extra = primary_items(random.Random(7))[:6]  # noqa: S311 - no secret
    content = bank_docx([*_new_items(), *extra])
    preview(stage, 0, bank_id, ("新增试题（征求意见稿）.docx", content), Level.PRIMARY)


def _new_items() -> list[Item]:
    """Written by hand this year: single-choice items on keeping the register of workers."""
    rows = (
        ("党务工作者离岗后，所在单位应当首先办理的是", ("人员变动备案", "重新命题", "更换考场", "补发准考证")),
        (
            "证书有效期内发现不符合持证条件的，应当先",
            ("提出处理意见并由他人审批", "由本人自行销毁", "口头告知", "不作处理"),
        ),
        ("公示期内收到异议的，对当事人的证书应当", ("暂缓发放，待查清后再定", "照常发放", "永久不发", "转交他人")),
        ("审查意见由一人提出后，应当", ("由另一人审批", "由本人审批", "直接公布", "退回考生")),
    )
    return [
        Item(
            ItemType.SINGLE_CHOICE,
            f"{stem}（　）。",
            ChoiceBody(tuple(map(Option, options)), frozenset({0})),
            explanation="见《示范县党务工作者持证上岗办法》。",
            topic=(TOPICS[-1],),
            basis=(Basis("《示范县党务工作者持证上岗办法》", "第六条"),),
        )
        for stem, options in rows
    ]
