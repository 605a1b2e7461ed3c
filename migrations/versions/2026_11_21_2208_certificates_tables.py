"""Make the tables of certificates.

Why: a certificate is issued in a batch by two people, numbered without gaps.
"""

import sqlalchemy as sa
from alembic import op

revision = "certificates_tables"
down_revision = "clearance_tables"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "number_counter",
        sa.Column("series", sa.String(length=32), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_number_counter")),
    )
    op.create_table(
        "certificate_batch",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("level", words("level", "primary", "intermediate", "advanced"), nullable=False),
        sa.Column("state", words("batchstate", "proposed", "approved", "issued", "declined"), nullable=False),
        sa.Column("document_number", sa.String(length=100), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_certificate_batch_exam_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_certificate_batch_proposed_by")),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name=op.f("fk_certificate_batch_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batch")),
    )
    op.create_index(op.f("ix_certificate_batch_exam_id"), "certificate_batch", ["exam_id"], unique=False)
    op.create_table(
        "batch_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("held_back", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["certificate_batch.id"], name=op.f("fk_batch_entry_batch_id")),
        sa.ForeignKeyConstraint(["case_id"], ["clearance_case.id"], name=op.f("fk_batch_entry_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_entry")),
        sa.UniqueConstraint("batch_id", "case_id", name=op.f("uq_batch_entry_batch_id_case_id")),
    )
    op.create_index(op.f("ix_batch_entry_case_id"), "batch_entry", ["case_id"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("check_code", sa.String(length=20), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("level", words("level", "primary", "intermediate", "advanced"), nullable=False),
        sa.Column(
            "ground", words("ground", "earned", "downgraded", "corrected", "replaced", "taken_over"), nullable=False
        ),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("batch_id", ID, nullable=True),
        sa.Column(
            "state",
            words("certificatestate", "active", "suspended", "superseded", "cancelled", "revoked", "retired"),
            nullable=False,
        ),
        sa.Column("unit_name", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("identity_salt", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["certificate_batch.id"], name=op.f("fk_certificate_batch_id")),
        sa.ForeignKeyConstraint(["case_id"], ["clearance_case.id"], name=op.f("fk_certificate_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("case_id", name=op.f("uq_certificate_case_id")),
        sa.UniqueConstraint("check_code", name=op.f("uq_certificate_check_code")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("status_index", name=op.f("uq_certificate_status_index")),
    )
    op.create_index(op.f("ix_certificate_batch_id"), "certificate", ["batch_id"], unique=False)
    op.create_index(op.f("ix_certificate_person_id"), "certificate", ["person_id"], unique=False)
    op.create_index(
        "uq_certificate_live",
        "certificate",
        ["person_id", "level"],
        unique=True,
        postgresql_where=sa.text("state IN ('active', 'suspended')"),
        sqlite_where=sa.text("state IN ('active', 'suspended')"),
    )
    op.create_table(
        "certificate_act",
        sa.Column("id", ID, nullable=False),
        sa.Column("certificate_id", ID, nullable=False),
        sa.Column(
            "action",
            words("certificateaction", "suspend", "restore", "supersede", "cancel", "revoke", "retire"),
            nullable=False,
        ),
        sa.Column("state", words("actstate", "proposed", "done", "declined"), nullable=False),
        sa.Column("reason_cipher", sa.Text(), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_act_certificate_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_certificate_act_proposed_by")),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name=op.f("fk_certificate_act_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_act")),
    )
    op.create_index(op.f("ix_certificate_act_certificate_id"), "certificate_act", ["certificate_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_certificate_act_certificate_id"), table_name="certificate_act")
    op.drop_table("certificate_act")
    op.drop_index(
        "uq_certificate_live",
        table_name="certificate",
        postgresql_where=sa.text("state IN ('active', 'suspended')"),
        sqlite_where=sa.text("state IN ('active', 'suspended')"),
    )
    op.drop_index(op.f("ix_certificate_person_id"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_batch_id"), table_name="certificate")
    op.drop_table("certificate")
    op.drop_index(op.f("ix_batch_entry_case_id"), table_name="batch_entry")
    op.drop_table("batch_entry")
    op.drop_index(op.f("ix_certificate_batch_exam_id"), table_name="certificate_batch")
    op.drop_table("certificate_batch")
    op.drop_table("number_counter")
