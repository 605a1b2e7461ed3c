"""Short messages: sent once, retried or given up as the gateway says, and they say nothing but where to look."""

import json
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.observability.metrics import Metrics
from app.operation import acting_as
from app.outbox.delivery import LEASE, Delivery
from app.outbox.models import OutboxMessage
from app.outbox.post import SMS, post
from app.outbox.rules import MAX_ATTEMPTS, Failure
from app.outbox.sms.channel import SmsChannel
from app.outbox.sms.rules import FAILURE_WORDS, FRESH, SENT, Urgency, compose, explain, judge
from app.outbox.templates import TEMPLATES, Kind
from app.people.service import keep_phone
from app.security.permissions import Role
from app.settings import Settings, SettingsError
from app.wiring import make_worker
from tests.support.personas import make_person, make_staff, make_unit
from tests.support.sms_gateway import open_gateway

NUMBER = "13800138000"
TOKEN = "gateway-token-2026"
SIGN = "示范县委组织部"


@pytest.fixture
def gateway(house):
    """A gateway, and the house set up for it."""
    with open_gateway() as gateway:
        told = {"sms_url": gateway.url, "sms_token": SecretStr(TOKEN), "sms_sign": SIGN}
        house.settings = house.settings.model_copy(update=told)
        yield gateway


@pytest.fixture
def persons(house):
    """Somebody with a number, and somebody without."""
    with acting_as(house, "test") as op:
        unit = make_unit(op)
        reached, other = make_person(op, unit).id, make_person(op, unit).id
        keep_phone(op, person_id=reached, phone=NUMBER)
    return reached, other


def tell(house, *person_ids, kind=Kind.EXAM_CANCELLED):
    with house.database.transaction() as db:
        for person_id in person_ids:
            post(db, person_id=person_id, template=kind, params={"exam": "初级考试"}, now=house.clock.now())


def tick(house, *names):
    """What the worker does of itself: inboxes first, then short messages; or only what is named."""
    for one in make_worker(house)._ticks:
        if one.name in (names or {"messages", "short messages"}):
            one.run(house.clock.now())


def messages(house):
    with house.database.transaction(reading=True) as db:
        rows = db.scalars(select(OutboxMessage).where(OutboxMessage.channel == SMS).order_by(OutboxMessage.id))
        return [(row.state.value, row.attempts, row.error_code) for row in rows]


def test_what_calls_somebody_leaves_once_and_says_only_where_to_look(house, gateway, persons, caplog):  # P18 P44 P46
    tell(house, *persons)
    tell(house, persons[0], kind=Kind.ITEM_DISCUSSED)
    tick(house)
    tick(house)
    (request,) = gateway.requests
    assert request.path == "/send"
    assert request.body == {
        "phone": NUMBER,
        "text": "【示范县委组织部】您有一条须尽快查看的通知，请登录 chizheng.test 查看。",
    }
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert "初级考试" not in request.raw
    assert messages(house) == [("delivered", 1, None)]
    with house.database.transaction(reading=True) as db:
        (params,) = db.scalars(select(OutboxMessage.params).where(OutboxMessage.channel == SMS))
    assert params == {}
    assert NUMBER not in caplog.text + house.tool(Metrics).render().decode()


def test_a_worker_killed_between_sending_and_noting_sends_under_the_same_key(house, gateway, persons):
    tell(house, persons[0])

    class Dies(SmsChannel):
        def deliver(self, given):
            super().deliver(given)
            raise SystemExit

    tick(house, "messages")
    dying = Dies(house.settings, lambda _ids: {persons[0]: NUMBER}, house.clock.now)
    with pytest.raises(SystemExit):
        Delivery(house.database, [dying], metrics=house.tool(Metrics)).run(house.clock.now())
    tick(house)
    assert len(gateway.requests) == 1  # its lease still runs
    house.clock.advance(LEASE)
    tick(house)
    assert (len(gateway.requests), len(gateway.sent), messages(house)) == (2, 1, [("delivered", 2, None)])


def test_later_is_tried_again_no_is_final_and_a_redirection_is_not_followed(house, gateway, persons):
    gateway.answers = [0, 429, 503]
    tell(house, persons[0])
    for code in ("unreachable", "http_429", "http_503"):
        tick(house)
        assert (messages(house)[0][0], messages(house)[0][2]) == ("pending", code)
        house.clock.advance(timedelta(minutes=5))
    tick(house)
    assert messages(house) == [("delivered", 4, None)]
    assert len({request.headers["Idempotency-Key"] for request in gateway.requests}) == 1
    for status in (400, 307):
        gateway.answers = [status]
        tell(house, persons[0])
        tick(house)
        assert messages(house)[-1] == ("dead", 1, f"http_{status}")
    assert {request.path for request in gateway.requests} == {"/send"}
    gateway.answers = [500] * MAX_ATTEMPTS
    tell(house, persons[0])
    for _ in range(MAX_ATTEMPTS + 1):
        tick(house)
        house.clock.advance(timedelta(hours=1))
    assert messages(house)[-1] == ("dead", MAX_ATTEMPTS, "http_500")


