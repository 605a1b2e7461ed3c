"""No migration loses a trigger (P49): a rebuilt table keeps its own; a revision that has lost one is not applied."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine

from migrations.triggers import Watch, keep_triggers, triggers_of
from tests.support.databases import Databases

ROOT = Path(__file__).parents[2]
MAP = ROOT / "tests/maps/triggers.txt"
LOSES = """
from alembic import op

revision = "loses"
down_revision = "{newest}"
branch_labels = depends_on = None
{said}

def upgrade():
    op.execute("DROP TRIGGER audit_leaf_no_update")


def downgrade():
    pass
"""


def test_at_head_the_triggers_of_the_map_stand(database_url, request):
    engine = create_engine(database_url)
    dialect = engine.dialect.name
    with engine.connect() as connection:
        lines = [f"{dialect} {name}" for name in sorted(triggers_of(connection))]
    engine.dispose()
    others = [line for line in MAP.read_text(encoding="utf-8").splitlines() if not line.startswith(dialect)]
    if request.config.getoption("--update-maps"):
        MAP.write_text("".join(f"{line}\n" for line in sorted([*others, *lines])), encoding="utf-8")
    assert sorted([*others, *lines]) == MAP.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("kept", [True, False])
def test_a_table_that_is_rebuilt_keeps_its_triggers_and_those_that_look_into_it(databases: Databases, kept):
    with databases.fresh("sqlite") as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            if kept:
                keep_triggers(connection)
            watch = Watch(connection)
            before = triggers_of(connection)
            operations = Operations(MigrationContext.configure(connection))
            tables = (
                ("audit_leaf", "pool_item", "mock_pool_item", "bank", "item", "item_version")
                if kept
                else ("pool_item",)
            )
            for table in tables:
                with operations.batch_alter_table(table, recreate="always"):
                    pass
            step = SimpleNamespace(is_upgrade=True, up_revision=SimpleNamespace(revision="x", module=object()))
            if kept:
                assert triggers_of(connection) == before
                watch.judge(step=step)
            else:
                with pytest.raises(RuntimeError, match="pool_item_not_practice_0, pool_item_not_practice_1"):
                    watch.judge(step=step)
        engine.dispose()


@pytest.mark.parametrize("said", ["", 'TRIGGERS_DROPPED = ("audit_leaf_no_update",)'])
def test_a_revision_that_loses_a_trigger_without_saying_so_is_not_applied(databases: Databases, tmp_path, said):
    scripts = shutil.copytree(
        ROOT / "migrations", tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__")
    )
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(scripts))
    with databases.fresh("sqlite") as url:
        config.attributes["url"] = url
        engine = create_engine(url)
        with engine.connect() as connection:
            newest = MigrationContext.configure(connection).get_current_revision()
            (scripts / "versions/loses.py").write_text(LOSES.format(newest=newest, said=said), encoding="utf-8")
            connection.rollback()
            if said:
                command.upgrade(config, "head")
            else:
                with pytest.raises(RuntimeError, match="loses has lost triggers: audit_leaf_no_update"):
                    command.upgrade(config, "head")
            assert ("audit_leaf_no_update" in triggers_of(connection)) is not bool(said)
            assert MigrationContext.configure(connection).get_current_revision() == ("loses" if said else newest)
        engine.dispose()
