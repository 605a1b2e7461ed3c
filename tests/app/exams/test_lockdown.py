"""考试浏览器 of an exam: planned and approved with it, made when it is published, void when made anew (P53)."""

import plistlib
from datetime import timedelta

import pytest

from app.errors import Invalid
from app.exams.lockdown import MOST_EXAM_KEYS, ExamKeysTooMany, LockdownBegun, Platform, read_exam_key
from app.exams.queries.lockdown import file_of, keys_of
from app.exams.service import lockdown
from app.lockdown.config_key import config_key
from app.security.fields import MasterKey
from tests.app.exams.test_exams import audited
from tests.support.client import BASE
from tests.support.safe_browser import UNLISTED_KEY, WINDOWS_KEY, load_settings, page_headers, unload


def kept(world, exam_id):
    with world.house.database.transaction(reading=True) as db:
        return file_of(db, exam_id), keys_of(db, exam_id)


def test_the_settings_are_made_when_a_second_person_publishes(world, browsers):
    officer, approver, liaison = browsers(world.officer), browsers(world.approver), browsers(world.liaison)
    draft = world.draft_exam(lockdown=True)
    here = f"/exams/{draft}/lockdown"
    assert kept(world, draft) == (None, None)  # nothing that any browser could show would do
    assert officer.api_get(here).json()["code"] == "lockdown.none"
    assert officer.get(f"/exams/{draft}/edit").text.count('value="true" selected') == 1
    officer.api(f"/exams/{draft}/submit")
    assert approver.api(f"/exams/{draft}/publish").status_code == 200
    assert audited(world, "exam", draft)[-2:] == ["lockdown:make", "exam:publish"]
    shown = officer.api_get(here).json()
    content = officer.get(f"{here}/settings").content
    told = plistlib.loads(content)
    assert config_key(told) == shown["config_key"] == kept(world, draft)[1].config_key
    assert told["startURL"] == shown["check_href"]
    assert told["quitURL"] == f"{shown['check_href']}/quit"
    assert told["URLFilterRules"][0]["expression"] == "chizheng.test/*"
    assert shown["quit_password"] not in content.decode()
    assert shown["config_key"] in officer.get(here).text
    assert (shown["may_list"], shown["may_renew"]) == (True, False)
    assert approver.api_get(here).json()["may_renew"] is True
    assert [liaison.api_get(here).status_code, liaison.get(f"{here}/settings").status_code] == [403, 403]
    ordinary = world.published_exam()
    assert officer.api_get(f"/exams/{ordinary}/lockdown").status_code == 409
    assert kept(world, ordinary) == (None, None)
    # The stored password opens for this exam alone.
    file = kept(world, draft)[0]
    master = world.house.tool(MasterKey)
    assert master.unwrap(file.quit_cipher, context=f"lockdown:{draft}").decode() == shown["quit_password"]


