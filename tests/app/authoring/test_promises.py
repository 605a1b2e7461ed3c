"""保密承诺: nothing of a bank is seen before it; accepted once per edition; led there and back."""

from app.authoring import rules
from app.authoring.service import promises
from app.security.permissions import Role
from tests.support.house_map import declared
from tests.support.personas import make_staff


def test_nothing_of_a_bank_is_seen_before_the_promise(group, browsers, monkeypatch):
    newcomer = make_staff(group.house, Role.ITEM_AUTHOR, Role.ITEM_REVIEWER, unit=group.unit, promised=False)
    client = browsers(newcomer)
    here = f"/banks/{group.bank_id}"
    refused = client.api_get(here)
    assert (refused.status_code, refused.json()["code"]) == (403, "bank.promise_needed")
    assert client.api(f"{here}/write", {"item_type": "true_false", "stem": "题", "key": "对"}).status_code == 403
    files = {"file": ("a.txt", b"1", "text/plain")}
    assert client.submit(f"{here}/imports", files=files).status_code == 403
    led = client.get(f"{here}?state=draft")
    assert (led.status_code, led.headers["location"]) == (
        303,
        f"/confidentiality?next=%2Fbanks%2F{group.bank_id}%3Fstate%3Ddraft",
    )
    page = client.get(led.headers["location"])
    assert "保密内容" in page.text
    assert client.api("/confidentiality", {"edition": 99}).status_code == 409
    done = client.submit("/confidentiality", {"edition": 1, "next": f"{here}?state=draft"})
    assert done.headers["location"] == f"{here}?state=draft"
    assert client.submit("/confidentiality", {"edition": 1, "next": "//evil.example"}).headers["location"] == "/banks"
    assert client.get(here).status_code == 200
    assert [one.action for one in group.acts("promise:accept")] == ["promise:accept"]
    for module in (rules, promises):
        monkeypatch.setattr(module, "PROMISE_EDITION", 2)
    assert client.api_get(here).status_code == 403


def test_every_operation_of_the_bank_asks_for_it():
    open_ones = {
        one.name for one in declared() if one.feature == "authoring" and one.guard is not promises.need_promise
    }
    # Who grants an export sees its number, bank and size, nothing of what the bank holds.
    assert open_ones == {"show_promise", "accept_promise", "show_waiting_exports", "grant_export"}
