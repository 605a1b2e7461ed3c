"""What the administrators do, and how people come in and go."""

import re
from datetime import date

import pyotp
from pydantic import SecretStr

from app.observability.metrics import Metrics
from app.operation import acting_as
from app.outbox.delivery import Delivery
from app.outbox.inbox import InboxChannel
from app.outbox.models import OutboxMessage
from app.outbox.post import SMS, post
from app.outbox.rules import OutboxState
from app.outbox.templates import Kind
from app.people.calendar import local_date
from app.people.identity import synthetic_id_number
from app.security.permissions import Role
from tests.support.client import Client
from tests.support.faulty_story import Act, FaultyStory
from tests.support.personas import PASSWORD, make_candidate, make_person, make_staff, make_unit

_SLIP = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")
_SECRET = re.compile(r"\b[A-Z2-7]{32}\b")


def make_accounts(story: FaultyStory) -> None:
    """An account is made, its slip printed and used; its owner enrols a second factor, signs in, confirms, leaves."""
    administrator = story.as_(make_staff(story.house, Role.SECURITY_ADMINISTRATOR))
    with acting_as(story.house, "test") as op:
        person_id = make_person(op, make_unit(op)).id
    account_id = story.act(administrator, "/accounts", {"person_id": person_id, "login": "oyj01"})["id"]
    slips = story.act(administrator, "/accounts/slips", {"account_ids": [account_id]})
    code = _SLIP.search(str(slips))
    assert code
    newcomer = story.browsers(None)
    story.form(newcomer, "/activate", {"login": "oyj01", "code": code[0], "password": PASSWORD})
    secret = _SECRET.search(newcomer.get("/factor").text)
    assert secret
    totp = pyotp.TOTP(secret[0])
    story.act(newcomer, "/factor", {"code": totp.at(story.house.clock.now())})
    (printed, *_) = _SLIP.findall(str(story.act(administrator, f"/accounts/{account_id}/codes")))
    story.act(newcomer, "/confirm", {"code": printed})
    candidate = make_candidate(story.house, _another_person(story))
    arriving = story.browsers(None)
    story.form(arriving, "/sign-in", {"login": candidate.login, "password": PASSWORD})
    story.act(arriving, "/sign-out")


def _another_person(story: FaultyStory):
    with acting_as(story.house, "test") as op:
        return make_person(op, make_unit(op))


def manage_accounts(story: FaultyStory) -> None:
    """A role is granted and withdrawn, an account stopped and let in again, a lost factor reset by two."""
    first, second = (make_staff(story.house, Role.SECURITY_ADMINISTRATOR) for _ in range(2))
    persona = make_staff(story.house, Role.ITEM_AUTHOR)
    here = f"/accounts/{persona.account_id}"
    grant_id = story.act(story.as_(first), f"{here}/grants", {"role": "item_reviewer"})["id"]
    story.act(story.as_(first), f"/grants/{grant_id}/withdraw")
    story.act(story.as_(first), f"{here}/disable", {"reason": "调离"})
    story.act(story.as_(first), f"{here}/enable", {"reason": "调回"})
    reset_id = story.act(story.as_(first), f"{here}/resets")["id"]
    story.act(story.as_(second), f"/resets/{reset_id}/approve")


def check_the_log(story: FaultyStory) -> None:
    """The audit administrator has the log checked."""
    story.act(story.as_(make_staff(story.house, Role.AUDIT_ADMINISTRATOR)), "/audit/check")


def keep_the_calendar(story: FaultyStory) -> None:
    """A day is declared off, and is an ordinary one again."""
    administrator = story.as_(make_staff(story.house, Role.SYSTEM_ADMINISTRATOR))
    story.act(administrator, "/calendar/days", {"day": "2027-03-08", "workday": False, "name": "调休"})
    story.act(administrator, "/calendar/clear", {"day": "2027-03-08"})


def send_again(story: FaultyStory) -> None:
    """A short message that was given up is sent again: it waits, for no worker runs here."""
    house, now = story.house, story.house.clock.now()
    told = {"sms_url": "http://127.0.0.1:9/send", "sms_token": SecretStr("token"), "sms_sign": "示范县"}
    house.settings = house.settings.model_copy(update=told)
    dead = {"channel": SMS, "person_id": 1, "template": "exam_cancelled", "params": {}, "state": OutboxState.DEAD}
    with house.database.transaction() as db:
        row = OutboxMessage(**dead, attempts=1, next_try_at=now, created_at=now)
        db.add(row)
        db.flush()
        message_id = row.id
    administrator = story.as_(make_staff(house, Role.SYSTEM_ADMINISTRATOR))
    story.act(administrator, "/short-messages/send-again", {"first": message_id, "last": message_id})


def enter_a_phone(story: FaultyStory) -> None:
    """A liaison enters a mobile number of somebody in the unit."""
    with acting_as(story.house, "test") as op:
        unit = make_unit(op)
        person_id = make_person(op, unit).id
    liaison = story.as_(make_staff(story.house, Role.UNIT_LIAISON, unit=unit))
    story.act(liaison, f"/people/{person_id}/phone", {"phone": "13800138000"})


