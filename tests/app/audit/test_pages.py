"""The audit administrator's desk: the log read and filtered, the anchors, the check on request (P20, P24, P36)."""

import re
from datetime import timedelta

import pytest

from app.audit.actions import AuditAction
from app.audit.sealing import seal
from app.audit.words import ACTION_WORDS, SUBJECT_WORDS
from app.operation import acting_as
from app.people.models import Person
from app.people.service import unmask_id_number
from app.security.permissions import Role
from app.wiring import make_worker
from tests.support.audit_log import force
from tests.support.house import open_house as open_whole_house
from tests.support.personas import make_candidate, make_person, make_staff, make_unit

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def house(database_url, tmp_path):
    """The whole house, not the bare one of the other tests of the log."""
    with open_whole_house(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def auditor(house, browsers):
    persona = make_staff(house, Role.AUDIT_ADMINISTRATOR, name="司马清")
    return browsers(persona)


def records(client, **wanted):
    answer = client.api_get("/audit", params=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()["records"]


def test_every_act_and_every_subject_has_its_words():
    assert set(ACTION_WORDS) == set(AuditAction)
    assert all(HAN.search(zh) and not HAN.search(en) for zh, en in [*ACTION_WORDS.values(), *SUBJECT_WORDS.values()])


def test_the_log_says_who_did_what_to_what_when_from_where_and_why(house, browsers, auditor):
    officer = make_staff(house, Role.UNIT_LIAISON, name="上官文")
    with acting_as(house, "test") as op:
        person = make_person(op, make_unit(op), "欧阳静")
    browsers(officer).submit("/sign-out")
    with house.database.transaction() as db:
        subject = db.get_one(Person, person.id)
    with acting_as(house, "test") as op:
        unmask_id_number(op, subject, why="核对名单")
    (unmasked,) = records(auditor, action="person:unmask")
    assert (unmasked["process"], unmasked["subject_name"], unmasked["reason"]) == ("test", "欧阳静", "核对名单")
    assert {"name": "fields", "before": "", "after": '["id_number"]'} in unmasked["facts"]
    (ended,) = records(auditor, who="上官文", action="session:end")
    assert (ended["who"], ended["login"], ended["action_zh"]) == ("上官文", officer.login, "退出登录")
    assert len(ended["address"]) == 8  # never the address itself
    assert records(auditor, who=officer.login, action="session:end") == [ended]
    assert records(auditor, subject="person", subject_id=str(person.id))[0] == unmasked
    assert records(auditor, kind="public") == []
    today = house.clock.now().date().isoformat()
    assert records(auditor, since=today, until=today) == records(auditor)
    assert records(auditor, until="2026-01-01") == records(auditor, since="2030-01-01") == []
    page = auditor.get("/audit", params={"action": "person:unmask"}).text
    assert all(word in page for word in ("欧阳静", "核对名单", "查看完整身份证号", "系统进程"))
    wrong = auditor.api_get("/audit", params={"since": "昨天", "until": "9999-12-31"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "since")


def test_pages_follow_each_other_without_loss_or_repeat(house, auditor):
    for _ in range(12):
        make_staff(house, Role.PROCTOR)
    seen, before = [], 0
    while before is not None:
        shown = auditor.api_get(f"/audit?before={before}").json()
        seen += [row["id"] for row in shown["records"]]
        before = shown["next_before"]
    assert len(seen) > 50
    assert seen == sorted(set(seen), reverse=True)
    assert seen[-1] == 1


def test_nobody_else_reads_the_log(house, browsers):  # P20, P24
    with acting_as(house, "test") as op:
        person = make_person(op, make_unit(op))
    others = (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.EXAM_APPROVER, Role.LEADER)
    for persona in [make_candidate(house, person), *(make_staff(house, role) for role in others)]:
        client = browsers(persona)
        assert client.get("/audit").status_code == 403
        assert client.api("/audit/check").status_code == 403
        assert "/audit" not in client.get("/").text


def test_the_check_names_the_first_bad_record_and_waits_at_home(house, auditor):  # P36
    seal(house)
    assert "没有核对日志" in auditor.get("/").text
    assert auditor.submit("/audit/check").status_code == 303
    assert auditor.submit("/audit/check").status_code == 303  # the one under way is the one asked for
    assert "核对中" in auditor.get("/audit/anchors").text
    assert make_worker(house).drain() == 1
    page = auditor.get("/audit/anchors").text
    assert "核对通过" in page
    assert "已写入" in page
    assert "没有核对日志" not in auditor.get("/").text
    (said,) = records(auditor, action="audit:verify")
    assert {"name": "ok", "before": "", "after": "true"} in said["facts"]
    force(house, "UPDATE audit_record SET reason = 'x', at = at WHERE id = 3")
    assert auditor.api("/audit/check").status_code == 200
    make_worker(house).drain()
    check = auditor.api_get("/audit/anchors").json()["standing"]["check"]
    assert (check["ok"], check["first_bad_record"]) == (False, 3)
    assert "首条异常记录 3" in auditor.get("/audit/anchors").text
    assert "请立即查明" in auditor.get("/").text
    house.clock.advance(timedelta(minutes=4))
    assert "超过三分钟没有锚定" in auditor.get("/").text


def test_a_record_that_somebody_broke_is_still_shown(house, auditor):
    if house.database.dialect == "sqlite":
        force(house, "UPDATE audit_record SET at = 'last week', after = x'ff00', before = '[' WHERE id = 2")
        page = auditor.get("/audit", params={"before": "5"})
        assert page.status_code == 200
        assert "last week" in page.text
