"""Everybody's inbox: one's own messages in both languages, unread first, and never another's (P21)."""

import re
import string

from app.observability.metrics import Metrics
from app.outbox.delivery import Delivery
from app.outbox.inbox import InboxChannel
from app.outbox.post import post
from app.outbox.templates import TEMPLATES, Kind, template_of
from app.security.permissions import Role
from tests.support.personas import make_staff

HAN = re.compile(r"[\u4e00-\u9fff]")


def deliver(house):
    Delivery(house.database, [InboxChannel(house.database)], metrics=house.tool(Metrics)).run(house.clock.now())


def send(house, person_id, kind, **params):
    with house.database.transaction() as db:
        post(db, person_id=person_id, template=kind, params=params, now=house.clock.now())
    deliver(house)


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_kind_of_message_says_the_same_in_both_languages():
    assert set(TEMPLATES) == set(Kind)
    for one in [*TEMPLATES.values(), template_of("gone")]:
        assert HAN.search(one.title_zh)
        assert not HAN.search(one.title_en + one.body_en)
        assert places(one.body_zh) == places(one.body_en)
        assert one.href.startswith("/")


def test_messages_are_counted_shown_read_and_lead_on(house, browsers):
    persona = make_staff(house, Role.PROCTOR)
    client = browsers(persona)
    assert 'class="num">1<' not in client.get("/").text
    send(house, persona.person_id, Kind.RESULTS_RELEASED, exam="<b>初级</b>考试")
    send(house, persona.person_id, "an_older_kind")
    assert '<b class="num">2</b><span class="unseen"> 条未读' in client.get("/").text
    page = client.get("/inbox").text
    assert "&lt;b&gt;初级&lt;/b&gt;考试的成绩已公布" in page  # P42
    first, second = client.api_get("/inbox").json()["new"]
    assert (first["title_zh"], second["title_en"], second["href"]) == ("通知", "Results released", "/way")
    opened = client.submit(f"/inbox/{second['id']}/open")
    assert (opened.status_code, opened.headers["location"]) == (303, "/way")
    shown = client.api_get("/inbox").json()
    assert ([m["id"] for m in shown["new"]], [m["id"] for m in shown["read"]]) == ([first["id"]], [second["id"]])
    client.submit("/inbox/read", {"newest": str(first["id"])})
    assert client.api_get("/inbox").json()["unread"] == 0
    client.submit("/language", {"lang": "en", "next": "/inbox"})
    assert 'The results of &lt;b&gt;<span lang="zh-CN">初级</span>' in client.get("/inbox").text


def test_nobody_sees_or_reads_anothers(house, browsers):  # P21
    owner, other = make_staff(house, Role.PROCTOR), make_staff(house, Role.SYSTEM_ADMINISTRATOR)
    send(house, owner.person_id, Kind.CERTIFICATE_ISSUED, number="A1")
    message = browsers(owner).api_get("/inbox").json()["new"][0]["id"]
    stranger = browsers(other)
    assert stranger.api_get("/inbox").json() == {"unread": 0, "new": [], "read": [], "next_before": None}
    taken, missing = stranger.api(f"/inbox/{message}/open"), stranger.api("/inbox/999999/open")
    assert taken.status_code == missing.status_code == 404
    assert {k: v for k, v in taken.json().items() if k != "request_id"} == {
        k: v for k, v in missing.json().items() if k != "request_id"
    }
    stranger.api("/inbox/read", {"newest": message})
    assert browsers(owner).api_get("/inbox").json()["unread"] == 1
    assert browsers(None).get("/inbox").status_code == 303
