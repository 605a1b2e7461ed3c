"""Make the tables of clearance.

Why: two offices, each with a handler and an approver, a joint review and a public notice.
"""

import sqlalchemy as sa
from alembic import op

revision = "clearance_tables"
down_revision = "grading_tables"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "public_notice",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("state", words("noticestate", "proposed", "published", "declined"), nullable=False),
        sa.Column("document_number", sa.String(length=100), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", ID, nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_public_notice_exam_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_public_notice_proposed_by")),
        sa.ForeignKeyConstraint(["published_by"], ["account.id"], name=op.f("fk_public_notice_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_notice")),
    )
    op.create_index(op.f("ix_public_notice_exam_id"), "public_notice", ["exam_id"], unique=False)
    op.create_table(
        "clearance_case",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("state", words("casestate", "checking", "in_review", "approved", "rejected"), nullable=False),
        sa.Column("review", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_clearance_case_exam_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_clearance_case_person_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_clearance_case_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearance_case")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_clearance_case_registration_id")),
    )
    op.create_index(op.f("ix_clearance_case_exam_id"), "clearance_case", ["exam_id"], unique=False)
    op.create_index(op.f("ix_clearance_case_person_id"), "clearance_case", ["person_id"], unique=False)
    op.create_table(
        "clearance_check",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("office", words("office", "discipline", "public_security"), nullable=False),
        sa.Column("state", words("checkstate", "open", "opined", "statement", "signed"), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outcome", words("outcome", "clear", "adverse", "deferred"), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["clearance_case.id"], name=op.f("fk_clearance_check_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearance_check")),
        sa.UniqueConstraint("case_id", "office", name=op.f("uq_clearance_check_case_id_office")),
    )
    op.create_table(
        "joint_review",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("review", sa.Integer(), nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("approve", sa.Boolean(), nullable=False),
        sa.Column("reason_cipher", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["clearance_case.id"], name=op.f("fk_joint_review_case_id")),
        sa.ForeignKeyConstraint(["member_id"], ["account.id"], name=op.f("fk_joint_review_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_review")),
        sa.UniqueConstraint("case_id", "review", "member_id", name=op.f("uq_joint_review_case_id_review_member_id")),
    )
    op.create_table(
        "notice_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("notice_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("masked_name", sa.String(length=100), nullable=False),
        sa.Column("unit_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["clearance_case.id"], name=op.f("fk_notice_entry_case_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["public_notice.id"], name=op.f("fk_notice_entry_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_entry")),
        sa.UniqueConstraint("notice_id", "case_id", name=op.f("uq_notice_entry_notice_id_case_id")),
    )
    op.create_index(op.f("ix_notice_entry_case_id"), "notice_entry", ["case_id"], unique=False)
    op.create_table(
        "objection",
        sa.Column("id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("state", words("objectionstate", "open", "dismissed", "upheld"), nullable=False),
        sa.Column("text_cipher", sa.Text(), nullable=False),
        sa.Column("contact_cipher", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_cipher", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_objection_decided_by")),
        sa.ForeignKeyConstraint(["entry_id"], ["notice_entry.id"], name=op.f("fk_objection_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index(op.f("ix_objection_entry_id"), "objection", ["entry_id"], unique=False)
    op.create_table(
        "opinion",
        sa.Column("id", ID, nullable=False),
        sa.Column("check_id", ID, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("handler_id", ID, nullable=False),
        sa.Column("outcome", words("outcome", "clear", "adverse", "deferred"), nullable=False),
        sa.Column("ground_cipher", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["clearance_check.id"], name=op.f("fk_opinion_check_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["account.id"], name=op.f("fk_opinion_handler_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
    )
    op.create_index(op.f("ix_opinion_check_id"), "opinion", ["check_id"], unique=False)
    op.create_table(
        "statement",
        sa.Column("id", ID, nullable=False),
        sa.Column("check_id", ID, nullable=False),
        sa.Column("text_cipher", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["clearance_check.id"], name=op.f("fk_statement_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("check_id", name=op.f("uq_statement_check_id")),
    )
    op.create_table(
        "sign_off",
        sa.Column("id", ID, nullable=False),
        sa.Column("opinion_id", ID, nullable=False),
        sa.Column("approver_id", ID, nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("reason_cipher", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["approver_id"], ["account.id"], name=op.f("fk_sign_off_approver_id")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinion.id"], name=op.f("fk_sign_off_opinion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
        sa.UniqueConstraint("opinion_id", name=op.f("uq_sign_off_opinion_id")),
    )


def downgrade() -> None:
    op.drop_table("sign_off")
    op.drop_table("statement")
    op.drop_index(op.f("ix_opinion_check_id"), table_name="opinion")
    op.drop_table("opinion")
    op.drop_index(op.f("ix_objection_entry_id"), table_name="objection")
    op.drop_table("objection")
    op.drop_index(op.f("ix_notice_entry_case_id"), table_name="notice_entry")
    op.drop_table("notice_entry")
    op.drop_table("joint_review")
    op.drop_table("clearance_check")
    op.drop_index(op.f("ix_clearance_case_person_id"), table_name="clearance_case")
    op.drop_index(op.f("ix_clearance_case_exam_id"), table_name="clearance_case")
    op.drop_table("clearance_case")
    op.drop_index(op.f("ix_public_notice_exam_id"), table_name="public_notice")
    op.drop_table("public_notice")
