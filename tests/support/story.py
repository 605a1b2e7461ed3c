"""The main job from an uploaded file to a verified certificate, told step by step through the API.

Every act goes through `Story.act`, so that a test may do each of them under a fault first (tests/faults).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from app.clearance.rules import Office
from app.exams.models import RoomProctor
from app.exams.queries import registration_of
from app.operation import House, acting_as
from app.people.models import Person
from app.people.service import unmask_id_number
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.bank_files import party_bank_docx
from tests.support.client import Client
from tests.support.personas import Persona, make_candidate, make_person, make_staff, make_unit
from tests.support.roster import roster_xlsx
from tests.support.sealed_exam import Candidate
from tests.support.sitting import right_responses

SECTIONS = (
    ("一、单选题", "single_choice", 20),
    ("二、多选题", "multiple_choice", 15),
    ("三、判断题", "true_false", 15),
)
STAFF_OF_THE_STORY = (
    Role.ITEM_AUTHOR,
    Role.ITEM_REVIEWER,
    Role.EXAM_OFFICER,
    Role.EXAM_APPROVER,
    Role.PROCTOR,
    Role.DISCIPLINE_HANDLER,
    Role.DISCIPLINE_APPROVER,
    Role.PUBLIC_SECURITY_HANDLER,
    Role.PUBLIC_SECURITY_APPROVER,
    Role.CERTIFICATE_OFFICER,
    Role.CERTIFICATE_APPROVER,
)


@dataclass
class Story:
    """Who takes part, and what has come of it so far."""

    house: House
    browsers: Callable[[Persona | None], Client]
    staff: dict[Role, Persona] = field(default_factory=dict)
    panel: list[Persona] = field(default_factory=list)
    liaison: Persona | None = None
    persons: list[tuple[int, str, str]] = field(default_factory=list)
    """(person id, name, ID number) of those who are to be registered."""
    candidates: list[Persona] = field(default_factory=list)
    bank_id: int = 0
    exam_id: int = 0
    room_id: int = 0
    second: Persona | None = None
    typed: list[str] = field(default_factory=list)
    """What was sent with the acts, as JSON: some of it is stored encrypted only."""
    _open: dict[int, Client] = field(default_factory=dict)

    def as_(self, persona: Persona) -> Client:
        """This person's browser; signed in anew where the session or the second factor has grown old."""
        self._open[persona.account_id] = self.browsers(persona)
        return self._open[persona.account_id]

    def by(self, role: Role) -> Client:
        """The browser of the one person of that role."""
        return self.as_(self.staff[role])

    def act(self, client: Client, path: str, body: Any = None) -> dict[str, Any]:
        """Do one thing that must succeed; returns what it answers."""
        self.typed.append(json.dumps(body, ensure_ascii=False))
        return self.succeed(client.api(path, body))

    def send(self, client: Client, path: str, name: str, content: bytes, *, field: str) -> dict[str, Any]:
        """Upload one file that must be taken."""
        return self.succeed(client.upload(path, name, content, field=field))

    def succeed(self, answer: httpx.Response) -> dict[str, Any]:
        """What a successful answer says."""
        assert answer.status_code == 200, f"{answer.request.url}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def gather_people(self, *, persons: int = 3) -> None:
        """Staff of every role, and a township with full members in post and its liaison."""
        for role in STAFF_OF_THE_STORY:
            self.staff[role] = make_staff(self.house, role)
        self.panel = [make_staff(self.house, Role.PANEL_MEMBER) for _ in range(2)]
        with acting_as(self.house, "test") as op:
            unit = make_unit(op)
            for _ in range(persons):
                person = make_person(op, unit)
                self.persons.append((person.id, person.name, unmask_id_number(op, person, why="测试名单")))
        self.liaison = make_staff(self.house, Role.UNIT_LIAISON, unit=unit)
        with acting_as(self.house, "test") as op:
            rows = [op.db.get_one(Person, person_id) for person_id, _, _ in self.persons]
        self.candidates = [make_candidate(self.house, person) for person in rows]

    def import_bank(self) -> None:
        """Steps 1 and 2: an author uploads a Word file, commits it, a second person approves all of it."""
        author = self.by(Role.ITEM_AUTHOR)
        with acting_as(self.house, "test") as op:
            owner = make_unit(op).id
        self.bank_id = self.act(author, "/banks", {"name": "党务工作者题库", "owner_unit_id": owner})["id"]
        inbox = f"/banks/{self.bank_id}/imports"
        import_id = self.send(author, inbox, "题库.docx", party_bank_docx(), field="file")["id"]
        shown = self.succeed(author.api_get(f"/imports/{import_id}"))
        self.act(author, f"/imports/{import_id}/commit", {"seen": shown["fates"]["taken"], "submit": True})
        reviewer = self.by(Role.ITEM_REVIEWER)
        (queued,) = self.succeed(reviewer.api_get("/reviews"))["groups"]
        given = {"count": queued["count"], "newest": queued["newest"]}
        self.act(reviewer, f"/reviews/imports/{import_id}/approve", given)

    def plan_exam(self, *, time: str = "二") -> None:
        """Step 3, first half: blueprint and exam, each written by one person and approved by another."""
        officer, approver = self.by(Role.EXAM_OFFICER), self.by(Role.EXAM_APPROVER)
        cells = [
            {"section": section, "item_type": item_type, "count": count, "points": "2"}
            for section, item_type, count in SECTIONS
        ]
        blueprint = {
            "bank_id": self.bank_id,
            "name": f"初级 50 题（第{time}次）",
            "level": "primary",
            "cut_score": "60",
            "cells": cells,
        }
        blueprint_id = self.act(officer, "/blueprints", blueprint)["id"]
        self.act(officer, f"/blueprints/{blueprint_id}/submit")
        self.act(approver, f"/blueprints/{blueprint_id}/approve")
        now = self.house.clock.now()
        exam = {
            "name": f"2026 年第{time}次初级资格考试",
            "blueprint_id": blueprint_id,
            "registration_opens_at": now.isoformat(),
            "registration_closes_at": (now + timedelta(days=7)).isoformat(),
            "starts_at": (now + timedelta(days=10)).isoformat(),
            "ends_at": (now + timedelta(days=10, hours=2)).isoformat(),
            "duration_minutes": 90,
            "reserve_set": True,
            "rooms": [{"name": "第一考场", "capacity": 30}],
        }
        self.exam_id = self.act(officer, "/exams", exam)["id"]
        shown = self.succeed(officer.api_get(f"/exams/{self.exam_id}"))
        self.room_id = shown["rooms"][0]["id"]
        proctor = {"account_id": self.staff[Role.PROCTOR].account_id}
        self.act(officer, f"/exams/{self.exam_id}/rooms/{self.room_id}/proctors", proctor)
        self.act(officer, f"/exams/{self.exam_id}/submit")
        self.act(approver, f"/exams/{self.exam_id}/publish")

    def register(self) -> None:
        """Step 3, second half: the unit registers its people from a list, the officer confirms them."""
        assert self.liaison is not None
        liaison = self.as_(self.liaison)
        content = roster_xlsx([(name, number) for _, name, number in self.persons])
        list_id = self.send(liaison, f"/exams/{self.exam_id}/lists", "报名.xlsx", content, field="upload")["id"]
        self.act(liaison, f"/lists/{list_id}/commit", {"left_out": 0})
        self.house.clock.advance(timedelta(days=8))
        officer = self.by(Role.EXAM_OFFICER)
        here = f"/exams/{self.exam_id}/registrations"
        rows = self.succeed(officer.api_get(here))["rows"]
        waiting = [row["id"] for row in rows if row["state"] == "registered"]
        self.act(officer, f"{here}/confirm", {"registration_ids": waiting})

    def seal(self) -> None:
        """Step 4: officer and approver seal."""
        self.act(self.by(Role.EXAM_OFFICER), f"/exams/{self.exam_id}/seal/propose")
        self.act(self.by(Role.EXAM_APPROVER), f"/exams/{self.exam_id}/seal")

    def open_room(self) -> None:
        """Step 5, before anybody comes in: the proctor opens the room, and says that the exam begins."""
        proctor, day = self.by(Role.PROCTOR), f"/rooms/{self.room_id}/day"
        if self.succeed(proctor.api_get(day))["state"] is None:
            self.act(proctor, f"{day}/open", {"checks": ["invigilators", "equipment", "seats"]})
            self.act(proctor, f"{day}/start")

    def sit(self, personas: Sequence[Persona], *, right: int) -> None:
        """Step 5: check in with the proctor's code, start, save `right` right responses; hand in after half an hour."""
        self.open_room()
        proctor = self.by(Role.PROCTOR)
        writing = []
        for persona in personas:
            seat = self._seat(persona)
            room_id = self.act(proctor, f"/registrations/{seat.registration_id}/check-in-code")["room_id"]
            board = self.succeed(proctor.api_get(f"/rooms/{room_id}"))["candidates"]
            code = next(line["code"] for line in board if line["registration_id"] == seat.registration_id)
            client = self.browsers(None)
            self.act(client, "/ticket-sign-in", {"ticket_number": seat.ticket_number, "code": code})
            self.act(client, f"/registrations/{seat.registration_id}/declaration", {"version": 1})
            attempt = self.act(client, "/attempts/start", {"registration_id": seat.registration_id})
            keys = right_responses(self.house, seat, self.exam_id)
            changes = [
                {"position": position, "revision": 1, "response": response, "epoch": attempt["epoch"]}
                for position, response in sorted(keys.items())[:right]
            ]
            self.act(client, f"/attempts/{attempt['attempt_id']}/saves", {"changes": changes})
            writing.append((client, attempt))
        self.house.clock.advance(timedelta(minutes=31))
        for client, attempt in writing:
            self.act(client, f"/attempts/{attempt['attempt_id']}/hand-in", {"epoch": attempt["epoch"]})

    def _seat(self, persona: Persona) -> Candidate:
        with self.house.database.transaction(reading=True) as db:
            row = registration_of(db, self.exam_id, persona.person_id)
            assert row is not None
            return Candidate(persona, row.id, row.ticket_number or "", row.room_id or 0, None)  # type: ignore[arg-type]

    def file_record(self) -> None:
        """Step 5, at the end: the room is closed, absences are closed by two, two invigilators sign its record."""
        proctor, room = self.by(Role.PROCTOR), f"/rooms/{self.room_id}"
        day = self.succeed(proctor.api_get(f"{room}/day"))
        if day["state"] != "closed":
            self.act(proctor, f"{room}/day/close", {"sheets": day["expected_sheets"], "slips": 2})
        absences = self.succeed(proctor.api_get(f"{room}/absences"))
        if absences["state"] != "confirmed":
            absent = [{"registration_id": row["registration_id"], "cause": "no_show"} for row in absences["lines"]]
            self.act(proctor, f"{room}/absences/state", {"absent": absent})
            self.act(self.by(Role.EXAM_OFFICER), f"{room}/absences/confirm")
        if self.succeed(proctor.api_get(f"{room}/record"))["records"]:
            return
        self.act(proctor, f"{room}/record/draw-up")
        for signer in (proctor, self.as_(self.second_proctor())):
            self.sign_record(signer)

    def sign_record(self, signer: Client) -> None:
        """One invigilator signs the newest part of the record as it stands."""
        newest = self.succeed(signer.api_get(f"/rooms/{self.room_id}/record"))["records"][-1]
        given = {"content_hash": newest["content_hash"]}
        self.act(signer, f"/rooms/{self.room_id}/record/{newest['number']}/sign", given)

    def second_proctor(self) -> Persona:
        """Another invigilator of the room."""
        if self.second is None:
            self.second = make_staff(self.house, Role.PROCTOR)
            with acting_as(self.house, "test") as op:
                op.db.add(RoomProctor(room_id=self.room_id, account_id=self.second.account_id))
        return self.second

    def release(self) -> None:
        """Step 6: the officer proposes, the approver releases to all at once."""
        self.file_record()
        self.act(self.by(Role.EXAM_OFFICER), f"/results/{self.exam_id}/propose")
        self.act(self.by(Role.EXAM_APPROVER), f"/results/{self.exam_id}/release")

    def clear(self, *, adverse: str = "") -> None:
        """Step 7: each office handles and signs every check; the person named `adverse` gets an adverse outcome from
        the discipline office, states their case, and is adverse again."""
        rooms = {
            Office.DISCIPLINE: ("/discipline", Role.DISCIPLINE_HANDLER, Role.DISCIPLINE_APPROVER),
            Office.PUBLIC_SECURITY: (
                "/public-security",
                Role.PUBLIC_SECURITY_HANDLER,
                Role.PUBLIC_SECURITY_APPROVER,
            ),
        }
        for office, (room, handler, approver) in rooms.items():
            for _ in range(2):
                self._work_off(office, room, handler, approver, adverse)
                for persona in self.candidates:
                    person = self.as_(persona)
                    for check in self.succeed(person.api_get("/statements"))["checks"]:
                        self.act(person, f"/statements/{check['id']}", {"text": "所述事项已整改"})

    def _work_off(self, office: Office, room: str, handler: Role, approver: Role, adverse: str) -> None:
        for check in self.succeed(self.by(handler).api_get(room))["to_do"]:
            against = office is Office.DISCIPLINE and check["name"] == adverse
            given = {"outcome": "adverse" if against else "clear", "ground": "核查清单 2026-3 版"}
            self.act(self.by(handler), f"{room}/checks/{check['id']}/opinion", given)
        for check in self.succeed(self.by(approver).api_get(f"{room}/signing"))["to_do"]:
            self.act(self.by(approver), f"{room}/signing/{check['id']}/sign", {"agreed": True, "reason": "属实"})

    def review(self) -> None:
        """Step 8, first half: two panel members vote on every case, for whoever is clear."""
        for persona in self.panel:
            member = self.as_(persona)
            for case in self.succeed(member.api_get("/cases"))["in_review"]:
                given = {"approve": case["clear"], "reason": "经评审"}
                self.act(member, f"/cases/{case['id']}/vote", given)

    def show_publicly(self, *, objection: str = "") -> None:
        """Step 8, second half: the list is shown for its working days; `objection` goes against the first entry."""
        given = {"exam_id": self.exam_id, "document_number": "示组公〔2026〕3号"}
        notice_id = self.act(self.by(Role.EXAM_OFFICER), "/notices/desk", given)["id"]
        self.act(self.by(Role.EXAM_APPROVER), f"/notices/{notice_id}/publish")
        if objection:
            public = self.browsers(None)
            entry = self.succeed(public.api_get(f"/notices/{notice_id}"))["entries"][0]["id"]
            self.act(public, f"/notices/{notice_id}/objections", {"entry_id": entry, "text": objection})
        self.house.clock.advance(timedelta(days=10))

    def issue(self) -> int:
        """Step 9: the officer proposes everyone who meets every condition, the approver lets them be issued."""
        officer = self.by(Role.CERTIFICATE_OFFICER)
        rows = self.succeed(officer.api_get(f"/certificate-batches/exams/{self.exam_id}"))["cases"]
        given = {"document_number": "示组证〔2026〕1号", "case_ids": [row["case_id"] for row in rows if row["ready"]]}
        batch_id: int = self.act(officer, f"/certificate-batches/exams/{self.exam_id}", given)["id"]
        self.act(self.by(Role.CERTIFICATE_APPROVER), f"/certificate-batches/{batch_id}/approve")
        make_worker(self.house).drain()
        return batch_id
