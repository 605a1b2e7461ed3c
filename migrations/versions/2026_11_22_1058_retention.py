"""Keep the terms of each class of records as data with versions, and the lists by which what is due is destroyed.

Why: how long records are kept is a policy that two administrators set; what is destroyed is listed, approved by two
people and written down for good. The terms as delivered are version 1. Going down loses terms and lists; nothing that
was destroyed comes back by it, nor is anything else lost.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "retention"
down_revision = "make_ups"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WAITS = sa.text("state IN ('drawn_up', 'approved_once', 'approved')")
DELIVERED = {
    "responses": 1095,
    "forms": 1095,
    "signals": 365,
    "photographs": 365,
    "consents": 1825,
    "codes": 180,
    "practice": 180,
    "misconduct": 1825,
    "scans": 1095,
    "drills": 365,
    "imports": 90,
    "notices": 730,
}


def _closed(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "responses_destroyed",
        sa.Column("attempt_id", ID, autoincrement=False, nullable=False),
        sa.Column("responses_hash", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _refers("responses_destroyed", "attempt_id", "attempt"),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_responses_destroyed")),
    )
    terms = op.create_table(
        "retention_terms",
        sa.Column("id", ID, nullable=False),
        sa.Column("state", _closed("termsstate", "proposed", "approved", "declined"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        _refers("retention_terms", "proposed_by", "account"),
        _refers("retention_terms", "settled_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_terms")),
        sa.UniqueConstraint("number", name=op.f("uq_retention_terms_number")),
    )
    op.create_table(
        "destruction_list",
        sa.Column("id", ID, nullable=False),
        sa.Column("record_class", _closed("recordclass", *DELIVERED, "audit"), nullable=False),
        sa.Column(
            "state",
            _closed("liststate", "drawn_up", "approved_once", "approved", "carried_out", "declined"),
            nullable=False,
        ),
        sa.Column("terms_id", ID, nullable=False),
        sa.Column("counted_until", MOMENT, nullable=False),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.Column("rows", ID, nullable=False),
        sa.Column("list_hash", sa.String(length=64), nullable=False),
        sa.Column("drawn_up_by", ID, nullable=False),
        sa.Column("drawn_up_at", MOMENT, nullable=False),
        sa.Column("approved_by", ID, nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("approved_again_by", ID, nullable=True),
        sa.Column("approved_again_at", MOMENT, nullable=True),
        sa.Column("declined_by", ID, nullable=True),
        sa.Column("declined_at", MOMENT, nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("job_id", ID, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        _refers("destruction_list", "terms_id", "retention_terms"),
        _refers("destruction_list", "drawn_up_by", "account"),
        _refers("destruction_list", "approved_by", "account"),
        _refers("destruction_list", "approved_again_by", "account"),
        _refers("destruction_list", "declined_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_list")),
    )
    op.create_index(
        "uq_destruction_list_waits",
        "destruction_list",
        ["record_class"],
        unique=True,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    op.create_table(
        "destruction_entry",
        sa.Column("list_id", ID, autoincrement=False, nullable=False),
        sa.Column("holding", sa.String(length=32), nullable=False),
        sa.Column("subject_id", ID, autoincrement=False, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("fate", _closed("fate", "listed", "destroyed", "held", "changed"), nullable=False),
        _refers("destruction_entry", "list_id", "destruction_list"),
        sa.PrimaryKeyConstraint("list_id", "holding", "subject_id", name=op.f("pk_destruction_entry")),
    )
    op.create_index("ix_destruction_entry_list_id_fate", "destruction_entry", ["list_id", "fate"])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    delivered = {
        "state": "approved",
        "number": 1,
        "days": DELIVERED,
        "reason": "系统交付时的保存期限",
        "proposed_at": begin,
        "settled_at": begin,
        "remark": "",
    }
    op.bulk_insert(terms, [delivered])


def downgrade() -> None:
    """Undo."""
    for table in ("destruction_entry", "destruction_list", "retention_terms", "responses_destroyed"):
        op.drop_table(table)
