"""Make the tables of accounts.

Why: whoever acts signs in, holds roles within a scope, and can be stopped at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "accounts_tables"
down_revision = "people_tables"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_cipher", sa.Text(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_index(op.f("ix_account_person_id"), "account", ["person_id"], unique=False)
    op.create_table(
        "factor_reset",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", ID, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_factor_reset_account_id")),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"], name=op.f("fk_factor_reset_approved_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_factor_reset_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_reset")),
    )
    op.create_index(op.f("ix_factor_reset_account_id"), "factor_reset", ["account_id"], unique=False)
    op.create_table(
        "printed_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_printed_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_code")),
    )
    op.create_index(op.f("ix_printed_code_account_id"), "printed_code", ["account_id"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column(
            "role",
            words(
                "role",
                "candidate",
                "item_author",
                "item_reviewer",
                "exam_officer",
                "exam_approver",
                "chief_proctor",
                "proctor",
                "discipline_handler",
                "discipline_approver",
                "public_security_handler",
                "public_security_approver",
                "panel_member",
                "certificate_officer",
                "certificate_approver",
                "unit_liaison",
                "leader",
                "system_administrator",
                "security_administrator",
                "audit_administrator",
            ),
            nullable=False,
        ),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("granted_by", ID, nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", ID, nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["account.id"], name=op.f("fk_role_grant_granted_by")),
        sa.ForeignKeyConstraint(["revoked_by"], ["account.id"], name=op.f("fk_role_grant_revoked_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_grant_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index("ix_role_grant_account_id_revoked_at", "role_grant", ["account_id", "revoked_at"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_session_token_digest")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_session_account_id"), table_name="session")
    op.drop_table("session")
    op.drop_index("ix_role_grant_account_id_revoked_at", table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index(op.f("ix_printed_code_account_id"), table_name="printed_code")
    op.drop_table("printed_code")
    op.drop_index(op.f("ix_factor_reset_account_id"), table_name="factor_reset")
    op.drop_table("factor_reset")
    op.drop_index(op.f("ix_account_person_id"), table_name="account")
    op.drop_table("account")