def print_notices(story: FaultyStory) -> None:
    """A liaison prints a notice for a person of the unit and notes the receipt."""
    with acting_as(story.house, "test") as op:
        unit = make_unit(op)
        person_id = make_person(op, unit).id
        post(op.db, person_id=person_id, template=Kind.EXAM_CANCELLED, params={"exam": "初级考试"}, now=op.now)
    house = story.house
    Delivery(house.database, [InboxChannel(house.database)], metrics=house.tool(Metrics)).run(house.clock.now())
    liaison = story.as_(make_staff(house, Role.UNIT_LIAISON, unit=unit))
    (notice,) = liaison.api_get("/printed-notices").json()["notices"]
    story.take(liaison, "/printed-notices/print", {"message_ids": [notice["id"]]})
    day = local_date(house.clock.now()).isoformat()
    story.act(liaison, "/printed-notices/receipts", {"message_ids": [notice["id"]], "day": day})


def file_changes(story: FaultyStory) -> None:
    """A liaison files a change of each kind; one is withdrawn, one returned, the others are confirmed."""
    with acting_as(story.house, "test") as op:
        unit = make_unit(op)
        person_id = make_person(op, unit).id
    liaison = story.as_(make_staff(story.house, Role.UNIT_LIAISON, unit=unit))
    officer = story.as_(make_staff(story.house, Role.EXAM_OFFICER))
    day = {"day": "2026-01-05"}
    post, status, correction, figures, leave, move = (
        f"/changes/{story.act(liaison, f'/changes/{of}', given)['id']}"
        for of, given in (
            (f"persons/{person_id}/post", {"post": "组织委员", **day}),
            (f"persons/{person_id}/status", {"political_status": "probationary_member", **day}),
            (f"persons/{person_id}/correction", {"name": "欧阳雪", "education": "master", "reason": "学历证书"}),
            (f"units/{unit.id}/figures", {"headcount": 77, "quota_posts": 4, **day}),
            (f"persons/{person_id}/leave", {"reason": "退休", **day}),
            (f"persons/{person_id}/move", {"unit_name": unit.name, "new_post": "书记", **day}),
        )
    )
    for filed in (post, status, correction, figures):
        story.act(officer, f"{filed}/confirm")
    story.act(liaison, f"{leave}/withdraw")
    story.act(officer, f"{move}/return", {"reason": "单位未变"})
    file_numbers(story, liaison, officer, unit_id=unit.id, person_id=person_id)


def file_numbers(story: FaultyStory, liaison: Client, officer: Client, *, unit_id: int, person_id: int) -> None:
    """A wrong ID number is corrected, a new person entered; both numbers are keyed twice."""
    right, new = (synthetic_id_number("990102", date(1991, 2, 3), sequence) for sequence in (1, 2))
    person = {
        "name": "司徒明",
        "id_number": new,
        "unit_id": unit_id,
        "post": "组织员",
        "political_status": "full_member",
        "education": "bachelor",
        "day": "2026-01-05",
    }
    corrected = {"id_number": right, "reason": "身份证"}
    filed = story.act(liaison, f"/changes/persons/{person_id}/id-number", corrected)["id"]
    story.act(officer, f"/changes/{filed}/confirm", {"id_number": right})
    filed = story.act(liaison, "/changes/newcomer", person)["id"]
    story.act(officer, f"/changes/{filed}/confirm", {"id_number": new})


ACTS = (
    Act(
        "gather_people",
        frozenset(
            {
                "/accounts",
                "/accounts/slips",
                "/activate",
                "/factor",
                "/accounts/{account_id}/codes",
                "/confirm",
                "/sign-in",
                "/sign-out",
            }
        ),
        make_accounts,
    ),
    Act(
        "gather_people",
        frozenset(
            {
                "/accounts/{account_id}/grants",
                "/grants/{grant_id}/withdraw",
                "/accounts/{account_id}/disable",
                "/accounts/{account_id}/enable",
                "/accounts/{account_id}/resets",
                "/resets/{reset_id}/approve",
            }
        ),
        manage_accounts,
    ),
    Act("gather_people", frozenset({"/audit/check"}), check_the_log),
    Act("gather_people", frozenset({"/calendar/days", "/calendar/clear"}), keep_the_calendar),
    Act("gather_people", frozenset({"/people/{person_id}/phone"}), enter_a_phone),
    Act("gather_people", frozenset({"/short-messages/send-again"}), send_again),
    Act("gather_people", frozenset({"/printed-notices/print", "/printed-notices/receipts"}), print_notices),
    Act(
        "gather_people",
        frozenset(
            {
                *(
                    f"/changes/persons/{{person_id}}/{kind}"
                    for kind in ("status", "post", "move", "leave", "correction", "id-number")
                ),
                "/changes/newcomer",
                "/changes/units/{unit_id}/figures",
                *(f"/changes/{{change_id}}/{action}" for action in ("confirm", "return", "withdraw")),
            }
        ),
        file_changes,
    ),
)
