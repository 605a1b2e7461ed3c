"""What is asked without signing in: figures are for named sources, and no answer leads to another host."""

import time

from app.observability.health import REMEMBERED_SECONDS
from tests.support.client import Client, open_app


def test_figures_are_told_to_named_sources_alone_and_a_proxy_is_none(sqlite_house):
    sqlite_house.settings = sqlite_house.settings.model_copy(update={"trusted_proxies": ("127.0.0.1",)})
    with open_app(sqlite_house) as (app, portal):
        scraper, stranger = Client(app, portal), Client(app, portal, address="198.51.100.7")
        assert scraper.get("/metrics").status_code == 200
        assert scraper.get("/metrics", headers={"x-forwarded-for": "198.51.100.7"}).status_code == 404
        assert stranger.get("/metrics").status_code == 404
        assert stranger.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 404
        scraper.close()
        stranger.close()


def test_no_address_is_mended_by_a_redirect_to_a_host_that_the_caller_names(sqlite_house):
    with open_app(sqlite_house) as (app, portal):
        client = Client(app, portal)
        answer = client.get("/sign-in/", headers={"host": "elsewhere.example"})
        assert (answer.status_code, answer.headers.get("location")) == (404, None)
        client.close()


def test_readiness_is_remembered_for_a_moment(sqlite_house):
    with open_app(sqlite_house) as (app, portal):
        client, begun = Client(app, portal), time.monotonic()
        sqlite_house.settings.data_folder.mkdir()
        told = client.get("/readyz").json()
        sqlite_house.settings.data_folder.rmdir()
        again = client.get("/readyz").json()
        assert again == told or time.monotonic() - begun > REMEMBERED_SECONDS
        assert next(check for check in told["checks"] if check["name"] == "data_folder")["ok"]
        client.close()
