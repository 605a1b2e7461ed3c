"""The whole path with PgBouncer in transaction mode between the service and PostgreSQL, two connections for all.

The journal goes to the database itself. What a transaction sets or prepares is gone with it, so that whatever leaned on
its connection would fail here.
"""

import psycopg
import pytest

from app.audit.sealing import seal
from app.clock import ManualClock
from app.main import make_house
from app.wiring import close_house
from tests.support.client import Client, open_app
from tests.support.house import MORNING, settings_for
from tests.support.personas import signed_in
from tests.support.pooler import BEHIND, find_pooler, running_pooler
from tests.walkthroughs.test_whole_path import test_the_whole_path as tell_the_whole_path


def test_the_whole_path_behind_a_pooler_in_transaction_mode(postgresql_url, tmp_path):  # P51
    program = find_pooler()
    if program is None:
        pytest.skip("没有 pgbouncer / pgbouncer is not installed")
    with running_pooler(program, postgresql_url) as pooled:
        settings = settings_for(postgresql_url, tmp_path).model_copy(update={"database_pooler_url": pooled})
        house = make_house(settings, clock=ManualClock(MORNING))
        try:
            with open_app(house) as (app, portal):
                tell_the_whole_path(house, lambda p: signed_in(house, p, app, portal) if p else Client(app, portal))
            assert seal(house).records
            ours = "datname = current_database() AND application_name = 'chizheng'"
            with psycopg.connect(postgresql_url) as direct:
                ((held,),) = direct.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {ours}").fetchall()
            assert 1 <= held <= BEHIND
        finally:
            close_house(house)
