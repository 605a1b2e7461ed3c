"""The main job, told once from beginning to end in headless Chromium, through the pages that people will use.

An uploaded Word file becomes a bank, the bank an exam, the exam results, the results cases, and the clear ones
certificates that a stranger can verify. On both databases.
"""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from app.attempts.models import Attempt
from app.certificates.credential import Issuer, verify
from app.exams.queries import registration_by_id
from app.operation import acting_as
from app.people.service import unmask_id_number
from app.security.key_pairs import PublicKey
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.bank_files import party_bank_docx
from tests.support.exam_page import DESKTOP, PHONE
from tests.support.invigilators import file_record, open_room
from tests.support.office import Office
from tests.support.personas import make_candidate, make_person, make_staff, make_unit
from tests.support.roster import roster_xlsx
from tests.support.sealed_exam import Candidate
from tests.support.served import serve_house
from tests.support.sitting import right_responses
from tests.support.story import SECTIONS, STAFF_OF_THE_STORY

pytestmark = [pytest.mark.browser, pytest.mark.timeout(280)]
WORDS = {"single_choice": "单选题", "multiple_choice": "多选题", "true_false": "判断题"}


@pytest.fixture
def office(request, databases, browser, tmp_path):
    with (
        databases.fresh(request.param) as url,
        serve_house(url, tmp_path / "house") as served,
    ):
        opened = Office(served, browser)
        yield opened
        opened.close()


