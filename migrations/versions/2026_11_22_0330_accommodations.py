"""Keep what was granted to a person for every exam: extra time, large print, a room apart, a seat by the door.

Why: it was granted by hand, exam by exam, on the day. Nothing that exists is changed; going down loses the grants, the
time that attempts were given by them stays in the ledger.
"""

import sqlalchemy as sa
from alembic import op

revision = "accommodations"
down_revision = "presences"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = ("proposed", "approved", "declined", "withdrawn")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "accommodation",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="accommodationstate", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("extra_percent", sa.Integer(), nullable=False),
        sa.Column("extra_minutes", sa.Integer(), nullable=False),
        sa.Column("large_print", sa.Boolean(), nullable=False),
        sa.Column("separate_room", sa.Boolean(), nullable=False),
        sa.Column("near_door", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("basis_cipher", sa.Text(), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("extra_percent = 0 OR extra_minutes = 0", name=op.f("ck_accommodation_one_extra")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_accommodation_person_id_person")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_accommodation_proposed_by_account")),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name=op.f("fk_accommodation_settled_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodation")),
    )
    op.create_index("ix_accommodation_person_id", "accommodation", ["person_id"])
    op.create_index(
        "uq_accommodation_approved",
        "accommodation",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'approved'"),
        sqlite_where=sa.text("state = 'approved'"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("uq_accommodation_approved", table_name="accommodation")
    op.drop_index("ix_accommodation_person_id", table_name="accommodation")
    op.drop_table("accommodation")
