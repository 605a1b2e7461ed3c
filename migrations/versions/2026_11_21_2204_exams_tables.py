"""Make the tables of exams.

Why: a blueprint becomes an exam, an exam's pool and forms are frozen when it is sealed.
"""

import sqlalchemy as sa
from alembic import op

revision = "exams_tables"
down_revision = "authoring_tables"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "blueprint",
        sa.Column("id", ID, nullable=False),
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("level", words("level", "primary", "intermediate", "advanced"), nullable=False),
        sa.Column("state", words("blueprintstate", "draft", "submitted", "approved", "returned"), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", ID, nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("approved_by", ID, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"], name=op.f("fk_blueprint_approved_by")),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.id"], name=op.f("fk_blueprint_bank_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_blueprint_created_by")),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name=op.f("fk_blueprint_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blueprint")),
        sa.UniqueConstraint("name", name=op.f("uq_blueprint_name")),
    )
    op.create_table(
        "exam",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("level", words("level", "primary", "intermediate", "advanced"), nullable=False),
        sa.Column("blueprint_id", ID, nullable=False),
        sa.Column(
            "state",
            words("examstate", "draft", "submitted", "published", "seal_proposed", "sealed", "cancelled"),
            nullable=False,
        ),
        sa.Column("registration_opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registration_closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("late_entry_minutes", sa.Integer(), nullable=False),
        sa.Column("earliest_hand_in_minutes", sa.Integer(), nullable=False),
        sa.Column("reserve_forms", sa.Integer(), nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", ID, nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("published_by", ID, nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seal_proposed_by", ID, nullable=True),
        sa.Column("sealed_by", ID, nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seed_cipher", sa.Text(), nullable=True),
        sa.Column("seed_commitment", sa.String(length=64), nullable=True),
        sa.Column("seed_disclosed", sa.String(length=64), nullable=True),
        sa.Column("pool_hash", sa.String(length=64), nullable=True),
        sa.Column("forms_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 600", name=op.f("ck_exam_duration")),
        sa.CheckConstraint("registration_closes_at > registration_opens_at", name=op.f("ck_exam_registration_window")),
        sa.ForeignKeyConstraint(["blueprint_id"], ["blueprint.id"], name=op.f("fk_exam_blueprint_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_exam_created_by")),
        sa.ForeignKeyConstraint(["published_by"], ["account.id"], name=op.f("fk_exam_published_by")),
        sa.ForeignKeyConstraint(["seal_proposed_by"], ["account.id"], name=op.f("fk_exam_seal_proposed_by")),
        sa.ForeignKeyConstraint(["sealed_by"], ["account.id"], name=op.f("fk_exam_sealed_by")),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name=op.f("fk_exam_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam")),
        sa.UniqueConstraint("name", name=op.f("uq_exam_name")),
    )
    op.create_table(
        "registration_list",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("state", words("liststate", "checked", "committed", "discarded"), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("uploaded_by", ID, nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_registration_list_exam_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_registration_list_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_list")),
    )
    op.create_index(op.f("ix_registration_list_exam_id"), "registration_list", ["exam_id"], unique=False)
    op.create_table(
        "sitting",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_sitting_window")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_sitting_exam_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
    )
    op.create_index(op.f("ix_sitting_exam_id"), "sitting", ["exam_id"], unique=False)
    op.create_table(
        "pool_item",
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("item_version_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_pool_item_exam_id")),
        sa.ForeignKeyConstraint(["item_version_id"], ["item_version.id"], name=op.f("fk_pool_item_item_version_id")),
        sa.PrimaryKeyConstraint("exam_id", "item_version_id", name=op.f("pk_pool_item")),
    )
    op.create_table(
        "room",
        sa.Column("id", ID, nullable=False),
        sa.Column("sitting_id", ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("remote", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_room_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("sitting_id", "name", name=op.f("uq_room_sitting_id_name")),
    )
    op.create_table(
        "registration",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("sitting_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column(
            "state", words("registrationstate", "registered", "confirmed", "refused", "withdrawn"), nullable=False
        ),
        sa.Column("eligibility", sa.JSON(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("ticket_number", sa.String(length=32), nullable=True),
        sa.Column("room_id", ID, nullable=True),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("registered_by", ID, nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_registration_exam_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registration_person_id")),
        sa.ForeignKeyConstraint(["registered_by"], ["account.id"], name=op.f("fk_registration_registered_by")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_registration_room_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name=op.f("fk_registration_settled_by")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_registration_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("exam_id", "ticket_number", name=op.f("uq_registration_exam_id_ticket_number")),
        sa.UniqueConstraint("room_id", "seat", name=op.f("uq_registration_room_id_seat")),
    )
    op.create_index(op.f("ix_registration_exam_id"), "registration", ["exam_id"], unique=False)
    op.create_index(op.f("ix_registration_person_id"), "registration", ["person_id"], unique=False)
    op.create_index(op.f("ix_registration_sitting_id"), "registration", ["sitting_id"], unique=False)
    op.create_index(
        "uq_registration_live",
        "registration",
        ["exam_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('registered', 'confirmed')"),
        sqlite_where=sa.text("state IN ('registered', 'confirmed')"),
    )
    op.create_table(
        "room_proctor",
        sa.Column("room_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_room_proctor_account_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_proctor_room_id")),
        sa.PrimaryKeyConstraint("room_id", "account_id", name=op.f("pk_room_proctor")),
    )
    op.create_table(
        "form",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("registration_id", ID, nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_form_exam_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_form_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form")),
        sa.UniqueConstraint("exam_id", "number", name=op.f("uq_form_exam_id_number")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_form_registration_id")),
    )


def downgrade() -> None:
    op.drop_table("form")
    op.drop_table("room_proctor")
    op.drop_index(
        "uq_registration_live",
        table_name="registration",
        postgresql_where=sa.text("state IN ('registered', 'confirmed')"),
        sqlite_where=sa.text("state IN ('registered', 'confirmed')"),
    )
    op.drop_index(op.f("ix_registration_sitting_id"), table_name="registration")
    op.drop_index(op.f("ix_registration_person_id"), table_name="registration")
    op.drop_index(op.f("ix_registration_exam_id"), table_name="registration")
    op.drop_table("registration")
    op.drop_table("room")
    op.drop_table("pool_item")
    op.drop_index(op.f("ix_sitting_exam_id"), table_name="sitting")
    op.drop_table("sitting")
    op.drop_index(op.f("ix_registration_list_exam_id"), table_name="registration_list")
    op.drop_table("registration_list")
    op.drop_table("exam")
    op.drop_table("blueprint")