def test_what_failed_is_shown_without_a_name_and_sent_again_by_the_administrator(house, gateway, persons, browsers):
    administrator = browsers(make_staff(house, Role.SYSTEM_ADMINISTRATOR))
    assert "等待 0 条，未能发出 0 条" in administrator.get("/status").text
    gateway.answers = [422, 422]
    tell(house, persons[0], persons[0])
    tick(house)
    shown = administrator.api_get("/short-messages").json()
    assert (shown["on"], shown["waiting"], shown["failed"]) == (True, 0, 2)
    assert [(one["person_id"], one["why_zh"]) for one in shown["messages"]] == [(persons[0], "短信网关答复 422")] * 2
    assert "8000" not in administrator.get("/short-messages").text
    assert "未能发出 2 条" in administrator.get("/status").text
    asked = {"first": str(shown["messages"][0]["id"]), "last": str(shown["messages"][1]["id"])}
    assert browsers(make_staff(house, Role.EXAM_OFFICER)).submit("/short-messages/send-again", asked).status_code == 403
    assert administrator.submit("/short-messages/send-again", asked).status_code == 303
    assert administrator.submit("/short-messages/send-again", asked).status_code == 409  # there is nothing left to send
    tick(house)
    assert messages(house) == [("sent_again", 1, "http_422")] * 2 + [("delivered", 1, None)] * 2
    assert len({request.headers["Idempotency-Key"] for request in gateway.requests}) == 4
    with house.database.transaction(reading=True) as db:
        (after,) = db.scalars(select(AuditRecord.after).where(AuditRecord.action == "message:send_again"))
    assert json.loads(after)["messages"] == 2  # P35


def test_off_nothing_is_kept_to_be_sent_and_what_waited_too_long_is_not(house, gateway, persons, browsers):
    tell(house, persons[0])
    on, off = house.settings, house.settings.model_copy(update={"sms_url": ""})
    tick(house, "messages")
    house.settings = off
    tell(house, persons[0])
    tick(house)
    assert messages(house) == [("pending", 0, None)]
    administrator = browsers(make_staff(house, Role.SYSTEM_ADMINISTRATOR))
    assert "短信未启用" in administrator.get("/status").text + administrator.get("/short-messages").text
    assert administrator.api("/short-messages/send-again", {"first": 1, "last": 9}).json()["code"] == "sms.off"
    house.settings = on
    house.clock.advance(FRESH + timedelta(seconds=1))
    tick(house)
    assert (gateway.requests, messages(house)) == ([], [("dead", 1, "too_old")])
    administrator = browsers(make_staff(house, Role.SYSTEM_ADMINISTRATOR))  # the other session is over
    assert administrator.api("/short-messages/send-again", {"first": 1, "last": 9}).json()["count"] == 1
    tick(house)  # what is sent again is as old as the act
    assert messages(house) == [("sent_again", 1, "too_old"), ("delivered", 1, None)]
    gateway.requests.clear()
    tell(house, persons[0])
    tick(house, "messages")
    with acting_as(house, "test") as op:
        keep_phone(op, person_id=persons[0], phone="")
    tick(house)
    assert (gateway.requests, messages(house)[2]) == ([], ("dead", 1, "no_number"))


def test_no_text_tells_what_the_news_is():
    for urgency in Urgency:
        text = compose(urgency, sign="中共示范县委组织部", address="https://exam.example.gov.cn")
        assert len(text) <= 70
        assert text.startswith("【中共示范县委组织部】您有一条")
        assert not any(word in text for word in ("考试", "成绩", "证书", "审查", "违纪", "取消", "延期"))
    assert set(SENT) <= set(TEMPLATES)
    assert [judge(status) for status in (200, 202, 408, 500)] == [None, None, Failure("http_408"), Failure("http_500")]
    assert all(explain(code) == words for code, words in FAILURE_WORDS.items())
    assert explain("ZeroDivisionError")[1] == "sending failed"


GOOD = {
    "CHIZHENG_SMS_URL": "https://sms.example.gov.cn/v1/send",
    "CHIZHENG_SMS_TOKEN": TOKEN,
    "CHIZHENG_SMS_SIGN": SIGN,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("CHIZHENG_SMS_URL", url)
            for url in (
                "http://sms.example.gov.cn/send",
                "https://user:pw@sms.example.gov.cn/",
                "https://sms.example.gov.cn/?token=x",
                "https://:443/",
                "https://sms.example.gov.cn:x/",
                "ftp://127.0.0.1/",
                "sms.example.gov.cn",
            )
        ),
        ("CHIZHENG_SMS_TOKEN", ""),
        ("CHIZHENG_SMS_TOKEN", "a\r\nb"),
        ("CHIZHENG_SMS_SIGN", ""),
        ("CHIZHENG_SMS_SIGN", "【部】"),
    ],
)
def test_settings_that_cannot_work_or_leak_are_refused_by_name(name, value):  # P40 P44
    settings = Settings.from_environ(GOOD)
    assert settings.sends_sms
    assert TOKEN not in str(settings.shown())
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ(GOOD | {name: value})
    assert not Settings.from_environ({}).sends_sms
