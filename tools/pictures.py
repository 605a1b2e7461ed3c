"""Make the pictures of the README anew: the demo county is loaded into a temporary folder, its exam of today is brought
to the forty-sixth minute, and Chromium takes the pages.

    .venv/bin/python -m tools.pictures
"""

import asyncio
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typst
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.sessions import open_session
from app.attempts.proctoring.presence import Presences
from app.attempts.service import Folder
from app.authoring.models import BankImport
from app.certificates.models import Certificate
from app.certificates.service.papers import print_one
from app.clock import ManualClock
from app.commands.install import prepare
from app.demo import invigilating, sitting
from app.demo.registering import Planned
from app.demo.stage import Player, Stage
from app.demo.story import load
from app.exams import queries
from app.exams.queries.seats import Seat, list_rooms, seats_in_room
from app.exams.rules import ExamState
from app.main import make_house
from app.operation import House, acting_as
from app.security.permissions import Role
from app.web.caller import cookie_name
from app.wiring import close_house
from tests.support.chromium import launch_chromium, require_chromium
from tests.support.house import settings_for
from tests.support.served import answering

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
NOW = datetime(2026, 11, 23, 1, 7, tzinfo=UTC)
"""A Monday morning in Shanghai; the exam of today begins a quarter of an hour later."""
_MINUTE = 46
"""How far the exam is when the pictures are taken: some have handed in, most are writing."""
_SILENT = 5
"""Whose page was last heard of a few minutes ago."""
_WIDE, _PHONE = (1280, 840), (360, 740)
_ITEMS = 50
"""What each candidate will have answered at the end."""


@dataclass(frozen=True)
class County:
    """The loaded county, served at `base`."""

    stage: Stage
    today: Planned
    base: str

    @property
    def house(self) -> House:
        """The house that is served."""
        return self.stage.house

    def context(self, browser: Browser, player: Player, size: tuple[int, int]) -> BrowserContext:
        """A browser of that size in which the player has just signed in."""
        with acting_as(self.house, "pictures") as op:
            token = open_session(op, op.db.get_one(Account, player.account_id), factor=True)
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
        context.add_cookies([{"name": cookie_name(self.house.settings), "value": token, "url": self.base}])
        return context

    def seats(self, *, remote: bool) -> list[Seat]:
        """The seats of today's exam, on site or remote, in order."""
        with acting_as(self.house, "pictures") as op:
            rooms = [room for room in list_rooms(op.db, op.actor) if room.exam_id == self.today.exam_id]
            return [seat for room in rooms if room.remote is remote for seat in seats_in_room(op.db, room.room_id)]

    def player(self, seat: Seat) -> Player:
        """Who sits there."""
        return next(worker for worker in self.stage.workers if worker.person_id == seat.person_id)


@contextmanager
def served_county(folder: Path) -> Iterator[County]:
    """The county in a folder, loaded and served until the block ends; its clock stands still."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        told = {"county": "示范县", "public_base_url": base}
        settings = settings_for(f"sqlite:///{folder / 'demo.db'}", folder).model_copy(update=told)
        clock = ManualClock(NOW)
        house = make_house(settings, clock=clock)
        try:
            prepare(house)
            stage = load(house, clock, now=NOW, told=lambda chapter: print(chapter, flush=True))
            with answering(house, listener):
                yield County(stage, _exam_of_today(house), base)
        finally:
            close_house(house)


def _exam_of_today(house: House) -> Planned:
    with house.database.transaction(reading=True) as db:
        exam = max(queries.exams_in(db, ExamState.SEALED), key=lambda one: one.id)
        (first, *_) = queries.sittings_of(db, exam.id)
        return Planned(exam.id, exam.registration_opens_at, exam.registration_closes_at, first.starts_at)


def play_morning(county: County) -> None:
    """All but one of the room come, all but one of these start; they save until the minute of the pictures, and one is
    silent since a while."""
    stage, today = county.stage, county.today
    come = {seat.person_id: _ITEMS for seat in county.seats(remote=False)[:-1]}
    stage.wait_until(today.starts_at - timedelta(minutes=25))
    invigilating.open_rooms(stage, today)
    sitters = sitting.let_in(stage, today, come)
    sheets = {
        holder: replace(sheet, responses={at: given for at, given in sheet.responses.items() if given})
        for holder, sheet in sitting.write_sheets(stage, today, sitters, come, stage.draw).items()
    }  # what is written in words stays empty
    stage.wait_until(today.starts_at)
    invigilating.start_rooms(stage, today)
    writing = sitters[:-1]  # the last one has checked in and not begun
    asyncio.run(sitting.start(stage, writing))
    minutes = range(_MINUTE)
    asyncio.run(sitting.save(stage, today, writing, sheets, 90, within=minutes))
    asyncio.run(sitting.hand_in(stage, today, writing, sheets, within=minutes))
    now = today.starts_at + timedelta(minutes=_MINUTE)
    stage.wait_until(now)
    Folder().fold_recent(county.house)
    presences = county.house.tool(Presences)
    for n, sitter in enumerate(writing):
        if (sheets[sitter.seat.registration_id].minutes or _MINUTE) < _MINUTE:
            continue  # handed in
        silent = timedelta(minutes=3 if n == _SILENT else 0)
        presences.note(sitter.attempt_id, now - silent - timedelta(seconds=17 * n % 150), saved=True)
        presences.note(sitter.attempt_id, now - silent, saved=False)
    presences.flush(county.house.database)


def take_page(county: County, browser: Browser, player: Player, path: str, name: str, *, height: int = 840) -> None:
    """One page of somebody's, as it opens."""
    context = county.context(browser, player, (_WIDE[0], height))
    page = context.new_page()
    page.goto(f"{county.base}{path}")
    page.wait_for_timeout(1_500)  # for what scripts fill in
    keep(page, name)
    context.close()


