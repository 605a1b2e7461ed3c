"""Safe Exam Browser as a server meets it: a client whose every request carries the hashes of its own address."""

import hashlib
import plistlib
from typing import Any

import httpx

from app.exams.models import Exam
from app.exams.service.lockdown import make_file
from app.lockdown.config_key import config_key
from app.operation import House, acting_as
from app.security.actor import Actor, ActorKind
from tests.support.client import Client
from tests.support.personas import Persona

WINDOWS_KEY = "ab" * 32
UNLISTED_KEY = "cd" * 32


def hash_of(address: str, key: str) -> str:
    return hashlib.sha256(f"{address}{key}".encode()).hexdigest()


def load_settings(client: Client, settings: bytes, *, exam_key: str = WINDOWS_KEY) -> None:
    """Let every request of `client` from now on show the keys of a browser with this settings file."""
    shown = config_key(plistlib.loads(settings))

    async def add_headers(request: httpx.Request) -> None:
        address = str(request.url)
        request.headers["X-SafeExamBrowser-ConfigKeyHash"] = hash_of(address, shown)
        request.headers["X-SafeExamBrowser-RequestHash"] = hash_of(address, exam_key)

    client.http.event_hooks = {"request": [add_headers], "response": []}


def unload(client: Client) -> None:
    """An ordinary browser from now on."""
    client.http.event_hooks = {"request": [], "response": []}


def page_headers(settings: bytes, page: str, *, exam_key: str = WINDOWS_KEY) -> dict[str, Any]:
    """What a page at `page` sends along where its browser sends no headers of its own."""
    shown = config_key(plistlib.loads(settings))
    return {"x-exam-page-config": hash_of(page, shown), "x-exam-page-key": hash_of(page, exam_key)}


def lock_down(house: House, exam_id: int, officer: Persona) -> bytes:
    """Let an exam ask for the browser, as if it had been published so; returns its settings file."""
    actor = Actor(ActorKind.PERSON, officer.account_id, officer.person_id)
    with acting_as(house, "test", actor=actor) as op:
        exam = op.db.get_one(Exam, exam_id)
        exam.lockdown = True
        return make_file(op, exam).content