class Teller:
    """Who takes part, and the steps in their order."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.served = office.served
        self.house = office.served.house
        self.folder = folder
        self.staff = {role: make_staff(self.house, role) for role in STAFF_OF_THE_STORY}
        self.second = make_staff(self.house, Role.PROCTOR)
        self.panel = [make_staff(self.house, Role.PANEL_MEMBER) for _ in range(2)]
        with acting_as(self.house, "test") as op:
            department = make_unit(op, "示范县委组织部机关")
            township = make_unit(op, "金山街道")
            persons = [make_person(op, township, name) for name in ("林晓梅", "欧阳雪", "买买提·艾力")]
            self.rows = [(p.name, unmask_id_number(op, p, why="测试名单")) for p in persons]
            self.bank_owner = department.id
        self.liaison = make_staff(self.house, Role.UNIT_LIAISON, unit=township)
        self.candidates = [make_candidate(self.house, person) for person in persons]

    def by(self, role):
        return self.office.clerk(self.staff[role])

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def import_bank(self):
        author = self.by(Role.ITEM_AUTHOR)
        page = author.visit("/banks")
        author.unfold("建立新题库")
        page.get_by_label("题库名称").fill("党务工作者题库")
        owner = page.locator("[name=owner_unit_id]")
        owner.select_option(str(self.bank_owner))
        author.press("建立题库")
        author.visit("/banks").get_by_role("link", name="导入文件").click()
        page.set_input_files("[name=file]", self.file("题库.docx", party_bank_docx()))
        author.press("上传并预览")
        for words in ("60", "24", "36"):
            expect(page.locator("main")).to_contain_text(words)
        author.press(re.compile("确认导入 120 道"))
        expect(page.locator("main")).to_contain_text("120")

    def review_bank(self):
        own = self.office.clerk(make_staff(self.house, Role.ITEM_AUTHOR, Role.ITEM_REVIEWER))
        expect(own.visit("/reviews").locator("main")).to_contain_text("题库.docx")
        reviewer = self.by(Role.ITEM_REVIEWER)
        reviewer.visit("/reviews")
        reviewer.press(re.compile("整批通过 120 道"))
        expect(reviewer.visit("/reviews").locator("main")).not_to_contain_text("题库.docx")

    def plan_exam(self):
        officer, approver = self.by(Role.EXAM_OFFICER), self.by(Role.EXAM_APPROVER)
        page = officer.visit("/blueprints/new")
        page.get_by_label("方案名称").fill("初级 50 题")
        page.locator("[name=bank_id]").select_option(label="党务工作者题库")
        page.locator("[name=level]").select_option("primary")
        page.locator("[name=cut_score]").fill("60")
        for row, (section, item_type, count) in enumerate(SECTIONS):
            page.locator(f"[name='cells.{row}.section']").fill(section)
            page.locator(f"[name='cells.{row}.item_type']").select_option(item_type)
            page.locator(f"[name='cells.{row}.count']").fill(str(count))
            page.locator(f"[name='cells.{row}.points']").fill("2")
        officer.press("保存草稿")
        officer.press("提交审批")
        approver.visit(page.url.removeprefix(self.served.base).split("?")[0])
        approver.press("批准")
        page = officer.visit("/exams/new")
        now = self.served.clock.now() + timedelta(hours=8)  # the fields are Beijing time
        page.get_by_label("考试名称").fill("2026 年第二次初级党务工作者资格考试")
        page.locator("[name=blueprint_id]").select_option(label="初级 50 题")
        for name, moment in (
            ("registration_opens_at", now),
            ("registration_closes_at", now + timedelta(days=5)),
            ("starts_at", now + timedelta(days=7)),
            ("ends_at", now + timedelta(days=7, hours=2)),
        ):
            page.locator(f"[name={name}]").fill(f"{moment:%Y-%m-%dT%H:%M}")
        page.locator("[name=duration_minutes]").fill("90")
        page.locator("[name='rooms.0.name']").fill("第一考场")
        page.locator("[name='rooms.0.capacity']").fill("30")
        officer.press("保存草稿")
        self.exam = page.url.removeprefix(self.served.base).split("?")[0]
        page.locator("[name=account_id]").first.select_option(str(self.staff[Role.PROCTOR].account_id))
        officer.press("安排")
        page.locator("select[name=account_id]").first.select_option(str(self.second.account_id))
        officer.press("安排")
        officer.press("提交审批")
        approver.visit(self.exam)
        approver.press("批准发布")

    def register(self):
        liaison = self.office.clerk(self.liaison)
        page = liaison.visit(f"{self.exam}/registrations")
        page.set_input_files("[name=upload]", self.file("报名.xlsx", roster_xlsx(self.rows)))
        liaison.press("上传并核对")
        liaison.press(re.compile("登记全部 3 人"))
        self.served.pass_time(timedelta(days=5, hours=1))
        officer = self.by(Role.EXAM_OFFICER)
        page = officer.visit(f"{self.exam}/registrations")
        for box in page.locator("input[name=registration_ids]").all():
            box.check()
        officer.press("确认所选人员")
        expect(page.locator("main")).to_contain_text("已确认")

    def seal(self):
        officer, approver = self.by(Role.EXAM_OFFICER), self.by(Role.EXAM_APPROVER)
        officer.visit(self.exam)
        officer.press("提请封卷")
        page = approver.visit(self.exam)
        approver.press("批准封卷")
        expect(page.locator("main")).to_contain_text(re.compile("[0-9a-f]{64}"))
        officer.visit(self.exam)
        refused = officer.page.context.request.post(
            f"{self.served.base}/api/v1{self.exam}/submit", headers={"sec-fetch-site": "same-origin"}, data={}
        )
        assert refused.status == 409

    def check_in(self, persona, device):
        """The proctor's code, and a computer at which it is typed; returns the candidate's page."""
        proctor = self.by(Role.PROCTOR)
        page = proctor.visit("/rooms")
        page.locator("main").get_by_role("link", name=re.compile("第一考场")).first.click()
        name = next(n for n, c in zip((r[0] for r in self.rows), self.candidates, strict=True) if c is persona)
        seat = page.locator(".seat", has_text=name)
        ticket = seat.locator(".seat-ticket").inner_text()
        seat.get_by_role("button").click()
        code = page.locator(".seat", has_text=name).locator(".code").inner_text()
        context = self.office.browser.new_context(**device)
        seat = context.new_page()
        seat.goto(f"{self.served.base}/ticket")
        seat.locator("#number").fill(ticket)
        seat.locator("#code").fill(code)
        seat.locator("#go").click()
        seat.get_by_role("button", name="我已阅读并同意").click()  # the unit entered them: asked before the door
        seat.wait_for_selector("body[data-ready]")
        return seat

    def begin(self, seat):
        seat.wait_for_selector('body[data-ready] #door[data-step="ready"]')
        seat.check("#honest")
        seat.click("#go")
        seat.wait_for_selector("body.exam[data-ready]")

    def answer(self, seat, *, items):
        """Give the right response to the first `items`, by the keys of the letters."""
        keys = self.keys_of(seat)
        for position in range(1, items + 1):
            for index in keys[position]:
                seat.keyboard.press("ABCDEFGH"[index])
            seat.keyboard.press("ArrowRight")
        expect(seat.locator("#save")).to_have_attribute("data-state", "saved", timeout=15_000)

    def keys_of(self, seat):
        attempt_id = seat.evaluate("JSON.parse(document.querySelector('#attempt').textContent).attempt_id")
        with self.house.database.transaction(reading=True) as db:
            registration = registration_by_id(db, db.get_one(Attempt, attempt_id).registration_id)
        candidate = Candidate(None, registration.id, "", 0, None)
        return right_responses(self.house, candidate, registration.exam_id)

    def sit(self):
        self.served.pass_time(timedelta(days=2) - timedelta(hours=1, minutes=30))
        open_room(self.by(Role.PROCTOR))
        early = self.check_in(self.candidates[0], DESKTOP)
        expect(early.locator("main")).to_contain_text("距开考")
        assert "单选题" not in early.content()
        self.served.pass_time(timedelta(minutes=31))
        early.reload()
        self.begin(early)
        self.answer(early, items=45)
        phone = self.check_in(self.candidates[1], PHONE)
        self.begin(phone)
        self.answer(phone, items=40)
        third = self.check_in(self.candidates[2], DESKTOP)
        self.begin(third)
        self.answer(third, items=35)
        self.served.pass_time(timedelta(minutes=31))
        for seat in (early, phone):
            seat.reload()
            seat.wait_for_selector("body.exam[data-ready]")
            seat.click("#hand-in-open")
            expect(seat.locator("#unanswered")).to_contain_text("50")
            seat.click("#hand-in-confirm")
            expect(seat.locator("#receipt")).to_have_text(re.compile("[0-9A-Z]{4}-"))
        self.served.pass_time(timedelta(hours=2))
        worker = make_worker(self.house)
        worker.tick_all()
        later = self.office.clerk(self.candidates[2]).visit(f"{self.exam}/sit")
        expect(later.locator("#recorded")).to_have_text("35")
        file_record(self.by(Role.PROCTOR), self.office.clerk(self.second), self.by(Role.EXAM_OFFICER))

    def release(self):
        officer, approver = self.by(Role.EXAM_OFFICER), self.by(Role.EXAM_APPROVER)
        results = self.exam.replace("/exams/", "/results/")
        page = officer.visit(results)
        expect(page.locator("main")).to_contain_text("3 人达到合格线")
        officer.press("提请公布成绩")
        candidate = self.office.clerk(self.candidates[0])
        expect(candidate.visit("/way").locator("main")).not_to_contain_text("90")
        approver.visit(results)
        approver.press("批准并公布")
        expect(candidate.visit("/way").locator("main")).to_contain_text("90")

    def handle(self, path, role, *, adverse=""):
        clerk = self.by(role)
        while True:
            page = clerk.visit(path)
            link = page.locator("main").get_by_role("link", name=re.compile("^办理"))
            if not link.count():
                return
            against = bool(adverse) and adverse in link.first.inner_text()
            link.first.click()
            page.locator(f"input[name=outcome][value={'adverse' if against else 'clear'}]").check()
            page.locator("[name=ground]").fill("核查清单 2026-3 版，十二项逐项核对")
            clerk.press("提交审批")
            clerk.said("意见已提交审批")

    def sign(self, path, role):
        clerk = self.by(role)
        while True:
            page = clerk.visit(path)
            link = page.locator("main").get_by_role("link", name=re.compile("^办理"))
            if not link.count():
                return
            link.first.click()
            page.locator("input[name=agreed][value=true]").check()
            page.locator("[name=reason]").fill("情况属实")
            clerk.press("签署")
            clerk.said("已签署")

    def clear(self):
        adverse = self.rows[2][0]
        self.handle("/discipline", Role.DISCIPLINE_HANDLER, adverse=adverse)
        self.sign("/discipline/signing", Role.DISCIPLINE_APPROVER)
        person = self.office.clerk(self.candidates[2])
        page = person.visit("/statements")
        page.locator("[name=text]").fill("所述事项已于去年整改完毕，附证明")
        person.press("提交")
        person.said("陈述申辩已提交")
        self.handle("/discipline", Role.DISCIPLINE_HANDLER, adverse=adverse)
        self.sign("/discipline/signing", Role.DISCIPLINE_APPROVER)
        self.handle("/public-security", Role.PUBLIC_SECURITY_HANDLER)
        self.sign("/public-security/signing", Role.PUBLIC_SECURITY_APPROVER)

    def review(self):
        for persona in self.panel:
            member = self.office.clerk(persona)
            while True:
                page = member.visit("/cases")
                link = page.locator("main").get_by_role("link", name=re.compile("^评审"))
                if not link.count():
                    break
                clear = "均同意" in link.first.locator("xpath=ancestor::tr").inner_text()
                link.first.click()
                page.locator(f"input[name=approve][value={'true' if clear else 'false'}]").check()
                page.locator("[name=reason]").first.fill("经综合评审")
                member.press("提交评审意见")
                member.said("评审意见已记录")

    def show_publicly(self):
        officer, approver = self.by(Role.EXAM_OFFICER), self.by(Role.EXAM_APPROVER)
        page = officer.visit("/notices/desk")
        page.locator("[name=document_number]").fill("示组公〔2026〕3号")
        officer.press("拟办公示")
        approver.visit("/notices/approval")
        approver.press("批准并发布")
        stranger = self.office.stranger()
        stranger.goto(f"{self.served.base}/notices")
        stranger.locator("main").get_by_role("link").first.click()
        expect(stranger.locator("main")).to_contain_text("林*梅")
        expect(stranger.locator("main")).not_to_contain_text("林晓梅")
        stranger.locator("summary").click()
        held = stranger.locator("[name=entry_id] option", has_text="欧阳*").get_attribute("value")
        stranger.locator("[name=entry_id]").select_option(held)
        stranger.locator("[name=text]").fill("请核实其任职时间")
        stranger.get_by_role("button", name="提交异议").click()
        expect(stranger.locator(".said")).to_contain_text("异议已收到")
        self.served.pass_time(timedelta(days=9))

    def issue(self):
        officer, approver = self.by(Role.CERTIFICATE_OFFICER), self.by(Role.CERTIFICATE_APPROVER)
        page = officer.visit("/certificate-batches")
        page.get_by_role("link", name="拟办批次").click()
        for name, why in ((self.rows[1][0], "异议"), (self.rows[2][0], "审查")):
            row = page.locator("tr", has_text=name)
            expect(row).to_contain_text(why)
            expect(row.locator("input[name=case_ids]")).to_be_disabled()
        page.locator("tr", has_text=self.rows[0][0]).locator("input[name=case_ids]").check()
        page.locator("[name=document_number]").fill("示组证〔2026〕1号")
        officer.press("提请颁证")
        batch = page.url.removeprefix(self.served.base).split("?")[0]
        page = approver.visit(batch)
        approver.press("批准并签发")
        make_worker(self.house).drain()
        expect(approver.visit(batch).locator("main")).to_contain_text("SF-2026-C-000001")

    def verify(self):
        holder = self.office.clerk(self.candidates[0])
        page = holder.visit("/way")
        downloads = {
            name: holder.page.context.request.get(
                self.served.base + page.get_by_role("link", name=name).get_attribute("href")
            ).body()
            for name in ("下载证书 PDF", "下载电子凭证")
        }
        printed = "".join(p.extract_text() for p in PdfReader(io.BytesIO(downloads["下载证书 PDF"])).pages)
        assert "林晓梅" in printed.replace(" ", "")
        number = re.search(r"SF-2026-C-\d{6}", printed).group()
        code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", printed.replace(number, "")).group()
        stranger = self.office.stranger()
        stranger.goto(f"{self.served.base}/verify")
        stranger.locator("[name=number]").fill(number)
        stranger.locator("[name=code]").fill(code)
        stranger.locator("main").get_by_role("button").click()
        expect(stranger.locator("main")).to_contain_text("林晓梅")
        expect(stranger.locator("main")).to_contain_text("有效")
        keys = stranger.context.request.get(f"{self.served.base}/.well-known/jwks.json").json()["keys"]
        public = {key["kid"]: PublicKey.from_jwk(key) for key in keys}
        credential = verify(
            downloads["下载电子凭证"].decode(), issuer=self.issuer(), find_key=public.get, now=self.served.clock.now()
        )
        assert credential.belongs_to("林晓梅")
        for persona in self.candidates[1:]:
            expect(self.office.clerk(persona).visit("/way").locator("main")).not_to_contain_text("SF-2026-C")

    def issuer(self):
        return Issuer(self.house.settings.authority, self.served.base)


@pytest.mark.parametrize("office", ["sqlite", "postgresql"], indirect=True)
def test_from_a_word_file_to_a_verified_certificate(office, tmp_path):
    teller = Teller(office, tmp_path)
    teller.import_bank()
    teller.review_bank()
    teller.plan_exam()
    teller.register()
    teller.seal()
    teller.sit()
    teller.release()
    teller.clear()
    teller.review()
    teller.show_publicly()
    teller.issue()
    teller.verify()
