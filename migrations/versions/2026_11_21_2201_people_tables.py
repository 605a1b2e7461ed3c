"""Make the tables of people.

Why: units, party organisations, persons, their standing and the working calendar stand below everything.
"""

import sqlalchemy as sa
from alembic import op

revision = "people_tables"
down_revision = "audit_triggers"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "unit",
        sa.Column("id", ID, nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            words(
                "unitkind",
                "county",
                "township",
                "city_organ",
                "institution",
                "soe",
                "village",
                "community",
                "school",
                "hospital",
                "non_public",
                "social_organisation",
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("quota_posts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("name", name=op.f("uq_unit_name")),
        sa.UniqueConstraint("path", name=op.f("uq_unit_path")),
    )
    op.create_table(
        "party_organisation",
        sa.Column("id", ID, nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("kind", words("partyorganisationkind", "committee", "general_branch", "branch"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["party_organisation.id"], name=op.f("fk_party_organisation_parent_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_party_organisation_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_organisation")),
    )
    op.create_index(op.f("ix_party_organisation_unit_id"), "party_organisation", ["unit_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_pinyin", sa.String(length=200), nullable=False),
        sa.Column("name_initials", sa.String(length=40), nullable=False),
        sa.Column("gender", words("gender", "male", "female"), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("id_number_cipher", sa.Text(), nullable=False),
        sa.Column("id_number_index", sa.String(length=64), nullable=False),
        sa.Column("id_number_masked", sa.String(length=18), nullable=False),
        sa.Column("wrapped_key", sa.Text(), nullable=True),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("party_organisation_id", ID, nullable=True),
        sa.Column(
            "political_status",
            words("politicalstatus", "full_member", "probationary_member", "league_member", "other"),
            nullable=False,
        ),
        sa.Column("in_post", sa.Boolean(), nullable=False),
        sa.Column("post", sa.String(length=100), nullable=False),
        sa.Column(
            "education", words("education", "below_college", "college", "bachelor", "master", "doctor"), nullable=False
        ),
        sa.Column("photo", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_organisation_id"], ["party_organisation.id"], name=op.f("fk_person_party_organisation_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("id_number_index", name=op.f("uq_person_id_number_index")),
    )
    op.create_index(op.f("ix_person_name_initials"), "person", ["name_initials"], unique=False)
    op.create_index(op.f("ix_person_name_pinyin"), "person", ["name_pinyin"], unique=False)
    op.create_index("ix_person_unit_id_in_post", "person", ["unit_id", "in_post"], unique=False)
    op.create_table(
        "person_relation",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("other_id", ID, nullable=False),
        sa.Column(
            "relation", words("relation", "spouse", "kin", "in_law", "superior", "other_interest"), nullable=False
        ),
        sa.CheckConstraint("person_id <> other_id", name=op.f("ck_person_relation_two_people")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_person_relation_other_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_relation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_relation")),
        sa.UniqueConstraint("person_id", "other_id", name=op.f("uq_person_relation_person_id_other_id")),
    )
    op.create_index(op.f("ix_person_relation_other_id"), "person_relation", ["other_id"], unique=False)
    op.create_table(
        "standing_fact",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column(
            "kind", words("factkind", "level_held", "level_suspended", "barred", "training_hours"), nullable=False
        ),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("level", words("level", "primary", "intermediate", "advanced"), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_standing_fact_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_fact")),
    )
    op.create_index(op.f("ix_standing_fact_person_id"), "standing_fact", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_standing_fact_person_id"), table_name="standing_fact")
    op.drop_table("standing_fact")
    op.drop_index(op.f("ix_person_relation_other_id"), table_name="person_relation")
    op.drop_table("person_relation")
    op.drop_index("ix_person_unit_id_in_post", table_name="person")
    op.drop_index(op.f("ix_person_name_pinyin"), table_name="person")
    op.drop_index(op.f("ix_person_name_initials"), table_name="person")
    op.drop_table("person")
    op.drop_index(op.f("ix_party_organisation_unit_id"), table_name="party_organisation")
    op.drop_table("party_organisation")
    op.drop_table("unit")
    op.drop_table("calendar_day")