def test_versions_are_listed_and_everything_is_void_once_made_anew(world, browsers):
    officer, approver, anybody = browsers(world.officer), browsers(world.approver), browsers(None)
    exam_id = world.published_exam(lockdown=True)
    here = f"/exams/{exam_id}/lockdown"
    mark = officer.api_get(here).json()["check_href"].removeprefix(f"{BASE}/lockdown/")
    old = anybody.get(f"/lockdown/{mark}/settings").content
    for bad in ("", "ab" * 31, "g" * 64):
        answer = officer.api(f"{here}/keys", {"platform": "windows", "version": "3", "exam_key": bad})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "exam_key")
    typed = {"platform": "windows", "version": "3.9.0", "exam_key": f" {WINDOWS_KEY[:32].upper()} {WINDOWS_KEY[32:]}"}
    key_id = officer.api(f"{here}/keys", typed).json()["id"]
    assert officer.api(f"{here}/keys", typed).json()["code"] == "lockdown.key_known"
    assert approver.api(f"{here}/keys", typed).status_code == 403
    assert kept(world, exam_id)[1].exam_keys == (WINDOWS_KEY,)
    assert officer.api(f"{here}/keys/{key_id}/withdraw").status_code == 200
    assert officer.api(f"{here}/keys/{key_id}/withdraw").status_code == 404
    assert kept(world, exam_id)[1].exam_keys == ()
    with world.as_(world.officer) as op:
        for number in range(MOST_EXAM_KEYS):
            given = {"platform": Platform.MACOS, "version": f"3.{number}", "exam_key": f"{number:064x}"}
            lockdown.list_exam_key(op, exam_id=exam_id, **given)
        with pytest.raises(ExamKeysTooMany):
            lockdown.list_exam_key(op, exam_id=exam_id, **(given | {"exam_key": UNLISTED_KEY}))
    assert officer.api(f"{here}/renew", {"reason": "换了域名"}).status_code == 403
    assert approver.api(f"{here}/renew", {"reason": "换了域名"}).status_code == 200
    fresh, keys = kept(world, exam_id)
    assert (keys.exam_keys, fresh.content == old, fresh.mark == mark) == ((), False, False)
    assert [anybody.get(f"/lockdown/{m}").status_code for m in (mark, fresh.mark)] == [404, 200]
    acts = audited(world, "exam", exam_id)
    assert (acts.count("lockdown:list_key"), acts.count("lockdown:withdraw_key")) == (1 + MOST_EXAM_KEYS, 1)
    assert acts[-1] == "lockdown:renew"
    world.at(world.clock.now() + timedelta(days=7))
    with world.as_(world.approver) as op, pytest.raises(LockdownBegun):
        lockdown.renew(op, exam_id=exam_id, reason="迟了")
    assert anybody.get(f"/lockdown/{fresh.mark}/settings").status_code == 200
    world.at(world.clock.now() + timedelta(days=1))
    assert anybody.get(f"/lockdown/{fresh.mark}/settings").status_code == 409


def test_anybody_sees_beforehand_whether_their_browser_is_the_right_one(world, browsers):
    officer, browser = browsers(world.officer), browsers(None)
    exam_id = world.published_exam(lockdown=True)
    other = world.published_exam(lockdown=True)
    mark = kept(world, exam_id)[0].mark
    page = f"/lockdown/{mark}"
    settings = browser.get(f"{page}/settings").content

    def verdict(**query):
        shown = browser.api_get(page, params=query).json()
        return shown["checked"], shown["configured"], shown["listed"], shown["ready"]

    assert verdict() == (False, False, None, False)
    assert "没有认出安全考试浏览器" in browser.get(page).text
    load_settings(browser, kept(world, other)[0].content)
    assert verdict() == (True, False, None, False)
    load_settings(browser, settings)
    assert verdict() == (True, True, None, True)
    officer.api(f"/exams/{exam_id}/lockdown/keys", {"platform": "windows", "version": "3.9.0", "exam_key": WINDOWS_KEY})
    assert verdict() == (True, True, True, True)
    shown = browser.get(page).text
    assert "可以参加本场考试" in shown and "windows 3.9.0" in shown  # noqa: PT018 - one page, one look
    load_settings(browser, settings, exam_key=UNLISTED_KEY)
    assert verdict() == (True, True, False, False)
    unload(browser)  # a browser without headers: its page tells
    told = page_headers(settings, f"{BASE}{page}")
    asked = {"config_hash": told["x-exam-page-config"], "exam_hash": told["x-exam-page-key"]}
    assert verdict(**asked) == (True, True, True, True)
    wrong = page_headers(settings, f"{BASE}{page}?x")
    assert not browser.api_get(page, params={"config_hash": wrong["x-exam-page-config"]}).json()["ready"]
    assert browser.get(f"{page}/quit").status_code == 200
    assert {browser.get(f"/lockdown/{'0' * 32}{end}").status_code for end in ("", "/quit", "/settings")} == {404}


def test_a_key_is_read_as_it_was_copied():
    assert read_exam_key(f"\t{'A1' * 16}\n {'b2' * 16} ") == "a1" * 16 + "b2" * 16
    with pytest.raises(Invalid):
        read_exam_key("浏览器" * 30)
