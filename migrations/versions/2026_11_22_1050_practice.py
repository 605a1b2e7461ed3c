"""Keep practice apart: banks that are for practice, mock exams, practice attempts, books of wrong answers.

Why: who practises sees keys and explanations. What they saw may never stand in an exam, nor what stands in exams be
practised: a bank is for the one or the other, for good, and triggers on both databases refuse any other row, whatever
the service believes.
"""

import sqlalchemy as sa
from alembic import op

revision = "practice"
down_revision = "sitting_records"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
RUNS = sa.text("state = 'open'")

KIND_OF_VERSION = (
    "SELECT b.practice FROM item_version v JOIN item i ON i.id = v.item_id JOIN bank b ON b.id = i.bank_id"
    " WHERE v.id = NEW.item_version_id"
)
KIND = "SELECT practice FROM bank WHERE id = {row}.bank_id"
# Each: the trigger's name, its table, the events on SQLite, when it refuses.
GUARDS = (
    ("pool_item_not_practice", "pool_item", ("INSERT", "UPDATE OF item_version_id"), f"({KIND_OF_VERSION})"),
    ("mock_pool_item_practice", "mock_pool_item", ("INSERT", "UPDATE OF item_version_id"), f"NOT ({KIND_OF_VERSION})"),
    ("bank_stays_what_it_is", "bank", ("UPDATE OF practice",), "OLD.practice <> NEW.practice"),
    (
        "item_stays_in_its_kind",
        "item",
        ("UPDATE OF bank_id",),
        f"({KIND.format(row='OLD')}) <> ({KIND.format(row='NEW')})",
    ),
)


def upgrade() -> None:
    """Apply."""
    op.add_column("bank", sa.Column("practice", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "mock_exam",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("blueprint_id", ID, nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("draw_facts", sa.Text(), nullable=False),
        sa.Column("opened_by", ID, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_by", ID, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_mock_exam_mockstate")),
        _refers("mock_exam", "blueprint_id", "blueprint"),
        _refers("mock_exam", "opened_by", "account"),
        _refers("mock_exam", "closed_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mock_exam")),
        sa.UniqueConstraint("name", name=op.f("uq_mock_exam_name")),
    )
    op.create_table(
        "mock_pool_item",
        sa.Column("mock_exam_id", ID, nullable=False),
        sa.Column("item_version_id", ID, nullable=False),
        sa.Column("topic", sa.String(length=500), nullable=True),
        _refers("mock_pool_item", "mock_exam_id", "mock_exam"),
        _refers("mock_pool_item", "item_version_id", "item_version"),
        sa.PrimaryKeyConstraint("mock_exam_id", "item_version_id", name=op.f("pk_mock_pool_item")),
    )
    op.create_table(
        "practice_attempt",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("mock_exam_id", ID, nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("deadline_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("points", sa.Text(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_practice_attempt_practicestate")),
        _refers("practice_attempt", "person_id", "person"),
        _refers("practice_attempt", "mock_exam_id", "mock_exam"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_attempt")),
    )
    runs = {"postgresql_where": RUNS, "sqlite_where": RUNS}
    op.create_index("uq_practice_attempt_runs", "practice_attempt", ["person_id"], unique=True, **runs)
    op.create_index("ix_practice_attempt_due", "practice_attempt", ["deadline_at"], **runs)
    op.create_index("ix_practice_attempt_person_id_id", "practice_attempt", ["person_id", "id"])
    op.create_index("ix_practice_attempt_closed_at", "practice_attempt", ["closed_at"])
    op.create_table(
        "practice_response",
        sa.Column("attempt_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        _refers("practice_response", "attempt_id", "practice_attempt"),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_practice_response")),
    )
    op.create_table(
        "wrong_item",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("item_version_id", ID, nullable=False),
        sa.Column("topic", sa.String(length=500), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("right_running", sa.Integer(), nullable=False),
        sa.Column("wrong_at", MOMENT, nullable=False),
        _refers("wrong_item", "person_id", "person"),
        _refers("wrong_item", "item_id", "item"),
        _refers("wrong_item", "item_version_id", "item_version"),
        sa.PrimaryKeyConstraint("person_id", "item_id", name=op.f("pk_wrong_item")),
    )
    op.create_table(
        "topic_progress",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("topic", sa.String(length=500), nullable=False),
        sa.Column("responded", sa.Integer(), nullable=False),
        sa.Column("right_count", sa.Integer(), nullable=False),
        _refers("topic_progress", "person_id", "person"),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_topic_progress")),
    )
    _guard()


def downgrade() -> None:
    """Undo."""
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT count(*) FROM bank WHERE practice")).scalar_one():
        raise RuntimeError("there are practice banks: an older release would let exams draw from them")
    sqlite = connection.dialect.name == "sqlite"
    for name, table, events, _ in GUARDS:
        if not sqlite:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
            continue
        for number in range(len(events)):
            op.execute(f"DROP TRIGGER {name}_{number}")
    for table in (
        "topic_progress",
        "wrong_item",
        "practice_response",
        "practice_attempt",
        "mock_pool_item",
        "mock_exam",
    ):
        op.drop_table(table)
    op.drop_column("bank", "practice")


def _refers(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _guard():
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, events, refused in GUARDS:
        if sqlite:
            for number, event in enumerate(events):
                op.execute(
                    f"CREATE TRIGGER {name}_{number} BEFORE {event} ON {table} WHEN {refused}"
                    f" BEGIN SELECT RAISE(ABORT, '{name}'); END"
                )
            continue
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {refused} THEN"
            f" RAISE EXCEPTION '{name}' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {' OR '.join(events)} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
