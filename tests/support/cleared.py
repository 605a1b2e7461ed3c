"""Cases that a released exam has opened, and the people who work on them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.clearance.models import Check, ClearanceCase
from app.clearance.rules import Office
from app.operation import House
from app.security.permissions import Role
from tests.support.client import Client
from tests.support.personas import Persona, make_staff, open_browsers
from tests.support.sealed_exam import SealedExam, fifty_items, make_sealed_exam
from tests.support.sitting import sit

ROOM = {Office.DISCIPLINE: "/discipline", Office.PUBLIC_SECURITY: "/public-security"}


@dataclass(frozen=True)
class Opened:
    """A released exam, the cases that it opened, and everyone who works on them."""

    exam: SealedExam
    cases: list[int]
    personas: dict[str, Persona]


@dataclass
class Cleared:
    """A released exam with one case per passed candidate, and browsers of everyone who works on cases."""

    house: House
    exam: SealedExam
    cases: list[int]
    handlers: dict[Office, Client]
    approvers: dict[Office, Client]
    panel: list[Client]
    officer: Client
    approver: Client
    personas: dict[str, Persona]

    def check_of(self, case_id: int, office: Office) -> int:
        """The id of one office's check of a case."""
        with self.house.database.transaction(reading=True) as db:
            return db.scalars(select(Check.id).where(Check.case_id == case_id, Check.office == office)).one()

    def opine(self, case_id: int, office: Office, outcome: str = "clear"):
        """The handler's opinion."""
        given = {"outcome": outcome, "ground": "核查清单 12 项均无"}
        return self.handlers[office].api(f"{ROOM[office]}/checks/{self.check_of(case_id, office)}/opinion", given)

    def sign(self, case_id: int, office: Office, *, agreed: bool = True):
        """The approver's sign-off."""
        given = {"agreed": agreed, "reason": "情况属实"}
        return self.approvers[office].api(f"{ROOM[office]}/signing/{self.check_of(case_id, office)}/sign", given)

    def clear(self, case_id: int) -> None:
        """Both offices say clear."""
        for office in Office:
            assert self.opine(case_id, office).status_code == 200
            assert self.sign(case_id, office).status_code == 200

    def approve(self, case_id: int) -> None:
        """Both panel members approve."""
        for member in self.panel:
            answer = member.api(f"/cases/{case_id}/vote", {"approve": True, "reason": "同意"})
            assert answer.status_code == 200, answer.text

    def publish_notice(self) -> int:
        """Propose and publish a notice of everyone approved; returns its id."""
        given = {"exam_id": self.exam.exam_id, "document_number": "示组公〔2026〕3号"}
        proposed = self.officer.api("/notices/desk", given)
        assert proposed.status_code == 200, proposed.text
        notice_id = proposed.json()["id"]
        published = self.approver.api(f"/notices/{notice_id}/publish")
        assert published.status_code == 200, published.text
        return notice_id


def open_cases(house: House, *, candidates: int = 1, cleared: bool = False) -> Opened:
    """Seal, sit, pass, release: `candidates` cases are open; nothing has been said about them, unless both offices
    have `cleared` each."""
    exam = make_sealed_exam(house, candidates=candidates, blueprint=fifty_items(), earliest_hand_in_minutes=0)
    with open_browsers(house) as browsers:
        for candidate in exam.candidates:
            sit(house, browsers(None), exam, candidate, right=40)
        house.clock.set(exam.ends_at + timedelta(minutes=1))
        personas = {
            "officer": make_staff(house, Role.EXAM_OFFICER),
            "approver": make_staff(house, Role.EXAM_APPROVER),
            "discipline_handler": make_staff(house, Role.DISCIPLINE_HANDLER),
            "discipline_approver": make_staff(house, Role.DISCIPLINE_APPROVER),
            "public_security_handler": make_staff(house, Role.PUBLIC_SECURITY_HANDLER),
            "public_security_approver": make_staff(house, Role.PUBLIC_SECURITY_APPROVER),
            "panel_1": make_staff(house, Role.PANEL_MEMBER),
            "panel_2": make_staff(house, Role.PANEL_MEMBER),
        }
        assert browsers(personas["officer"]).api(f"/results/{exam.exam_id}/propose").status_code == 200
        assert browsers(personas["approver"]).api(f"/results/{exam.exam_id}/release").status_code == 200
        with house.database.transaction(reading=True) as db:
            cases = list(db.scalars(select(ClearanceCase.id).order_by(ClearanceCase.registration_id)))
        opened = Opened(exam, cases, personas)
        if cleared:
            working = sign_in_all(house, browsers, opened)
            for case_id in cases:
                working.clear(case_id)
    return opened


def sign_in_all(house: House, browsers: Callable[[Persona | None], Client], opened: Opened) -> Cleared:
    """Everyone who works on the cases at a computer of their own."""
    personas = opened.personas
    return Cleared(
        house=house,
        exam=opened.exam,
        cases=opened.cases,
        handlers={o: browsers(personas[f"{o.value}_handler"]) for o in Office},
        approvers={o: browsers(personas[f"{o.value}_approver"]) for o in Office},
        panel=[browsers(personas["panel_1"]), browsers(personas["panel_2"])],
        officer=browsers(personas["officer"]),
        approver=browsers(personas["approver"]),
        personas=personas,
    )