def take_exam(county: County, browser: Browser, seat: Seat, name: str, *, size: tuple[int, int], upto: int) -> None:
    """The exam page of a remote candidate who has answered so many items, the last by two options where it may."""
    context = county.context(browser, county.player(seat), size)
    page = context.new_page()
    page.goto(f"{county.base}/exams/{county.today.exam_id}/sit")
    page.wait_for_selector("body[data-ready]")
    page.check("#honest")
    page.click("#go")
    page.wait_for_selector("body.exam[data-ready]", timeout=15_000)
    for position in range(1, upto + 1):
        page.locator(f'[data-map="{position}"]').evaluate("cell => cell.click()")
        page.keyboard.press("BACD"[position % 4])
        if position == upto:
            page.keyboard.press("ABDC"[position % 4])
    page.wait_for_selector('#save[data-state="saved"]', timeout=15_000)
    keep(page, name)
    context.close()


def draw_certificate(county: County, folder: Path) -> None:
    """The first certificate that the county issued, from its PDF."""
    with acting_as(county.house, "pictures") as op:
        certificate = op.db.scalars(select(Certificate).order_by(Certificate.id).limit(1)).one()
        (folder / "certificate.pdf").write_bytes(print_one(op, certificate))
    source = '#set page(width: auto, height: auto, margin: 0pt)\n#image("certificate.pdf", width: 297mm)'
    (folder / "certificate.typ").write_text(source, encoding="utf-8")
    drawn: Any = typst.compile(str(folder / "certificate.typ"), format="png", ppi=80)
    (PICTURES / "certificate.png").write_bytes(drawn)


def keep(page: Page, name: str) -> None:
    """What the window shows, as a picture of the README."""
    page.screenshot(path=str(PICTURES / f"{name}.png"))


def take_all(county: County, browser: Browser) -> None:
    """Every picture that is a page."""
    stage = county.stage
    with county.house.database.transaction(reading=True) as db:
        opened = db.scalars(select(BankImport.id).order_by(BankImport.id.desc())).first()
    room_id = county.seats(remote=False)[0].room_id
    first, second, *_ = county.seats(remote=True)
    take_page(county, browser, stage.player(Role.ITEM_AUTHOR), f"/imports/{opened}", "import")
    take_page(county, browser, stage.player(Role.EXAM_OFFICER), f"/exams/{county.today.exam_id}", "exam-desk")
    take_page(county, browser, stage.player(Role.PROCTOR), f"/rooms/{room_id}", "board", height=860)
    take_page(county, browser, stage.player(Role.DISCIPLINE_HANDLER), "/discipline", "desk")
    take_exam(county, browser, first, "exam", size=_WIDE, upto=27)
    take_exam(county, browser, second, "exam-360", size=_PHONE, upto=9)


def main() -> None:
    """Make every picture."""
    with tempfile.TemporaryDirectory() as place, served_county(Path(place)) as county:
        play_morning(county)
        draw_certificate(county, Path(place))
        home = Path(place) / "browser"
        home.mkdir()
        with launch_chromium(require_chromium(), home) as browser:
            take_all(county, browser)


if __name__ == "__main__":
    main()
