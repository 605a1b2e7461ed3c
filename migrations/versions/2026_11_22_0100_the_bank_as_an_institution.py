"""Give the bank its register of documents, its search, its enemies and what is near, and promises of confidentiality.

Why: an item rests on a document and leaves the draw when that is superseded; 100,000 items are found by two characters,
pinyin or initials; what was already in the bank is indexed by the worker, which finds it by `pinyin` still being null.
"""

import sqlalchemy as sa
from alembic import op

revision = "bank_institution"
down_revision = "declarations"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KINDS = ("constitution", "rules", "regulations", "provisions", "measures", "law", "opinions", "notice", "other")
LISTED = (
    "bank_id",
    "id",
    "state",
    "item_type",
    "level",
    "difficulty",
    "topic_id",
    "stale_from",
    "created_by",
    "import_id",
    "last_seen_at",
)


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def reference(name: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """A named foreign key to the `id` of another table."""
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{name}_{column}")


def upgrade() -> None:
    """Apply."""
    for column, kind in (
        ("pinyin", "VARCHAR(400)"),
        ("initials", "VARCHAR(48)"),
        ("stale_from", "DATE"),
        ("forms_seen", "INTEGER DEFAULT 0 NOT NULL"),
        ("last_seen_at", "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"),
        (
            "confidentiality",
            """VARCHAR(32) DEFAULT 'internal' NOT NULL CONSTRAINT ck_item_confidentiality
            CHECK (confidentiality IN ('public', 'internal', 'secret'))""",
        ),
    ):
        # Plainly, for Alembic would rebuild the table on SQLite to add the CHECK, and rows refer to it.
        op.execute(f"ALTER TABLE item ADD COLUMN {column} {kind}")
    op.create_index("ix_item_bank_id_id_state", "item", list(LISTED))
    op.execute(
        "UPDATE item SET forms_seen = COALESCE((SELECT SUM(u.forms) FROM item_usage u JOIN item_version v"
        " ON v.id = u.item_version_id WHERE v.item_id = item.id), 0), last_seen_at = (SELECT MAX(u.at)"
        " FROM item_usage u JOIN item_version v ON v.id = u.item_version_id WHERE v.item_id = item.id)"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE item_search (id BIGINT PRIMARY KEY REFERENCES item (id), words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_item_search_words ON item_search USING gin (words)")
    else:
        op.execute("CREATE VIRTUAL TABLE item_search USING fts5(words, tokenize='ascii', detail=none)")
    op.create_table(
        "document",
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("issuer", sa.String(200), nullable=False),
        sa.Column("kind", words("documentkind", *KINDS), nullable=False),
        sa.Column("number", sa.String(200), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("superseded_on", sa.Date(), nullable=True),
        sa.Column("superseded_by_id", ID, nullable=True),
        sa.Column("registered_by", ID, nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        reference("document", "superseded_by_id", "document"),
        reference("document", "registered_by", "account"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_table(
        "document_name",
        sa.Column("id", ID, nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("fold", sa.String(200), nullable=False),
        reference("document_name", "document_id", "document"),
        sa.PrimaryKeyConstraint("id", name="pk_document_name"),
        sa.UniqueConstraint("fold", name="uq_document_name_fold"),
    )
    op.create_table(
        "document_clause",
        sa.Column("id", ID, nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("fold", sa.String(200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        reference("document_clause", "document_id", "document"),
        sa.PrimaryKeyConstraint("id", name="pk_document_clause"),
        sa.UniqueConstraint("document_id", "fold", name="uq_document_clause_document_id_fold"),
    )
    op.create_table(
        "citation",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document_words", sa.String(200), nullable=False),
        sa.Column("clause_words", sa.String(200), nullable=False),
        sa.Column("fold", sa.String(200), nullable=False),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("confirmed_by", ID, nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        reference("citation", "item_id", "item"),
        reference("citation", "document_id", "document"),
        reference("citation", "confirmed_by", "account"),
        sa.PrimaryKeyConstraint("id", name="pk_citation"),
        sa.UniqueConstraint("item_id", "position", name="uq_citation_item_id_position"),
    )
    op.create_index("ix_citation_document_id_item_id", "citation", ["document_id", "item_id"])
    op.create_index("ix_citation_fold", "citation", ["fold"])
    op.create_table(
        "item_tag",
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("tag", sa.String(200), nullable=False),
        sa.Column("item_id", ID, nullable=False),
        reference("item_tag", "bank_id", "bank"),
        reference("item_tag", "item_id", "item"),
        sa.PrimaryKeyConstraint("bank_id", "tag", "item_id", name="pk_item_tag"),
    )
    op.create_index("ix_item_tag_item_id", "item_tag", ["item_id"])
    op.create_table(
        "saved_filter",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        reference("saved_filter", "account_id", "account"),
        reference("saved_filter", "bank_id", "bank"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filter"),
        sa.UniqueConstraint("account_id", "bank_id", "name", name="uq_saved_filter_account_id_bank_id_name"),
    )
    op.create_table(
        "enemy_pair",
        sa.Column("id", ID, nullable=False),
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("other_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_by", ID, nullable=False),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.CheckConstraint("item_id < other_id", name="ck_enemy_pair_ordered"),
        reference("enemy_pair", "bank_id", "bank"),
        reference("enemy_pair", "item_id", "item"),
        reference("enemy_pair", "other_id", "item"),
        reference("enemy_pair", "declared_by", "account"),
        sa.PrimaryKeyConstraint("id", name="pk_enemy_pair"),
        sa.UniqueConstraint("item_id", "other_id", name="uq_enemy_pair_item_id_other_id"),
    )
    op.create_index("ix_enemy_pair_bank_id", "enemy_pair", ["bank_id"])
    op.create_table(
        "near_group",
        sa.Column("id", ID, nullable=False),
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        reference("near_group", "bank_id", "bank"),
        sa.PrimaryKeyConstraint("id", name="pk_near_group"),
    )
    op.create_index("ix_near_group_bank_id", "near_group", ["bank_id"])
    op.create_table(
        "near_check",
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        reference("near_check", "bank_id", "bank"),
        sa.PrimaryKeyConstraint("bank_id", name="pk_near_check"),
    )
    op.create_table(
        "promise",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=False),
        reference("promise", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name="pk_promise"),
        sa.UniqueConstraint("account_id", "edition", name="uq_promise_account_id_edition"),
    )
    op.create_table(
        "blueprint_alert",
        sa.Column("id", ID, nullable=False),
        sa.Column("blueprint_id", ID, nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("short", sa.JSON(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        reference("blueprint_alert", "blueprint_id", "blueprint"),
        sa.PrimaryKeyConstraint("id", name="pk_blueprint_alert"),
    )
    op.create_index("ix_blueprint_alert_blueprint_id", "blueprint_alert", ["blueprint_id"])


def downgrade() -> None:
    """Undo."""
    for table in (
        "blueprint_alert",
        "promise",
        "near_check",
        "near_group",
        "enemy_pair",
        "saved_filter",
        "item_tag",
        "citation",
        "document_clause",
        "document_name",
        "document",
        "item_search",
    ):
        op.drop_table(table)
    op.drop_index("ix_item_bank_id_id_state", table_name="item")
    for column in ("confidentiality", "last_seen_at", "forms_seen", "stale_from", "initials", "pinyin"):
        op.execute(f"ALTER TABLE item DROP COLUMN {column}")
