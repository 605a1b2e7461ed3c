"""Make the tables of authoring.

Why: items live in versions that never change, beside who wrote, reviewed and imported them.
"""

import sqlalchemy as sa
from alembic import op

revision = "authoring_tables"
down_revision = "accounts_tables"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "bank",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner_unit_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["owner_unit_id"], ["unit.id"], name=op.f("fk_bank_owner_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank")),
        sa.UniqueConstraint("name", name=op.f("uq_bank_name")),
    )
    op.create_table(
        "topic",
        sa.Column("id", ID, nullable=False),
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.id"], name=op.f("fk_topic_bank_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["topic.id"], name=op.f("fk_topic_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("bank_id", "path", name=op.f("uq_topic_bank_id_path")),
    )
    op.create_table(
        "bank_import",
        sa.Column("id", ID, nullable=False),
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("state", words("importstate", "checked", "committed", "discarded", "undone"), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("read", sa.LargeBinary(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("uploaded_by", ID, nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.id"], name=op.f("fk_bank_import_bank_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_bank_import_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_import")),
    )
    op.create_index(op.f("ix_bank_import_uploaded_by"), "bank_import", ["uploaded_by"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", ID, nullable=False),
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("topic_id", ID, nullable=True),
        sa.Column("state", words("itemstate", "draft", "submitted", "approved", "returned", "retired"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "item_type",
            words("itemtype", "single_choice", "multiple_choice", "true_false", "fill_blank", "short_answer"),
            nullable=False,
        ),
        sa.Column("level", words("level", "primary", "intermediate", "advanced"), nullable=False),
        sa.Column("difficulty", words("difficulty", "easy", "medium", "hard"), nullable=False),
        sa.Column("stem_start", sa.String(length=120), nullable=False),
        sa.Column("stem_fold", sa.Text(), nullable=False),
        sa.Column("duplicate_mark", sa.String(length=64), nullable=False),
        sa.Column("import_id", ID, nullable=True),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.id"], name=op.f("fk_item_bank_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_item_created_by")),
        sa.ForeignKeyConstraint(["import_id"], ["bank_import.id"], name=op.f("fk_item_import_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_item_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
    )
    op.create_index("ix_item_bank_id_state_item_type", "item", ["bank_id", "state", "item_type"], unique=False)
    op.create_index(op.f("ix_item_duplicate_mark"), "item", ["duplicate_mark"], unique=False)
    op.create_index(op.f("ix_item_import_id"), "item", ["import_id"], unique=False)
    op.create_index(op.f("ix_item_topic_id"), "item", ["topic_id"], unique=False)
    op.create_table(
        "item_involvement",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("involvement", words("involvement", "wrote", "reviewed", "imported", "exported"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_involvement_item_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_item_involvement_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_involvement")),
        sa.UniqueConstraint(
            "item_id", "person_id", "involvement", name=op.f("uq_item_involvement_item_id_person_id_involvement")
        ),
    )
    op.create_index(op.f("ix_item_involvement_person_id"), "item_involvement", ["person_id"], unique=False)
    op.create_table(
        "item_review",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", ID, nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_review_item_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["account.id"], name=op.f("fk_item_review_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_review")),
    )
    op.create_index(op.f("ix_item_review_item_id"), "item_review", ["item_id"], unique=False)
    op.create_table(
        "item_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_item_version_author_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_version_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_version")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_item_version_item_id_number")),
    )
    op.create_table(
        "item_usage",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_version_id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("forms", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_version_id"], ["item_version.id"], name=op.f("fk_item_usage_item_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_usage")),
        sa.UniqueConstraint("item_version_id", "exam_id", name=op.f("uq_item_usage_item_version_id_exam_id")),
    )


def downgrade() -> None:
    op.drop_table("item_usage")
    op.drop_table("item_version")
    op.drop_index(op.f("ix_item_review_item_id"), table_name="item_review")
    op.drop_table("item_review")
    op.drop_index(op.f("ix_item_involvement_person_id"), table_name="item_involvement")
    op.drop_table("item_involvement")
    op.drop_index(op.f("ix_item_topic_id"), table_name="item")
    op.drop_index(op.f("ix_item_import_id"), table_name="item")
    op.drop_index(op.f("ix_item_duplicate_mark"), table_name="item")
    op.drop_index("ix_item_bank_id_state_item_type", table_name="item")
    op.drop_table("item")
    op.drop_index(op.f("ix_bank_import_uploaded_by"), table_name="bank_import")
    op.drop_table("bank_import")
    op.drop_table("topic")
    op.drop_table("bank")
