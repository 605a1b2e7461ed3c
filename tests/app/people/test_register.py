"""A county hands over its units, party organisations and persons in one workbook, and may begin."""

import io
from dataclasses import replace
from datetime import date

import pytest
import xlsxwriter
from sqlalchemy import func, select

from app.accounts.models import Account, RoleGrant
from app.accounts.service import invite_candidates
from app.audit.models import AuditRecord
from app.operation import acting_as
from app.people.identity import synthetic_id_number
from app.people.models import PartyOrganisation, Person, Unit
from app.people.queries import persons_named
from app.people.register.book import make_book_template, read_book
from app.people.register.service import BookRefused, enter_book, look_at_book
from app.people.rules import Education, PoliticalStatus, UnitKind
from app.security.permissions import Role
from question_bank.errors import UnreadableFile

FIRST, SECOND = (synthetic_id_number("990101", date(year, 2, 29), 1) for year in (1980, 1996))
PEOPLE = ("姓名", "身份证号", "工作单位", "所在党支部", "政治面貌", "学历", "是否在岗", "手机号码")


def workbook(**sheets) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    book.close()
    return buffer.getvalue()


WHOLE = workbook(
    单位=[
        ("全县单位",),
        ("类别", "单位名称 *", "上级单位", "编制人数"),
        ("村", "东风一村", "东风镇", ""),
        ("乡镇", "东风镇", "", 60),
        ("村", 101, "东风一村", ""),
    ],
    党组织=[
        ("名称", "类别", "所属单位", "上级党组织"),
        ("一村支部", "党支部", "东风一村", "镇党委"),
        ("镇党委", "党委", "东风镇"),
    ],
    人员=[
        PEOPLE,
        ("示例：林一", FIRST, "东风镇", "", "党员", "大专", ""),
        ("阿卜杜拉•买买提", FIRST.lower(), "东风一村", "一村支部", "正式党员", "专科", "", 13800138000),
        ("𠮷 㛃", SECOND, "101", "", "群众", "研究生", "否"),
    ],
)


def test_a_book_is_entered_whole_once_and_may_be_handed_in_again(house):
    book = read_book("全县.xlsx", WHOLE)
    assert book.problems == ()
    with acting_as(house, "people-import") as op:
        enter_book(op, look_at_book(op, book))
    with acting_as(house, "people-import") as op:
        again = look_at_book(op, book)
        assert (again.units, again.organisations, again.persons, again.known, again.problems) == ((), (), (), 7, ())
        enter_book(op, again)
        units = {unit.name: unit for unit in op.db.scalars(select(Unit))}
        assert units["示范县"].kind is UnitKind.COUNTY
        assert units["东风镇"].headcount == 60
        assert units["101"].path == f"{units['东风一村'].path}{units['101'].id}/"
        assert units["东风镇"].path.startswith(units["示范县"].path)
        (first,) = persons_named(op.db, "阿卜杜拉・买", limit=5)
        assert (first.name, first.political_status) == ("阿卜杜拉·买买提", PoliticalStatus.FULL_MEMBER)
        assert op.db.get(PartyOrganisation, first.party_organisation_id).name == "一村支部"
        (second,) = persons_named(op.db, "𠮷㛃", limit=5)
        assert (second.in_post, second.education) == (False, Education.MASTER)
        assert invite_candidates(op) == 1  # the other is not in post
        (login, roles) = op.db.execute(
            select(Account.login, RoleGrant.role).join(RoleGrant, RoleGrant.account_id == Account.id)
        ).one()
        assert (login, roles) == (f"K{first.id:06d}", Role.CANDIDATE)
        assert invite_candidates(op) == 0
        assert (first.phone_masked, second.phone_masked) == ("138****8000", None)
        given = tuple(replace(row, phone="13900139000") for row in book.persons)
        mended = look_at_book(op, replace(book, persons=given))
        assert mended.phones == {second.id: "13900139000"}  # whoever has a number keeps it
        enter_book(op, mended)
        assert (first.phone_masked, second.phone_masked) == ("138****8000", "139****9000")
        entered = select(func.count()).select_from(AuditRecord).where(AuditRecord.action == "person:create")
        assert op.db.scalar(entered) == 2


def test_every_problem_is_named_with_its_place_and_nothing_is_entered(house):
    with acting_as(house, "people-import") as op:
        enter_book(op, look_at_book(op, read_book("全县.xlsx", WHOLE)))
    book = read_book(
        "b.xlsx",
        workbook(
            单位=[
                ("单位名称", "类别", "上级单位", "编制人数"),
                ("甲", "村", "乙", ""),
                ("乙", "村", "甲", ""),
                ("丙", "外星", "", ""),
                ("丁", "村", "", -5),
                ("东风镇", "乡镇", "", ""),
                ("东风镇", "乡镇", "", ""),
            ],
            党组织=[("名称", "类别")],
            人员=[
                PEOPLE,
                ("林二", 330102199001011234, "东风镇", "", "党员", "本科", "", "0571-88001234"),
                ("林三", FIRST, "东风镇", "", "党员", "本科", ""),
                ("林四", synthetic_id_number("990101", date(2090, 1, 1), 1), "无此村", "无", "", "本科", ""),
                ("林五", synthetic_id_number("990101", date(2090, 1, 1), 1), "无此村", "无", "党员", "本科", ""),
            ],
        ),
    )
    with acting_as(house, "people-import") as op:
        outlook = look_at_book(op, book)
        assert [(problem.sheet.value, problem.row) for problem in outlook.problems] == [
            *(("单位", row) for row in (2, 3, 4, 5, 7)),
            ("党组织", 0),
            *(("人员", row) for row in (2, 2, 3, 4, 5, 5, 5)),
        ]
        said = " ".join(problem.zh + problem.en for problem in outlook.problems)
        for part in (
            "四舍五入",
            "固定电话",
            "另一个姓名",
            "政治面貌：不能为空",
            "晚于今天",
            "“外星”不在可填内容中（乡镇/街道、",
            "与第 6 行重名",
        ):
            assert part in said, part
        assert FIRST not in said  # P46
        assert "88001234" not in said
        with pytest.raises(BookRefused):
            enter_book(op, outlook)
        assert op.db.scalar(select(func.count()).select_from(Person)) == 2


def test_the_template_is_read_and_its_examples_left_out(house):
    book = read_book("t.xlsx", make_book_template())
    assert (book.units, book.organisations, book.persons, book.problems) == ((), (), (), ())
    with pytest.raises(UnreadableFile, match="单位"):
        read_book("t.xlsx", workbook(Sheet1=[("姓名",)]))
