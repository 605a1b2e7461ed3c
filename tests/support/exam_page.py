"""A candidate before the exam page, in a real browser; what they type is kept, to be compared with what is stored."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.attempts import queries
from app.attempts.models import Attempt
from app.attempts.service import issue_code
from app.attempts.service.check_in import read_code
from app.operation import acting_as
from app.security.actor import Actor, ActorKind, Grant
from app.security.permissions import Role
from tests.support.sealed_exam import Candidate, SealedExam, open_session_for
from tests.support.served import Served

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}, "locale": "zh-CN"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "locale": "zh-CN",
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
LETTERS = "ABCDEFGH"


@dataclass
class ExamPage:
    """One candidate at one page. `typed` is what they gave: position to ascending displayed indexes."""

    served: Served
    exam: SealedExam
    candidate: Candidate
    context: BrowserContext
    page: Page
    typed: dict[int, list[int]] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)

    @property
    def door(self) -> str:
        """The address of the exam."""
        return f"{self.served.base}/exams/{self.exam.exam_id}/sit"

    def open(self) -> None:
        """Go to the exam's door."""
        self.page.goto(self.door)
        self.page.wait_for_selector("body[data-ready]")

    def enter(self) -> None:
        """Promise, and enter the exam that has begun."""
        self.open()
        self.page.check("#honest")
        self.page.click("#go")
        self.wait_for_paper()

    def wait_for_paper(self) -> None:
        """Until the exam page may be used."""
        self.page.wait_for_selector("body.exam[data-ready]", timeout=15_000)

    def again(self) -> "ExamPage":
        """Another page of the same browser."""
        return watch(
            ExamPage(self.served, self.exam, self.candidate, self.context, self.context.new_page(), self.typed)
        )

    def choose(self, position: int, *indexes: int) -> None:
        """Give a response by the keys of its letters; the item must be unanswered."""
        self.go_to(position)
        for index in indexes:
            self.page.keyboard.press(LETTERS[index])
        self.typed[position] = sorted(indexes)

    def go_to(self, position: int) -> None:
        """Go to an item by the map."""
        if int(self.page.get_attribute(".item[data-shown]", "data-number") or 0) != position:
            self.page.locator(f'[data-map="{position}"]').evaluate("cell => cell.click()")

    def wait_until_saved(self) -> None:
        """Until the page says that everything is saved."""
        expect(self.page.locator("#save")).to_have_attribute("data-state", "saved", timeout=15_000)

    def wait_until_shown(self) -> None:
        """Until the page shows what was typed: a store that opens late gives it back a moment after."""
        until = time.monotonic() + 15
        while self.shown() != self.typed and time.monotonic() < until:
            self.page.wait_for_timeout(50)
        shown = self.shown()
        assert shown == self.typed, f"shown {shown}, typed {self.typed}, stored {self.stored()}"

    def shown(self) -> dict[int, list[int]]:
        """What stands in the page, by position; only what is answered."""
        found = self.page.evaluate(
            """() => [...document.querySelectorAll(".opt input:checked")].map((input) =>
                 [Number(input.name.slice(2)), Number(input.value)])"""
        )
        responses: dict[int, list[int]] = {}
        for position, index in found:
            responses.setdefault(position, []).append(index)
        return {position: sorted(indexes) for position, indexes in responses.items()}

    def stored(self) -> dict[int, list[int]]:
        """What the server holds, by position; only what is answered."""
        with self.served.house.database.transaction(reading=True) as db:
            attempt = queries.attempt_of(db, self.candidate.registration_id)
            rows = queries.newest_responses(db, attempt.id) if attempt else {}
        responses = {position: json.loads(row.response) for position, row in rows.items()}
        return {position: response for position, response in responses.items() if response}

    def counted(self) -> dict[int, list[int]]:
        """What will be marked, once the attempt is closed."""
        with self.served.house.database.transaction(reading=True) as db:
            rows = queries.folded_responses(db, self.attempt_id)
        return {position: json.loads(response) for position, response in rows.items() if response != "[]"}

    @property
    def attempt_id(self) -> int:
        """The attempt's id."""
        return self.attempt().id

    def attempt(self) -> Attempt:
        """The attempt as it stands."""
        with self.served.house.database.transaction(reading=True) as db:
            attempt = queries.attempt_of(db, self.candidate.registration_id)
            assert attempt is not None
            db.expunge(attempt)
            return attempt

    @property
    def proctor(self) -> Actor:
        """Who runs the room; the exam must be proctored."""
        persona = self.exam.proctors[0]
        return Actor(ActorKind.PERSON, persona.account_id, persona.person_id, grants=(Grant(Role.PROCTOR),))

    def code(self) -> str:
        """A code from the proctor's board: to check in, or to go on elsewhere."""
        with acting_as(self.served.house, "test", actor=self.proctor) as op:
            _, code = issue_code(op, registration_id=self.candidate.registration_id)
            return read_code(op, code)

    def check_in(self) -> None:
        """Sign in with the ticket and a code from the proctor."""
        self.page.goto(f"{self.served.base}/ticket")
        self.page.wait_for_selector("body[data-ready]")
        self.page.fill("#number", self.candidate.ticket_number)
        self.page.fill("#code", self.code().lower())
        self.page.click("#go")
        self.page.wait_for_selector("#door, body.exam")
        self.page.wait_for_selector("body[data-ready]")

    def look(self) -> None:
        """Have the page ask the server at once, as when a computer wakes."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def save_state(self) -> str:
        """What the indicator says: saved, saving, unsaved or offline."""
        return self.page.get_attribute("#save", "data-state") or ""


class Desks:
    """Computers that are used again: cleared of everything that a candidate left, but for what a cache holds."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._own: list[BrowserContext] = []
        self._free: list[BrowserContext] = []

    def take(self) -> BrowserContext:
        """A desktop computer that nobody sits at."""
        if not self._free:
            self._own.append(self._browser.new_context(**DESKTOP))
            self._free.append(self._own[-1])
        return self._free.pop()

    def give_back(self, context: BrowserContext) -> None:
        """Clear a computer; one that is not of these is put away."""
        if context not in self._own:
            context.close()
            return
        context.set_offline(False)
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
            if page.url.startswith("http"):
                page.evaluate("localStorage.clear(); sessionStorage.clear()")
            page.close()
        context.clear_cookies()
        self._free.append(context)


def watch(sitter: ExamPage) -> ExamPage:
    """Note every error of a script or of the content policy."""
    sitter.page.on("pageerror", lambda error: sitter.defects.append(str(error)))
    sitter.page.on(
        "console",
        lambda message: sitter.defects.append(message.text) if "Content Security Policy" in message.text else None,
    )
    return sitter


def sit_down(
    context: BrowserContext, served: Served, exam: SealedExam, number: int = 0, *, signed_in: bool = True
) -> ExamPage:
    """Seat a candidate before a browser; signed in as after checking in, unless said otherwise."""
    candidate = exam.candidates[number]
    context.set_default_timeout(10_000)
    if signed_in:
        token, _ = open_session_for(served.house, candidate, promised=False)
        served.sign_in(context, token)
    return watch(ExamPage(served, exam, candidate, context, context.new_page()))
