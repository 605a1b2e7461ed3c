"""Let filings bring an ID number: a wrong one corrected, a new person entered.

Why: a number that was typed wrongly stayed for ever, and new persons came by a workbook of the administrator alone.
Going down takes away what was filed in that way; persons and numbers that were confirmed stay.
"""

import sqlalchemy as sa
from alembic import op

from migrations.checks import allow_words, change_rule

revision = "numbers_filed"
down_revision = "printed_notices"
branch_labels = None
depends_on = None

TABLE, KINDS, SUBJECT = "register_change", "ck_register_change_changekind", "ck_register_change_subject"
BEFORE = ("status", "post", "move", "leave", "correction", "figures")
AFTER = (*BEFORE[:-1], "id_number", "newcomer", "figures")
PERSON_OR_UNIT = "(kind = 'figures') = (person_id IS NULL)"
OR_NEWCOMER = f"kind = 'newcomer' OR {PERSON_OR_UNIT}"


def upgrade() -> None:
    """Apply."""
    allow_words(TABLE, KINDS, "kind", AFTER)
    change_rule(TABLE, SUBJECT, before=PERSON_OR_UNIT, after=OR_NEWCOMER)
    op.add_column(TABLE, sa.Column("number_index", sa.String(length=64), nullable=True))
    op.create_index("uq_register_change_number_index", TABLE, ["number_index"], unique=True)


def downgrade() -> None:
    """Undo."""
    op.drop_index("uq_register_change_number_index", TABLE)
    op.drop_column(TABLE, "number_index")
    op.execute(f"DELETE FROM {TABLE} WHERE kind IN ('id_number', 'newcomer')")
    change_rule(TABLE, SUBJECT, before=OR_NEWCOMER, after=PERSON_OR_UNIT)
    allow_words(TABLE, KINDS, "kind", BEFORE)
