"""The bank of the county: the files that ship, brought in by authors and approved by a reviewer; its blueprints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.authoring.child_reading import ReadFile
from app.authoring.models import Bank
from app.authoring.queries.imports import find_import
from app.authoring.queries.reviews import queue
from app.authoring.reading import Duplicates
from app.authoring.rules import PROMISE_EDITION
from app.authoring.service import create_bank
from app.authoring.service.imports import choose, commit_import, start_import
from app.authoring.service.items import submit_item, write_item
from app.authoring.service.promises import accept_promise
from app.authoring.service.reviews import approve_import, review_versions
from app.authoring.service.staging import look_ahead
from app.authoring.uploads import read_file
from app.demo.stage import Stage
from app.exams.service import approve_blueprint, create_blueprint, submit_blueprint
from app.practice.service.mock_exams import open_mock_exam
from app.security.permissions import Role
from question_bank.blueprint import Blueprint, Cell, Section
from question_bank.formats import read_bank
from question_bank.formats.writers import WRITERS
from question_bank.items import Basis, Difficulty, Item, ItemType, Level
from question_bank.kinds import kind_of
from question_bank.kinds.choice import ChoiceBody, Option
from question_bank.starter import read_file as read_starter

BANK = "示范县党务工作者题库"
PRACTICE_BANK = "示范县模拟练习题库"
FILES = (
    ("primary.txt", "党务知识题库（初级）.json"),
    ("intermediate.docx", "党务知识题库（中级）.docx"),
    ("advanced.xlsx", "党务知识题库（高级）.xlsx"),
)
"""What ships, and the name under which an author uploads it."""
CHAPTERS = (
    "第一章 发展党员",
    "第二章 支部设置与组织生活",
    "第三章 党员教育管理",
    "第四章 党章与组织制度",
    "第五章 纪律与监督",
)
_NUMERALS = "一二三四五六七八九十"
_POINTS = 200
_PLENTY = 9
_NTH = 4


@dataclass(frozen=True)
class Stock:
    """The county's banks: for exams, and for practice."""

    bank_id: int
    practice_bank_id: int


def stock(stage: Stage) -> Stock:
    """Import the bank that ships as authors upload it, a part of it into the bank for practice, and have a second
    person approve it."""
    stage.told("题库：导入与审题")
    for role in (Role.ITEM_AUTHOR, Role.ITEM_REVIEWER):
        for player in stage.staff[role]:
            with stage.acting(player, factor=True) as op:
                accept_promise(op, edition=PROMISE_EDITION)
    with stage.by(Role.ITEM_AUTHOR) as op:
        bank: Bank = create_bank(op, name=BANK, owner_unit_id=stage.root_unit_id)
        practice: Bank = create_bank(op, name=PRACTICE_BANK, owner_unit_id=stage.root_unit_id, practice=True)
    (name, primary), *others = FILES
    kept, given = set_apart([one.item for one in read_bank(name, read_starter(name)).items])
    files = [(primary, _written(kept)), *((shown, read_starter(name)) for name, shown in others)]
    brought = []
    for author, file in zip((0, 1, 0), files, strict=True):
        stage.workday(1, hour=10)
        brought.append(_bring(stage, author, bank.id, file))
    brought.append(_bring(stage, 0, practice.id, ("模拟练习题（初级）.json", _written(given))))
    stage.workday(2, hour=9)
    _approve(stage, brought)
    return Stock(bank.id, practice.id)


def set_apart(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """What exams keep, and what is given to practice: every fourth item of a chapter and type that has plenty. Nothing
    stands in both."""
    groups: dict[tuple[str, ItemType], list[Item]] = {}
    for item in items:
        groups.setdefault((item.topic[0], item.item_type), []).append(item)
    given = [item for group in groups.values() if len(group) >= _PLENTY for item in group[_NTH - 1 :: _NTH]]
    return [item for item in items if item not in given], given


def _written(items: Sequence[Item]) -> bytes:
    """A file of these items, as an author saves it."""
    return WRITERS["json"].write(list(items), {}).data


def _approve(stage: Stage, import_ids: Sequence[int]) -> None:
    """A reviewer, who wrote none of it, approves what these imports brought."""
    for import_id in import_ids:
        with stage.by(Role.ITEM_REVIEWER) as op:
            waiting = queue(op.db, op.actor, import_id=import_id, limit=1000)
            approve_import(
                op, import_id=import_id, count=len(waiting), newest=waiting[-1][1].id, comment="逐题审核，同意入库"
            )


def _bring(stage: Stage, author: int, bank_id: int, file: tuple[str, bytes]) -> int:
    import_id = preview(stage, author, bank_id, file, None)
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
    """A section for each type, and in it so many items from each chapter; every item for two points, 60 of 100 to
    pass."""
    sections = tuple(
        Section(
            f"{numeral}、{kind_of(item_type).name.zh}",
            tuple(
                Cell((chapter,), item_type, count, _POINTS)
                for chapter, count in zip(CHAPTERS, by_chapter, strict=True)
                if count
            ),
        )
        for numeral, (item_type, by_chapter) in zip(_NUMERALS, counts.items(), strict=False)
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
    ItemType.SINGLE_CHOICE: (10, 7, 4, 2, 1),
    ItemType.MULTIPLE_CHOICE: (6, 2, 1, 1, 0),
    ItemType.TRUE_FALSE: (8, 4, 2, 2, 0),
}
"""24 single-choice, 10 multiple-choice, 16 true-or-false: 50 items, 100 points."""


SIXTEEN = {
    ItemType.SINGLE_CHOICE: (6, 3, 1, 0, 0),
    ItemType.MULTIPLE_CHOICE: (2, 0, 0, 0, 0),
    ItemType.TRUE_FALSE: (3, 1, 0, 0, 0),
}
"""What the bank for practice serves: 10 single-choice, 2 multiple-choice, 4 true-or-false."""


def offer_practice(stage: Stage, bank_id: int) -> None:
    """A mock exam over the bank for practice, open to everybody."""
    wanted = replace(blueprint("初级模拟练习卷（16题）", Level.PRIMARY, SIXTEEN), cut_score_hundredths=1920)
    blueprint_id = agree_blueprint(stage, bank_id, wanted)
    with stage.by(Role.EXAM_OFFICER) as op:
        open_mock_exam(op, name="初级模拟考试", blueprint_id=blueprint_id, duration_minutes=30)


def leave_unfinished(stage: Stage, bank_id: int) -> None:
    """What lies on the authors' and the reviewers' desks today: drafts, a returned item, a queue, an open import."""
    with stage.by(Role.ITEM_AUTHOR) as op:
        ids = [write_item(op, bank_id=bank_id, item=item) for item in _new_items()]
        for item_id in ids[1:]:
            submit_item(op, item_id=item_id)
    with stage.by(Role.ITEM_REVIEWER, 1) as op:
        version = queue(op.db, op.actor, limit=1)[0][1]
        review_versions(op, version_ids=[version.id], approve=False, comment="选项之间有交叉，请修改后再报")
    name, _ = FILES[0]
    known = [one.item for one in read_bank(name, read_starter(name)).items][:6]
    content = WRITERS["docx"].write([*_new_items(), *known], {}).data
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
            topic=("本县办法",),
            basis=(Basis("《示范县党务工作者持证上岗办法》", "第六条"),),
        )
        for stem, options in rows
    ]
