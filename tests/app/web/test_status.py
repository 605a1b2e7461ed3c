"""The status page: what is well, what is not, and which promises are lost where pages travel in clear (P39)."""

import pytest

from app.security.permissions import Role
from app.web.status import lost_promises
from tests.support.client import open_app
from tests.support.personas import make_staff, signed_in


def test_plain_http_beyond_loopback_names_what_is_lost(sqlite_house):  # P39
    settings = sqlite_house.settings
    assert lost_promises(settings.model_copy(update={"host": "127.0.0.1"})) == ()
    open_to_all = settings.model_copy(update={"host": "0.0.0.0"})
    lost = lost_promises(open_to_all)
    assert any("密码" in zh and "Passwords" in en for zh, en in lost)
    assert any("__Host-" in zh and "__Host-" in en for zh, en in lost)


@pytest.mark.parametrize(("host", "told"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_the_page_lists_them_and_every_check_for_the_system_administrator_alone(sqlite_house, browsers_on, host, told):
    sqlite_house.settings = sqlite_house.settings.model_copy(update={"host": host})
    client = browsers_on(sqlite_house, make_staff(sqlite_house, Role.SYSTEM_ADMINISTRATOR))
    page = client.get("/status").text
    assert ("以下保证不成立" in page) is told
    assert ("明文传输" in page) is told
    shown = client.api_get("/status").json()
    assert {check["name"] for check in shown["checks"]} >= {"backup", "anchors"}
    assert not shown["ready"]  # nobody has made a backup yet
    other = browsers_on(sqlite_house, make_staff(sqlite_house, Role.AUDIT_ADMINISTRATOR))
    assert other.get("/status").status_code == 403


@pytest.fixture
def browsers_on():
    """Opens browsers of the application over a house as it is set at that moment."""
    opened = []

    def open_browser(house, persona):
        app = open_app(house)
        opened.append(app)
        return signed_in(house, persona, *app.__enter__())

    yield open_browser
    for app in opened:
        app.__exit__(None, None, None)
